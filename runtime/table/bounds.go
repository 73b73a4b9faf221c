package table

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
	"unsafe"

	"github.com/parquet-go/parquet-go/format"
)

// longestBound is the most bytes of a text that the page index holds. The statistics
// of a chunk leave a longer text out: engines answer min() and max() from them, and
// would return the cut text.
const longestBound = 64

// bounds are the least and the greatest of some values, texts or numbers.
type bounds struct {
	any, isText    bool
	low, high      string
	least, biggest int64 // doubles as ordered returns them
}

// add makes b those of its values and of o's.
func (b *bounds) add(o *bounds) {
	switch {
	case !o.any:
	case !b.any:
		*b = *o
	default:
		b.low, b.high = min(b.low, o.low), max(b.high, o.high)
		b.least, b.biggest = min(b.least, o.least), max(b.biggest, o.biggest)
	}
}

func (b *bounds) addTexts(texts []string) {
	if len(texts) == 0 {
		return
	}
	b.addText(texts[0])
	low, high := head(b.low), head(b.high)
	for _, s := range texts[1:] {
		// Most texts are neither, and their first bytes tell.
		if h := head(s); h <= low && s < b.low {
			b.low, low = s, h
		} else if h >= high && s > b.high {
			b.high, high = s, h
		}
	}
}

// head returns the first eight bytes of a text as a number, so that the head of a text is not
// greater than that of one behind it.
func head(s string) (h uint64) {
	if len(s) >= 8 {
		return binary.BigEndian.Uint64(unsafe.Slice(unsafe.StringData(s), 8))
	}
	for i := range len(s) {
		h |= uint64(s[i]) << (56 - 8*i)
	}
	return h
}

func (b *bounds) addText(s string) {
	if !b.any || s < b.low {
		b.low = s
	}
	if !b.any || s > b.high {
		b.high = s
	}
	b.any, b.isText = true, true
}

func (b *bounds) addNumbers(nums []int64, t format.Type) {
	for _, v := range nums {
		if t == format.Double {
			v = ordered(v)
		}
		if !b.any {
			b.any, b.least, b.biggest = true, v, v
			continue
		}
		b.least, b.biggest = min(b.least, v), max(b.biggest, v)
	}
}

// ordered maps the bits of a double to an integer of the same order, and back.
func ordered(v int64) int64 { return v ^ int64(uint64(v>>63)>>1) }

// summarise fills in the chunk's statistics and column index. Repeated columns have an
// index too, although engines seldom skip pages by what is inside a list: some readers
// look at the first column to learn whether a file has an index.
func (e *encoder) summarise() {
	c := e.out
	c.lastPage = len(e.group.pages)
	c.hasColumns = c.hasOffsets
	e.pageBounds = e.pageBounds[:0]
	var all bounds
	if c.hasColumns && len(e.pages) > 1 {
		for i := range e.pages {
			b := e.boundsOf(&e.pages[i])
			e.pageBounds = append(e.pageBounds, b)
			all.add(&b)
		}
	} else {
		all = e.chunkBounds()
		e.pageBounds = append(e.pageBounds, all)
	}
	if low, high, ok := e.encodeBounds(&all); ok && len(low) > 0 && len(low) <= longestBound && len(high) <= longestBound {
		c.low, c.high = e.group.addBound(low), e.group.addBound(high)
	}
	if c.hasColumns {
		e.indexPages()
	}
}

func (e *encoder) chunkBounds() (b bounds) {
	if e.leaf.physical != format.ByteArray {
		if e.taken == len(e.nums) {
			b.addNumbers(e.numberDict.values[:min(len(e.nums), e.distinct())], e.leaf.physical)
		} else {
			b.addNumbers(e.nums, e.leaf.physical)
		}
		return b
	}
	if e.taken > 0 {
		b.addTexts(e.textDict.values)
	}
	b.addTexts(e.strs)
	return b
}

func (e *encoder) boundsOf(p *page) (b bounds) {
	switch {
	case e.leaf.physical != format.ByteArray:
		b.addNumbers(e.nums[p.values:p.valueEnd], e.leaf.physical)
	case !p.byNumber:
		b.addTexts(e.strs[p.values-e.taken : p.valueEnd-e.taken])
	default:
		e.used = append(e.used[:0], make([]bool, e.distinct())...)
		for _, x := range e.indexes[p.values:p.valueEnd] {
			e.used[x] = true
		}
		for i, used := range e.used {
			if used {
				b.addText(e.textDict.values[i])
			}
		}
	}
	return b
}

// indexPages adds the bounds of the pages to the page index, or none if a page has
// values that cannot be bounded.
func (e *encoder) indexPages() {
	c, kept := e.out, len(e.group.bounds)
	entries := e.group.pages[c.firstPage:c.lastPage]
	for i := range e.pageBounds {
		b := &e.pageBounds[i]
		if !b.any {
			continue
		}
		low, high, ok := e.encodeBounds(b)
		if ok {
			low = cutLow(low)
			high, ok = cutHigh(high)
		}
		if !ok {
			c.hasColumns, e.group.bounds = false, e.group.bounds[:kept]
			return
		}
		entries[i].low, entries[i].high = e.group.addBound(low), e.group.addBound(high)
	}
	c.order = order(e.pageBounds)
}

// encodeBounds encodes bounds of the current column; the results are valid until the
// next call.
func (e *encoder) encodeBounds(b *bounds) (low, high []byte, ok bool) {
	e.low, e.high, ok = b.encode(e.low[:0], e.high[:0], e.leaf.physical)
	return e.low, e.high, ok
}

// order returns whether the bounds of the pages ascend or descend.
func order(pages []bounds) format.BoundaryOrder {
	up, down := true, true
	var last *bounds
	for i := range pages {
		b := &pages[i]
		if !b.any {
			continue
		}
		if last != nil {
			up = up && last.low <= b.low && last.high <= b.high && last.least <= b.least && last.biggest <= b.biggest
			down = down && last.low >= b.low && last.high >= b.high && last.least >= b.least && last.biggest >= b.biggest
		}
		last = b
	}
	switch {
	case up:
		return format.Ascending
	case down:
		return format.Descending
	}
	return format.Unordered
}

// encode appends the bounds in the bytes of the format. NaN is not allowed in
// statistics; zero is minus zero as a lower bound and plus zero as an upper one.
func (b *bounds) encode(low, high []byte, t format.Type) ([]byte, []byte, bool) {
	if !b.any {
		return low, high, false
	}
	if b.isText {
		return append(low, beginning(b.low)...), append(high, beginning(b.high)...), true
	}
	least, biggest := b.least, b.biggest
	switch t {
	case format.Boolean:
		return append(low, byte(least)), append(high, byte(biggest)), true
	case format.Int32:
		return binary.LittleEndian.AppendUint32(low, uint32(least)), binary.LittleEndian.AppendUint32(high, uint32(biggest)), true
	case format.Double:
		f, g := math.Float64frombits(uint64(ordered(least))), math.Float64frombits(uint64(ordered(biggest)))
		if math.IsNaN(f) || math.IsNaN(g) {
			return low, high, false
		}
		if f == 0 {
			f = math.Copysign(0, -1)
		}
		least, biggest = int64(math.Float64bits(f)), int64(math.Float64bits(g+0))
	}
	return binary.LittleEndian.AppendUint64(low, uint64(least)), binary.LittleEndian.AppendUint64(high, uint64(biggest)), true
}

// beginning is as much of a text as cutting it needs.
func beginning(s string) string { return s[:min(len(s), longestBound+utf8.UTFMax)] }

// cutLow shortens a lower bound: the beginning of a text is never above the text.
func cutLow(b []byte) []byte { return b[:cutAt(b)] }

// cutHigh shortens an upper bound: the beginning of a text, its last character
// replaced by the next one, is above every text with that beginning. It fails if there is
// no next character.
func cutHigh(b []byte) ([]byte, bool) {
	n := cutAt(b)
	if n == len(b) {
		return b, true
	}
	b = b[:n]
	for len(b) > 0 {
		r, size := utf8.DecodeLastRune(b)
		b = b[:len(b)-size]
		if size == 1 && r == utf8.RuneError {
			continue
		}
		if r++; r == 0xD800 {
			r = 0xE000
		}
		if r <= utf8.MaxRune {
			return utf8.AppendRune(b, r), true
		}
	}
	return nil, false
}

// cutAt returns where to cut a text: between characters, within the longest bound.
func cutAt(b []byte) int {
	if len(b) <= longestBound {
		return len(b)
	}
	n := longestBound
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}
