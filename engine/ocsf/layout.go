package ocsf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// NewLayout makes the Layout of events of a class that have the given
// attributes. Of each Field it reads Name, Children and, where set, Attribute
// (which must then be the one that the class or object has by that name); it
// sorts the fields by name at every depth and sets Attribute, List, Cell and
// ItemCells. The fields belong to the Layout from then on, and each may be used
// in one place only.
//
// Cells are numbered depth first, a group before its children; a list takes
// one cell, and numbers start at 0 again inside its items.
//
// Errors are mistakes of the caller, not of a mapping: an attribute that does not
// exist or is named twice, a group without children, a scalar with children, and
// a missing `time`, without which an event has no day.
func NewLayout(s *Schema, c *Class, fields []*Field) (*Layout, error) {
	b := layoutBuilder{seen: map[*Field]bool{}}
	l := &Layout{Schema: s, Class: c, Fields: fields}
	if err := b.bind("", fields, c.Attributes); err != nil {
		return nil, fmt.Errorf("layout of class %s: %w", c.Name, err)
	}
	l.Cells = numberCells(fields, 0)
	i, ok := slices.BinarySearchFunc(fields, "time", compareField)
	if !ok {
		return nil, fmt.Errorf("layout of class %s: it has no attribute time", c.Name)
	}
	l.TimeCell = fields[i].Cell
	return l, nil
}

func compareField(f *Field, name string) int { return strings.Compare(f.Name, name) }

// numberCells gives the fields of one class, group or item their cells from next on
// and returns the number after the last.
func numberCells(fields []*Field, next int) int {
	for _, f := range fields {
		f.Cell = next
		next++
		switch {
		case !f.List:
			next = numberCells(f.Children, next)
		case len(f.Children) == 0:
			f.ItemCells = 1
		default:
			f.ItemCells = numberCells(f.Children, 0)
		}
	}
	return next
}

type layoutBuilder struct{ seen map[*Field]bool }

// bind sorts the fields of one class or object and finds their attributes.
func (b *layoutBuilder) bind(path string, fields []*Field, attributes []Attribute) error {
	slices.SortFunc(fields, func(x, y *Field) int { return compareField(x, y.Name) })
	for i, f := range fields {
		here := join(path, f.Name)
		if i > 0 && fields[i-1].Name == f.Name {
			return fmt.Errorf("attribute %s is named twice", here)
		}
		if b.seen[f] {
			return fmt.Errorf("the field of attribute %s is used in two places; make one for each", here)
		}
		b.seen[f] = true
		if err := f.bind(attributes); err != nil {
			return fmt.Errorf("attribute %s: %w", here, err)
		}
		if f.Attribute.Object == nil {
			continue
		}
		if err := b.bind(here, f.Children, f.Attribute.Object.Attributes); err != nil {
			return err
		}
	}
	return nil
}

// bind finds the field's attribute and compares it with what the caller has set.
func (f *Field) bind(attributes []Attribute) error {
	a, ok := attribute(attributes, f.Name)
	if !ok {
		return errors.New("the class or object has no attribute of that name")
	}
	if f.Attribute != nil && f.Attribute != a {
		return fmt.Errorf("its Attribute is another one (%s)", f.Attribute.Name)
	}
	if a.Object == nil && len(f.Children) > 0 {
		return fmt.Errorf("its type %s has no attributes of its own", a.TypeName())
	}
	if a.Object != nil && len(f.Children) == 0 {
		return fmt.Errorf("it is an object (%s): name at least one of its attributes", a.TypeName())
	}
	f.Attribute, f.List = a, a.Array
	return nil
}
