package ocsf

import "github.com/sluice-lake/sluice/engine/arena"

// Lists lends the memory for the lists of one event at a time. It belongs to one goroutine;
// the zero Lists is ready.
type Lists struct {
	records arena.Arena[Record]
	cells   arena.Arena[Cell]
}

// Begin makes an event empty all of whose lists are from Add, and takes their memory back.
func (l *Lists) Begin(e *Event) {
	for i := range e.Cells {
		c := &e.Cells[i]
		c.Items = nil
		c.reset()
	}
	l.records.Reset()
	l.cells.Reset()
}

// Add appends an empty item of n cells to a list and returns it. The pointer is valid until
// the next Add to the same list, the item until Begin.
func (l *Lists) Add(c *Cell, n int) *Record { return c.add(n, &l.records, &l.cells) }
