package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// Fault says where an object breaks a demand, for the first time. One Fault stands for all
// of its kind in a column.
type Fault struct {
	Object string `json:"object"`
	Demand string `json:"demand"`
	Of     string `json:"of"`
	// Advice is set if it is none: a recommendation, or worth to know.
	Advice bool   `json:"advice"`
	Group  int    `json:"row_group"` // -1 if it is of the whole object
	Column string `json:"column"`    // dotted path, "" if it is of all
	Row    int64  `json:"row"`       // of the object, from 0; -1 if it is of all
	// Times is how many rows, pages or chunks break the demand in this way.
	Times int64  `json:"times"`
	What  string `json:"what"`
	Do    string `json:"do"`
}

// NewFault returns a fault of a whole object.
func NewFault(object, demand, what, do string) *Fault {
	d := demandOf(demand)
	return &Fault{Object: object, Demand: demand, Of: d.Of, Advice: d.Advice, Group: -1, Row: -1, Times: 1, What: what, Do: do}
}

// Report is what became known of an object.
type Report struct {
	Rows       int64
	PlainBytes int64 // of its pages before compression
	Own        bool  // sluice wrote it
	// Class is the class_uid of the rows, -1 if that is not known.
	Class   int64
	Columns []glue.Column // nil if it is not readable
	Faults  []*Fault      // in the order of the rows, those of the whole object first
	// More counts faults beyond the first.
	More int64
}

// mostFaults is how many faults of an object are listed one by one.
const mostFaults = 200

// place is where in an object a fault is.
type place struct {
	group  int
	column string
	row    int64
}

var whole = place{group: -1, row: -1}

// faults collects the faults of an object.
type faults struct {
	report *Report
	kinds  map[[3]string]*Fault
}

// add notes a fault, and returns it, nil if it is none for this object. What is done about
// it tells kinds apart.
func (f *faults) add(demand string, at place, what, do string) *Fault {
	fault := f.of(demand, at, what, do)
	if fault != nil {
		fault.Times++
	}
	return fault
}

// of is add for the first of several, which the caller counts.
func (f *faults) of(demand string, at place, what, do string) *Fault {
	d := demandOf(demand)
	if d.Of == Sluice && !f.report.Own {
		return nil
	}
	kind := [3]string{demand, at.column, do}
	if known := f.kinds[kind]; known != nil {
		return known
	}
	if len(f.kinds) == mostFaults {
		f.report.More++
		return nil
	}
	fault := &Fault{Demand: demand, Of: d.Of, Advice: d.Advice || d.Recommended && !f.report.Own,
		Group: at.group, Column: at.column, Row: at.row, What: what, Do: do}
	f.kinds[kind] = fault
	f.report.Faults = append(f.report.Faults, fault)
	return fault
}

// sort puts the faults into an order that depends on the object alone.
func (r *Report) sort() {
	slices.SortStableFunc(r.Faults, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Row, b.Row), strings.Compare(a.Column, b.Column), strings.Compare(a.Demand, b.Demand))
	})
}
