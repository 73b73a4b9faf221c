package table

import "slices"

// gap is an entry of a map without a key and a value.
type gap struct {
	at  uint32
	def uint8
}

// gatherMap is gather for a column of a map. The column of values follows that of the keys, and
// has the same pieces.
func (e *encoder) gatherMap() {
	if e.leaf.list != e.list {
		e.gatherPieces(e.leaf.list)
	}
	e.defs = repeat(e.defs[:0], e.leaf.maxDef, len(e.reps))
	for _, g := range e.gaps {
		e.defs[g.at] = g.def
	}
	e.count = len(e.reps) - len(e.gaps)
}

// gatherPieces collects what the columns of a map have in common: pieces, repetition levels, and the
// ends of the rows.
func (e *encoder) gatherPieces(list int) {
	e.list = list
	e.pieces, e.gaps = e.pieces[:0], e.gaps[:0]
	e.rowEnds = slices.Grow(e.rowEnds[:0], e.rows)
	end := 0
	for i := range e.runs {
		r := &e.runs[i]
		l := &r.batch.lists[list]
		for _, row := range r.rowsOf[0].each {
			for _, p := range l.pieces[l.start(int(row)):l.ends[row]] {
				if p.n == 0 {
					e.gaps = append(e.gaps, gap{uint32(end), p.base})
				}
				e.pieces = append(e.pieces, p)
				end += max(1, int(p.n))
			}
			e.rowEnds = append(e.rowEnds, uint32(end))
		}
		r.pieces, r.values = len(e.pieces), end-len(e.gaps)
	}
	e.repeatPieces(end)
}

// repeatPieces makes the repetition levels of all pieces, which have so many entries.
func (e *encoder) repeatPieces(entries int) {
	e.reps = repeat(e.reps[:0], e.leaf.maxRep, entries)
	at := 0
	for i := range e.pieces {
		p := &e.pieces[i]
		if p.rep != e.leaf.maxRep {
			e.reps[at] = p.rep
		}
		at += max(1, int(p.n))
	}
}

// sourceGroup is a group of entries, which is the same in all batches of a source.
type sourceGroup struct {
	source *Filler
	id     uint32
}

// indexPieces is indexTexts for a column of a map. A piece that comes again has the numbers that
// it had, and so has a group, also in other batches. It returns false if a text is not in the dictionary.
func (e *encoder) indexPieces() bool {
	stock := 0
	e.stocks = e.stocks[:0]
	for _, b := range e.batches {
		e.stocks = append(e.stocks, stock)
		stock += len(b.cols[e.column].ids)
	}
	e.firsts = append(e.firsts[:0], make([]int32, stock)...)
	clear(e.groups)
	from := 0
	for i := range e.runs {
		r := &e.runs[i]
		firsts, ids := e.firsts[e.stocks[r.ordinal]:], r.batch.cols[e.column].ids
		for _, p := range e.pieces[from:r.pieces] {
			if p.n == 0 {
				continue
			}
			first := firsts[p.at] - 1
			if first < 0 {
				first = e.first(r.batch, p)
				firsts[p.at] = first + 1
			}
			if int(first) == len(e.indexes) {
				if !e.index(r, ids[p.at:p.at+p.n]) {
					return false
				}
			} else if !e.indexAgain(e.indexes[first : first+int32(p.n)]) {
				return false
			}
		}
		from = r.pieces
	}
	return true
}

// first returns where the numbers of a piece begin that comes first in its batch.
func (e *encoder) first(b *Batch, p piece) int32 {
	now := int32(len(e.indexes))
	if p.group == 0 || b.source == nil {
		return now
	}
	group := sourceGroup{b.source, p.group}
	if first, ok := e.groups[group]; ok {
		return first
	}
	e.groups[group] = now
	return now
}

// indexAgain appends numbers that came before.
func (e *encoder) indexAgain(numbers []int32) bool {
	before := len(e.indexes)
	e.indexes = append(e.indexes, numbers...)
	if before < trialValues && len(e.indexes) >= trialValues && e.textDict.hopeless(trialValues) {
		e.indexes = e.indexes[:0]
		return false
	}
	return true
}

// expand writes the texts of all pieces one by one, by their numbers in their batches.
func (e *encoder) expand() {
	e.ids = slices.Grow(e.ids[:0], e.count)
	from := 0
	for i := range e.runs {
		r := &e.runs[i]
		ids := r.batch.cols[e.column].ids
		for _, p := range e.pieces[from:r.pieces] {
			e.ids = append(e.ids, ids[p.at:p.at+p.n]...)
		}
		from = r.pieces
	}
}
