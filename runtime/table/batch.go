package table

import (
	"slices"
	"unsafe"

	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Batch holds rows of one schema as columns. It belongs to one goroutine while it is
// filled or reset; otherwise any number of goroutines may read it. It owns all its
// bytes. A column of a Batch holds less than 4 GiB of text.
type Batch struct {
	schema   *Schema
	cols     []column
	branches []presence
	lists    []entries // by leaf.list
	rows     int
	bytes    int
	fill     uint64  // counts the resets
	filler   *Filler // of the current event, nil to look at all its texts
	source   *Filler // of all events so far, nil if they have none or several

	block  []uint64 // of a sealed copy: the memory of its rows
	sealed []texts  // of its columns
}

// column is the values of one leaf, in the order of their entries. A flat column has one entry for
// each row, so a row's number is that of its entry; the columns of a list have one for each of
// its items, see entries. What is absent, as most attributes of an item are, takes no write. The
// columns of a map have the values of its pieces, all of them there.
type column struct {
	there presence // the entries that have a value
	// same, if it is not 0, is the ID of the cell that the first rows have: so many. Their value
	// is at index 0, there are no others yet, and the rows behind them have none. Presence
	// says nothing. Most attributes of most mappings are constants.
	same  uint32
	rows  int
	nums  []int64
	ids   []uint32
	texts *texts // nil for numbers
}

// entries are those that all columns have whose innermost list or map is the same: one for
// each item, and one for a list without items. A map has pieces of entries instead.
type entries struct {
	reps []uint8  // repetition levels
	base []uint8  // the definition level of a column that has nothing of its own in the entry
	ends []uint32 // of each row

	pieces  []piece
	values  int  // of all pieces
	stale   bool // pieces from guessed on have left no guesses, see Batch.guess
	guessed int
}

// start returns the first entry, or piece, of a row.
func (l *entries) start(row int) int {
	if row == 0 {
		return 0
	}
	return int(l.ends[row-1])
}

// NewBatch returns an empty batch.
func (s *Schema) NewBatch() *Batch {
	b := &Batch{schema: s, cols: make([]column, len(s.leaves)), branches: make([]presence, len(s.branches)), lists: make([]entries, len(s.lists))}
	for i, l := range s.leaves {
		if l.physical == format.ByteArray {
			b.cols[i].texts = newTexts(s.scratch.seed)
		}
	}
	return b
}

// Rows is the number of rows appended since the last Reset.
func (b *Batch) Rows() int { return b.rows }

// Bytes is the memory, in bytes, that the rows take, without what is only reserved.
// A text that many rows share counts once. Entries of a map count in each row that has them,
// whether they are kept once or not.
func (b *Batch) Bytes() int { return b.bytes }

// Reserved is the memory, in bytes, that the batch keeps when it is reset.
func (b *Batch) Reserved() (n int) {
	n = len(b.cols) * int(unsafe.Sizeof(column{})) // most of which have nothing
	if b.sealed != nil {
		return n + 8*cap(b.block) + cap(b.sealed)*int(unsafe.Sizeof(texts{}))
	}
	for i := range b.cols {
		c := &b.cols[i]
		n += presentBytes*cap(c.there) + 8*cap(c.nums) + 4*cap(c.ids)
		if t := c.texts; t != nil {
			n += int(unsafe.Sizeof(*t)) + cap(t.bytes) + 4*(cap(t.ends)+cap(t.next)+cap(t.value)) + 8*cap(t.slots)
		}
	}
	for _, there := range b.branches {
		n += presentBytes * cap(there)
	}
	for i := range b.lists {
		l := &b.lists[i]
		n += cap(l.reps) + cap(l.base) + 4*cap(l.ends) + pieceBytes*cap(l.pieces)
	}
	return n
}

// Time returns the `time` of a row in milliseconds since 1970 UTC, 0 if the row has
// no time.
func (b *Batch) Time(row int) int64 {
	leaf := b.schema.timeLeaf
	if leaf < 0 || !b.cols[leaf].has(row) {
		return 0
	}
	return b.cols[leaf].nums[b.cols[leaf].index(row)]
}

// Mark is a place between the rows of a Batch. The zero value is the one before the first row.
type Mark struct{ rows, bytes, texts int }

// Mark returns the place behind the last row.
func (b *Batch) Mark() Mark { return Mark{rows: b.rows, bytes: b.bytes, texts: b.mostTexts()} }

// Row is the number of the first row behind the mark.
func (m Mark) Row() int { return m.rows }

// Most is the most that the rows between two marks would weigh (see Batch.Bytes) in a batch of their
// own. In this one, what they share with rows before them counts once.
func (m Mark) Most(end Mark) int {
	return end.bytes - m.bytes + (end.texts-m.texts)*(textBytes+longestShared)
}

// mostTexts is the most texts that the rows have, each as often as they have it.
func (b *Batch) mostTexts() int {
	n := b.rows * b.schema.flatTexts
	for i := range b.lists {
		l := &b.lists[i]
		n += len(l.reps)*b.schema.lists[i].texts + 2*l.values
	}
	return n
}

// has reports whether an entry has a value.
func (c *column) has(entry int) bool {
	if c.same != 0 {
		return entry < c.rows
	}
	return c.there.has(entry)
}

// index is where the value of an entry is that has one.
func (c *column) index(entry int) int {
	if c.same != 0 {
		return 0
	}
	return c.there.rank(entry)
}

// level is the definition level of an entry of a leaf.
func (b *Batch) level(leaf, entry int) uint8 {
	switch l := &b.schema.leaves[leaf]; {
	case l.role != member:
		return b.lists[l.list].pieces[entry].level(l)
	case b.cols[leaf].has(entry):
		return l.maxDef
	}
	return b.around(leaf, entry)
}

// around is the definition level that an entry has of what is around the leaf.
func (b *Batch) around(leaf, entry int) uint8 {
	l := &b.schema.leaves[leaf]
	for i := l.branch; i != trunk; i = b.schema.branches[i].parent {
		if b.branches[i].has(entry) {
			return b.schema.branches[i].def
		}
	}
	if l.list == flat {
		return 0
	}
	return b.lists[l.list].base[entry]
}

// Reset empties the batch and keeps its memory. No Encode may be reading it; texts of
// events that an EventReader read from it are no longer valid.
func (b *Batch) Reset() {
	for i := range b.cols {
		c := &b.cols[i]
		c.there, c.same, c.nums, c.ids = c.there[:0], 0, c.nums[:0], c.ids[:0]
		if c.texts != nil {
			c.texts.reset()
		}
	}
	for i, there := range b.branches {
		b.branches[i] = there[:0]
	}
	for i := range b.lists {
		l := &b.lists[i]
		l.reps, l.base, l.ends = l.reps[:0], l.base[:0], l.ends[:0]
		l.pieces, l.values, l.stale = l.pieces[:0], 0, false
	}
	b.rows, b.bytes, b.source = 0, 0, nil
	b.fill++
}

// Append adds an event of the schema's layout as a row. It copies the event's texts.
func (b *Batch) Append(ev *ocsf.Event) {
	if b.rows == 0 {
		b.source = b.filler
	} else if b.source != nil && b.source != b.filler {
		b.differ()
	}
	b.put(b.schema.nodes, ev.Cells, 0, 0)
	b.endRow()
}

// differ gives the batch up as that of one source: the IDs of cells say nothing any more
// about all rows.
func (b *Batch) differ() {
	b.source = nil
	for i := range b.cols {
		b.cols[i].spread()
	}
}

func (b *Batch) endRow() {
	for i := range b.lists {
		l := &b.lists[i]
		l.ends = append(l.ends, uint32(len(l.reps)+len(l.pieces)))
	}
	b.rows++
	b.bytes += b.schema.rowBytes
	if b.rows == trialRows {
		b.judge()
	}
}

// judge decides, after the first rows, which columns keep looking texts up.
func (b *Batch) judge() {
	for i := range b.cols {
		c := &b.cols[i]
		if c.texts == nil || c.same != 0 {
			continue
		}
		values := len(c.ids)
		l := &b.schema.leaves[i]
		switch {
		case l.role != member:
			values = b.lists[l.list].values
		case l.list == flat:
			values = c.there.rank(trialRows)
		}
		c.texts.judge(values)
		if c.texts.alone && l.role != member {
			b.guess(l.list)
		}
	}
}

// column returns the column of a leaf to write to.
func (b *Batch) column(leaf int) *column {
	c := &b.cols[leaf]
	c.spread()
	return c
}

// spread gives each row its own value.
func (c *column) spread() {
	if c.same == 0 {
		return
	}
	c.same = 0
	c.there = c.there[:0]
	c.there.addAll(0, c.rows)
	if c.texts == nil {
		c.nums = repeat(c.nums[:0], c.nums[0], c.rows)
	} else {
		c.ids = repeat(c.ids[:0], c.ids[0], c.rows)
	}
}

// repeat appends a value so many times.
func repeat[T any](dst []T, v T, times int) []T {
	n := len(dst)
	dst = slices.Grow(dst, times)[:n+times]
	fill(dst[n:], v)
	return dst
}

// fill sets all values to one, by copies that are twice as long each.
func fill[T any](values []T, v T) {
	if len(values) == 0 {
		return
	}
	values[0] = v
	for n := 1; n < len(values); n *= 2 {
		copy(values[n:], values[:n])
	}
}
