package table

import (
	"slices"

	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Batch holds rows of one schema as columns. It belongs to one goroutine while it is
// filled or reset; otherwise any number of goroutines may read it. It owns all its
// bytes. A column of a Batch holds less than 4 GiB of text.
type Batch struct {
	schema *Schema
	cols   []column
	lists  []entries // by leaf.list
	rows   int
	space  int // rows that the flat columns have memory for
	bytes  int
	fill   uint64  // counts the resets
	filler *Filler // of the current event, nil to look at all its texts
	source *Filler // of all events so far, nil if they have none or several
}

// column is one leaf's definition levels and values, one of each for each entry. A flat
// column has one entry for each row, so a row's number is its index; the columns of a list
// have one for each of its items, see entries. If the level says absent, the value has no
// meaning. Level 0 stands for the least that the entry can have: 0 in a flat column,
// entries.base in a list. So what is absent, as most attributes of an item are, needs no
// write.
type column struct {
	// some says that an entry was written. If none was, all levels are 0, and there may be no
	// memory for them.
	some bool
	// same, if it is not 0, is the ID of the cell that the first rows have: so many. Their
	// level and value are at index 0, nothing is at the others yet, and the rows behind them
	// have none. Most attributes of most mappings are constants.
	same  uint32
	rows  int
	defs  []uint8
	nums  []int64
	ids   []uint32
	texts *texts // nil for numbers
}

// entries are those that all columns have whose innermost list or map is the same: one for
// each item, and one for a list without items.
type entries struct {
	reps  []uint8  // repetition levels
	base  []uint8  // the definition level of a column that has nothing of its own in the entry
	ends  []uint32 // of each row
	space int      // entries that the columns have memory for
}

// start returns the first entry of a row.
func (l *entries) start(row int) int {
	if row == 0 {
		return 0
	}
	return int(l.ends[row-1])
}

// minSpace is the rows that a batch has memory for at first. It is little, because a thousand
// days make as many batches of a row.
const minSpace = 8

// NewBatch returns an empty batch.
func (s *Schema) NewBatch() *Batch {
	b := &Batch{schema: s, cols: make([]column, len(s.leaves)), lists: make([]entries, len(s.lists))}
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
// A text that many rows share counts once.
func (b *Batch) Bytes() int { return b.bytes }

// Reserved is the memory, in bytes, that the batch keeps when it is reset.
func (b *Batch) Reserved() (n int) {
	for i := range b.cols {
		c := &b.cols[i]
		n += cap(c.defs) + 8*cap(c.nums) + 4*cap(c.ids)
		if t := c.texts; t != nil {
			n += cap(t.bytes) + 4*(cap(t.ends)+cap(t.next)+cap(t.value)) + 8*cap(t.slots)
		}
	}
	for i := range b.lists {
		l := &b.lists[i]
		n += cap(l.reps) + cap(l.base) + 4*cap(l.ends)
	}
	return n
}

// Time returns the `time` of a row in milliseconds since 1970 UTC, 0 if the row has
// no time.
func (b *Batch) Time(row int) int64 {
	leaf := b.schema.timeLeaf
	if leaf < 0 || b.cols[leaf].level(row) == 0 {
		return 0
	}
	return b.cols[leaf].nums[b.cols[leaf].index(row)]
}

// level is the definition level that an entry has of its own, 0 if it has none.
func (c *column) level(entry int) uint8 {
	if !c.some || c.same != 0 && entry >= c.rows {
		return 0
	}
	return c.defs[c.index(entry)]
}

// index is where the level and the value of an entry are that has some.
func (c *column) index(entry int) int {
	if c.same != 0 {
		return 0
	}
	return entry
}

// Reset empties the batch and keeps its memory. No Encode may be reading it; texts of
// events that an EventReader read from it are no longer valid.
func (b *Batch) Reset() {
	for i := range b.cols {
		c := &b.cols[i]
		if c.some {
			clear(c.defs[:b.entries(b.schema.leaves[i].list)])
			c.some, c.same = false, 0
		}
		if c.texts != nil {
			c.texts.reset()
		}
	}
	for i := range b.lists {
		l := &b.lists[i]
		l.reps, l.base, l.ends = l.reps[:0], l.base[:0], l.ends[:0]
	}
	b.rows, b.bytes, b.source = 0, 0, nil
	b.fill++
}

// entries is the number of entries so far of the columns of a list, or of flat ones.
func (b *Batch) entries(list int) int {
	if list == flat {
		return b.rows
	}
	return len(b.lists[list].reps)
}

// Append adds an event of the schema's layout as a row. It copies the event's texts.
func (b *Batch) Append(ev *ocsf.Event) {
	if b.rows == b.space {
		b.grow()
	}
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
		l.ends = append(l.ends, uint32(len(l.reps)))
	}
	b.rows++
	b.bytes += b.schema.rowBytes
	if b.rows == trialRows {
		b.judge()
	}
}

// judge decides, after the first rows, which columns go on looking texts up.
func (b *Batch) judge() {
	for i := range b.cols {
		c, l := &b.cols[i], &b.schema.leaves[i]
		if c.texts == nil || !c.some || c.same != 0 {
			continue
		}
		values := trialRows
		if l.list != flat {
			values = b.entries(l.list)
		}
		c.texts.judge(count(c.defs[:values], l.maxDef))
	}
}

// grow doubles the memory of the flat columns.
func (b *Batch) grow() {
	b.space = max(minSpace, 2*b.space)
	for i := range b.cols {
		if c := &b.cols[i]; c.some && b.schema.leaves[i].list == flat {
			c.enlarge(b.space)
		}
	}
}

// growList doubles the memory of a list and of its columns, at least to so many entries.
func (b *Batch) growList(list, least int) {
	l := &b.lists[list]
	l.space = max(minSpace, 2*l.space, least)
	l.reps, l.base = slices.Grow(l.reps, l.space-len(l.reps)), slices.Grow(l.base, l.space-len(l.base))
	for _, i := range b.schema.lists[list] {
		if c := &b.cols[i]; c.some {
			c.enlarge(l.space)
		}
	}
}

// column returns the column of a leaf to write to, with memory for all entries that there
// is memory for.
func (b *Batch) column(leaf int) *column {
	c := &b.cols[leaf]
	if c.some {
		c.spread()
		return c
	}
	c.some = true
	space := b.space
	if list := b.schema.leaves[leaf].list; list != flat {
		space = b.lists[list].space
	}
	if len(c.defs) < space {
		c.enlarge(space)
	}
	return c
}

// spread gives each row its own level and value.
func (c *column) spread() {
	if c.same == 0 {
		return
	}
	c.same = 0
	fill(c.defs[:c.rows], c.defs[0])
	if c.texts == nil {
		fill(c.nums[:c.rows], c.nums[0])
	} else {
		fill(c.ids[:c.rows], c.ids[0])
	}
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

// enlarge gives a column memory for n entries. The levels of new ones are 0.
func (c *column) enlarge(n int) {
	c.defs = enlarge(c.defs, n)
	if c.texts == nil {
		c.nums = enlarge(c.nums, n)
	} else {
		c.ids = enlarge(c.ids, n)
	}
}

func enlarge[T any](s []T, n int) []T {
	t := make([]T, n)
	copy(t, s)
	return t
}
