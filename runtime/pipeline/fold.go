package pipeline

import (
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/runtime/source"
)

const (
	// foldAfter is how many rejects of one reason an input has whole. Those after them
	// are folded: one reject has their number and lines.
	foldAfter = 10_000
	// foldLines is from how many bytes of line numbers on another folded reject begins.
	foldLines = 32 << 10
	// mostKinds is the most reasons of an input that are counted one by one. Reasons may quote
	// what a line holds.
	mostKinds = 1_000
	otherKind = "another"
)

// rejects are lines of an item that could not become events, in their order.
type rejects struct {
	text []byte         // reject lines
	list []rejected     // what text has, and what was folded already
	seen map[string]int // by kind of reason, those of this item
	fold bool           // may be folded
}

// rejected is a reject that is whole, or neighbouring lines that are folded.
type rejected struct {
	kind string // of the reason, "" for one that is never folded
	end  int    // of its line in text
	source.Reject
	last int64 // the last line; 0 for a reject that is whole
}

// add adds a reject. One that came out of a reject file stays whole: nobody knows whether
// its origin is still there.
func (r *rejects) add(line source.Line, reason, where string) {
	reject := line.Reject(reason, where)
	kind := ""
	if r.fold && line.Rejected == nil {
		kind = kindOf(reject.Reason)
		if r.seen == nil {
			r.seen = map[string]int{}
		}
		if len(r.seen) >= mostKinds && r.seen[kind] == 0 {
			kind = otherKind
		}
		if r.seen[kind]++; r.seen[kind] > foldAfter {
			r.addFolded(kind, reject)
			return
		}
	}
	r.text = append(reject.AppendJSON(r.text), '\n')
	reject.Raw, reject.Short = "", "" // the text has them
	r.list = append(r.list, rejected{kind: kind, end: len(r.text), Reject: reject})
}

func (r *rejects) addFolded(kind string, reject source.Reject) {
	last := &r.list[len(r.list)-1]
	if next := reject.Line == last.last || reject.Line == last.last+1; next && last.last > 0 && last.kind == kind && last.Origin == reject.Origin {
		last.last, last.Count = reject.Line, last.Count+1
		return
	}
	reject.Raw, reject.Short, reject.Truncated, reject.Count = "", "", false, 1
	r.list = append(r.list, rejected{kind: kind, end: len(r.text), Reject: reject, last: reject.Line})
}

// size is the memory of the rejects in bytes.
func (r *rejects) size() int { return len(r.text) + 160*len(r.list) }

// kindOf is a reason without its numbers: places in a line differ, and say the same.
func kindOf(reason string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return -1
		}
		return c
	}, reason)
}

// folds are the rejects of one input by kind of reason.
type folds struct {
	kinds map[string]*fold
	order []*fold
}

type fold struct {
	whole  int           // how many are written whole
	reject source.Reject // what is folded; Count is 0 while nothing is
	lines  []byte        // ranges of lines, without the one that is open
	from   int64         // the range that is open
	last   int64
}

// take returns the lines to write for the next rejects, in their memory as far as it
// suffices.
func (f *folds) take(r *rejects) []byte {
	text, from := r.text[:0], 0
	var more []byte // folded rejects that are full
	for i := range r.list {
		e := &r.list[i]
		line := r.text[from:e.end]
		from = e.end
		if e.kind != "" {
			k := f.of(e.kind)
			if k.whole == foldAfter || e.last > 0 {
				more = k.add(e, more)
				continue
			}
			k.whole++
		}
		text = append(text, line...) // never beyond what was read
	}
	return append(text, more...)
}

func (f *folds) of(kind string) *fold {
	if k := f.kinds[kind]; k != nil {
		return k
	}
	if f.kinds == nil {
		f.kinds = map[string]*fold{}
	}
	if len(f.kinds) >= mostKinds {
		if k := f.kinds[otherKind]; k != nil {
			return k
		}
		kind = otherKind
	}
	k := &fold{}
	f.kinds[kind], f.order = k, append(f.order, k)
	return k
}

// add folds rejects, and appends a line to dst if the one before has become long or is of
// another input.
func (k *fold) add(e *rejected, dst []byte) []byte {
	last, count := max(e.last, e.Line), max(e.Count, 1)
	if k.reject.Count > 0 && (k.reject.Origin != e.Origin || len(k.lines) > foldLines) {
		dst = k.end(dst)
	}
	switch {
	case k.reject.Count == 0:
		k.reject = source.Reject{Origin: e.Origin, Line: e.Line, Reason: e.Reason, Where: e.Where}
		k.from, k.last = e.Line, e.Line
	case e.Line < k.from || e.Line > k.last+1:
		k.close()
		k.from, k.last = e.Line, e.Line
	}
	k.last, k.reject.Count = max(k.last, last), k.reject.Count+count
	return dst
}

// close ends the range that is open.
func (k *fold) close() {
	if len(k.lines) > 0 {
		k.lines = append(k.lines, ',')
	}
	k.lines = strconv.AppendInt(k.lines, k.from, 10)
	if k.last > k.from {
		k.lines = strconv.AppendInt(append(k.lines, '-'), k.last, 10)
	}
}

// end appends the folded reject, if there is one, to dst.
func (k *fold) end(dst []byte) []byte {
	if k.reject.Count == 0 {
		return dst
	}
	k.close()
	k.reject.Lines = string(k.lines)
	dst = append(k.reject.AppendJSON(dst), '\n')
	k.reject, k.lines, k.last = source.Reject{}, k.lines[:0], 0
	return dst
}

// rest returns the lines of what is still folded at the end of the input.
func (f *folds) rest() (text []byte) {
	for _, k := range f.order {
		text = k.end(text)
	}
	return text
}
