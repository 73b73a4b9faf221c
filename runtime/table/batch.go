package table

import (
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Batch holds rows of one schema as columns. It belongs to one goroutine while it is
// filled or reset; otherwise any number of goroutines may read it. It owns all its
// bytes. A column of a Batch holds less than 4 GiB of text.
type Batch struct {
	schema *Schema
	cols   []column
	rows   int
	space  int // rows that the flat columns have memory for
	bytes  int
	fill   uint64  // counts the resets
	filler *Filler // of the current event, nil to look at all its texts
}

// column is one leaf's values and levels.
//
// A flat column has one level and one value for each row, so a row's number is its
// index; if the level says absent, the value has no meaning. A repeated column has
// the levels of its entries, the values of those that are present, and for each row
// the end of its entries and values.
type column struct {
	repeated           bool
	defs, reps         []uint8
	nums               []int64
	ids                []uint32
	texts              *texts // nil for numbers
	entryEnd, valueEnd []uint32
}

// minSpace is the rows that a batch has memory for at first. It is little, because a thousand
// days make as many batches of a row.
const minSpace = 8

// NewBatch returns an empty batch.
func (s *Schema) NewBatch() *Batch {
	b := &Batch{schema: s, cols: make([]column, len(s.leaves))}
	for i, l := range s.leaves {
		b.cols[i].repeated = l.maxRep > 0
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
		n += cap(c.defs) + cap(c.reps) + 8*cap(c.nums) + 4*(cap(c.ids)+cap(c.entryEnd)+cap(c.valueEnd))
		if t := c.texts; t != nil {
			n += cap(t.bytes) + 4*(cap(t.ends)+cap(t.next)+cap(t.value)) + 8*cap(t.slots)
		}
	}
	return n
}

// Time returns the `time` of a row in milliseconds since 1970 UTC, 0 if the row has
// no time.
func (b *Batch) Time(row int) int64 {
	leaf := b.schema.timeLeaf
	if leaf < 0 || b.cols[leaf].defs[row] == 0 {
		return 0
	}
	return b.cols[leaf].nums[row]
}

// Reset empties the batch and keeps its memory. No Encode may be reading it; texts of
// events that an EventReader read from it are no longer valid.
func (b *Batch) Reset() {
	for i := range b.cols {
		c := &b.cols[i]
		if !c.repeated {
			clear(c.defs[:b.rows])
		} else {
			c.defs, c.reps = c.defs[:0], c.reps[:0]
			c.nums, c.ids = c.nums[:0], c.ids[:0]
			c.entryEnd, c.valueEnd = c.entryEnd[:0], c.valueEnd[:0]
		}
		if c.texts != nil {
			c.texts.reset()
		}
	}
	b.rows, b.bytes = 0, 0
	b.fill++
}

// Append adds an event of the schema's layout as a row. It copies the event's texts.
func (b *Batch) Append(ev *ocsf.Event) {
	if b.rows == b.space {
		b.grow()
	}
	for i := range b.schema.nodes {
		n := &b.schema.nodes[i]
		b.put(n, &ev.Cells[n.cell], ev.Cells, 0, 0)
	}
	for i := range b.cols {
		if c := &b.cols[i]; c.repeated {
			c.endRow()
		}
	}
	b.endRow()
}

func (b *Batch) endRow() {
	b.rows++
	b.bytes += b.schema.rowBytes
	if b.rows == trialRows {
		for i := range b.cols {
			b.cols[i].judge(b.schema.leaves[i].maxDef)
		}
	}
}

func (c *column) endRow() {
	c.entryEnd = append(c.entryEnd, uint32(len(c.defs)))
	c.valueEnd = append(c.valueEnd, uint32(max(len(c.nums), len(c.ids))))
}

// grow doubles the memory of the flat columns. Their levels are zero beyond the rows
// in use, so that an absent attribute needs no write.
func (b *Batch) grow() {
	b.space = max(minSpace, 2*b.space)
	for i := range b.cols {
		c := &b.cols[i]
		if c.repeated {
			continue
		}
		c.defs = enlarge(c.defs, b.space)
		if c.texts == nil {
			c.nums = enlarge(c.nums, b.space)
		} else {
			c.ids = enlarge(c.ids, b.space)
		}
	}
}

func enlarge[T any](s []T, n int) []T {
	t := make([]T, n)
	copy(t, s)
	return t
}
