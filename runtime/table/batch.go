package table

import (
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Batch holds rows of one schema as columns. It belongs to one goroutine while
// it is filled or emptied; once filled, any number of Encode may read it. It
// owns all its bytes. A column of a Batch takes less than 4 GiB of text.
type Batch struct {
	schema *Schema
	cols   []column
	rows   int
	room   int // rows that the flat columns have memory for
	bytes  int
}

// column is one leaf's values and levels.
//
// A flat column has one level and one value in each row, so that a row is found
// by its number; where the level says absent the value has no meaning. A
// repeated column has the levels of its entries, the values of those that are
// there, and for each row where its entries and values end.
type column struct {
	repeated           bool
	defs, reps         []uint8
	nums               []int64
	ids                []uint32
	texts              *texts // nil for numbers
	entryEnd, valueEnd []uint32
}

const minRoom = 64

// NewBatch returns an empty batch, to be filled by one goroutine.
func (s *Schema) NewBatch() *Batch {
	b := &Batch{schema: s, cols: make([]column, len(s.leaves))}
	for i, l := range s.leaves {
		b.cols[i].repeated = l.maxRep > 0
		if l.physical == format.ByteArray {
			b.cols[i].texts = newTexts(s.seed)
		}
	}
	return b
}

// Rows is the number of rows appended since the last Reset.
func (b *Batch) Rows() int { return b.rows }

// Bytes is the memory, in bytes, that the rows take: what they say, not what
// was set aside. A text that many rows share counts once.
func (b *Batch) Bytes() int { return b.bytes }

// Time returns the `time` of a row in milliseconds since 1970 UTC, 0 where the
// row has none.
func (b *Batch) Time(row int) int64 {
	leaf := b.schema.timeLeaf
	if leaf < 0 || b.cols[leaf].defs[row] == 0 {
		return 0
	}
	return b.cols[leaf].nums[row]
}

// Reset makes the batch empty and keeps its memory. Rows of it that were given
// to Encode must have been encoded, and texts of events read from it are gone.
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
}

// Append adds an event of the schema's layout as a row. It copies what it keeps.
func (b *Batch) Append(ev *ocsf.Event) {
	if b.rows == b.room {
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
	b.rows++
	b.bytes += b.schema.rowBytes
}

func (c *column) endRow() {
	c.entryEnd = append(c.entryEnd, uint32(len(c.defs)))
	c.valueEnd = append(c.valueEnd, uint32(max(len(c.nums), len(c.ids))))
}

// grow makes room for twice as many rows in the flat columns. Their levels are
// zero beyond the rows in use, so that an absent attribute needs no write.
func (b *Batch) grow() {
	b.room = max(minRoom, 2*b.room)
	for i := range b.cols {
		c := &b.cols[i]
		if c.repeated {
			continue
		}
		c.defs = enlarge(c.defs, b.room)
		if c.texts == nil {
			c.nums = enlarge(c.nums, b.room)
		} else {
			c.ids = enlarge(c.ids, b.room)
		}
	}
}

func enlarge[T any](s []T, n int) []T {
	t := make([]T, n)
	copy(t, s)
	return t
}
