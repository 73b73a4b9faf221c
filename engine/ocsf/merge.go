package ocsf

import "slices"

// SameClass reports whether two layouts are of the same class of the same version,
// so that one table can hold the events of both.
func SameClass(a, b *Layout) bool {
	return a.Schema.Version == b.Schema.Version && a.Class.UID == b.Class.UID
}

// Align renumbers the cells of layouts of one class, so that the same
// attribute has the same cell in all of them. They must be of the same class and
// version, and no Event of any of them may have been made yet.
func Align(layouts []*Layout) {
	all := mergeFields(layouts)
	cells := numberCells(all, 0)
	time, _ := slices.BinarySearchFunc(all, "time", compareField)
	for _, l := range layouts {
		l.Cells, l.TimeCell = cells, all[time].Cell
		copyCells(l.Fields, all)
	}
}

// Merge returns the layout that has the attributes of all of the layouts, which
// Align has numbered together. A Record of any of them is one of the merged one.
func Merge(layouts []*Layout) *Layout {
	first := layouts[0]
	if len(layouts) == 1 {
		return first
	}
	return &Layout{Schema: first.Schema, Class: first.Class, Fields: mergeFields(layouts), Cells: first.Cells, TimeCell: first.TimeCell}
}

func mergeFields(layouts []*Layout) []*Field {
	var all []*Field
	for _, l := range layouts {
		all = mergeInto(all, l.Fields)
	}
	return all
}

// mergeInto adds what the fields of one object lack of those of another, sorted by
// name. It leaves the fields of the other as they are.
func mergeInto(all, more []*Field) []*Field {
	for _, f := range more {
		at, found := slices.BinarySearchFunc(all, f.Name, compareField)
		if !found {
			own := *f
			own.Children = nil
			all = slices.Insert(all, at, &own)
		}
		all[at].Children = mergeInto(all[at].Children, f.Children)
	}
	return all
}

// copyCells copies the numbers of fields from those of the same names.
func copyCells(to, from []*Field) {
	for _, f := range to {
		at, _ := slices.BinarySearchFunc(from, f.Name, compareField)
		f.Cell, f.ItemCells = from[at].Cell, from[at].ItemCells
		copyCells(f.Children, from[at].Children)
	}
}
