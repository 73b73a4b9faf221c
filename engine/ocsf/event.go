package ocsf

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/arena"
)

// Layout is the tree of attributes that the events of one mapping can have,
// and so the shape of its Parquet schema. It depends on the mapping and the
// class alone, never on data. A Layout is immutable once built and shared.
type Layout struct {
	Schema *Schema
	Class  *Class
	// Fields are the event's attributes in the order of the schema (ascending
	// by name), as are the Children of every Field.
	Fields []*Field
	// Cells is the number of cells of the event's own Record.
	Cells int
	// TimeCell is the index of the event's `time` in its Record.
	TimeCell int
}

// Field is one attribute of a Layout.
//
// Scalars and groups outside lists live in one flat Record: a group has a cell
// of its own (Set reports whether it is present) and its children have theirs in
// the same Record. A list's items are Records of their own, each with
// ItemCells cells: an item that is a scalar has one cell, 0; an item that is a
// group starts with the cells of its Children (the item itself needs none).
type Field struct {
	Attribute *Attribute
	Name      string
	Cell      int // index in the enclosing Record
	// Children is not empty for groups and for lists of groups.
	Children []*Field
	// List is set for array attributes; ItemCells then counts the cells of an item.
	List      bool
	ItemCells int
}

// Cell is one slot of a Record. Its Field determines what it holds:
//
//	Boolean            Num is 0 or 1
//	Integer, Long,
//	Timestamp, Datetime Num is the value (milliseconds for the last two)
//	Float              Num holds math.Float64bits
//	String, JSON       Text
//	Open               Pairs
//	group              Set only
//	list               Items
//
// Text may alias the alert's line or the worker's scratch: it is valid until
// the next event is made; copy it to keep it longer. Without Set, the rest of the Cell
// is empty.
//
// ID, if it is not 0, stands for the contents: all cells of this Field that one worker
// ever gives the same ID have the same contents. The items of a list with an ID are
// shared, and must not change.
type Cell struct {
	Set   bool
	ID    uint32
	Num   int64
	Text  string
	Items []Record
	Pairs []Pair
}

// Pair is one entry of an open object, or those of a group: wherever one worker gives a Pair of
// the Field a group with the same ID, the entries are the same.
type Pair = alert.Leaf

// Group is entries of open objects that come together again and again.
type Group = alert.Group

// Record is the cells of an event or of one item of a list.
type Record struct{ Cells []Cell }

// Event is one OCSF event as a vector of typed cells. It belongs to one
// goroutine and is reused: Reset makes it empty and keeps what it allocated.
type Event struct {
	Layout *Layout
	Record
}

// NewEvent returns an empty event of the layout.
func NewEvent(l *Layout) *Event {
	return &Event{Layout: l, Record: Record{Cells: make([]Cell, l.Cells)}}
}

// Reset makes every cell absent and keeps the memory of lists for reuse.
func (r *Record) Reset() {
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.ID != 0 && len(c.Items) > 0 {
			c.Items = nil // they are shared
		}
		c.reset()
	}
}

func (c *Cell) reset() {
	c.ID = 0
	if c.Set || len(c.Items)+len(c.Pairs) > 0 {
		c.Set, c.Num, c.Text = false, 0, ""
		c.Items, c.Pairs = c.Items[:0], c.Pairs[:0]
	}
}

// Release makes the event empty and keeps no memory of lists and texts.
func (e *Event) Release() { clear(e.Cells) }

// Time returns the event's time in milliseconds since 1970 UTC, 0 if it has none.
func (e *Event) Time() int64 {
	if c := &e.Cells[e.Layout.TimeCell]; c.Set {
		return c.Num
	}
	return 0
}

// Add appends an empty item of n cells and returns it. The pointer is valid
// until the next Add to the same list.
func (c *Cell) Add(n int) *Record { return c.add(n, nil, nil) }

// add appends an empty item, in memory of the arenas if there are any.
func (c *Cell) add(n int, records *arena.Arena[Record], cells *arena.Arena[Cell]) *Record {
	if len(c.Items) < cap(c.Items) {
		c.Items = c.Items[:len(c.Items)+1]
	} else {
		c.Items = records.Append(c.Items, Record{})
	}
	r := &c.Items[len(c.Items)-1]
	if len(r.Cells) != n {
		r.Cells = cells.Make(n)
	} else {
		r.Reset()
	}
	return r
}

// DropLast removes the item that Add appended last.
func (c *Cell) DropLast() { c.Items = c.Items[:len(c.Items)-1] }
