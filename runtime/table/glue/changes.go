package glue

import "fmt"

// Change is one difference between the columns of two schemas. If it Breaks, a
// table that holds files of both cannot be read, in whole or for that column.
type Change struct {
	Path   string // dotted, without list positions
	What   string // describes the difference
	Breaks bool
}

// Changes compares the columns that a table was created with and those of later
// files. It returns the differences in the order of the old columns, new columns
// last. The only change that does not break a table is a new column at the top
// level, which is empty in old partitions.
func Changes(old, new []Column) []Change {
	var out []Change
	at := columnsByName(new)
	for _, o := range old {
		n, ok := at[o.Name]
		if !ok {
			out = append(out, Change{o.Name, fmt.Sprintf("column `%s` (%s) is gone", o.Name, o.Type.short()), true})
			continue
		}
		out = compare(out, o.Name, o.Type, n.Type)
	}
	had := columnsByName(old)
	for _, n := range new {
		if _, ok := had[n.Name]; !ok {
			out = append(out, Change{n.Name, fmt.Sprintf("column `%s` (%s) is new", n.Name, n.Type.short()), false})
		}
	}
	return out
}

func columnsByName(list []Column) map[string]Column {
	at := make(map[string]Column, len(list))
	for _, c := range list {
		at[c.Name] = c
	}
	return at
}

// compare adds the differences within one column. All of them break: a table has
// one type for a column in all its partitions.
func compare(out []Change, path string, old, new Type) []Change {
	switch {
	case old.Element != nil && new.Element != nil:
		return compare(out, path, *old.Element, *new.Element)
	case old.Value != nil && new.Value != nil:
		return compare(out, path, *old.Value, *new.Value)
	case old.Fields != nil && new.Fields != nil:
		return compareFields(out, path, old.Fields, new.Fields)
	case old.String() == new.String():
		return out
	}
	return append(out, Change{path, fmt.Sprintf("`%s` was %s and is now %s", path, old.short(), new.short()), true})
}

func compareFields(out []Change, path string, old, new []Column) []Change {
	at, had := columnsByName(new), columnsByName(old)
	for _, o := range old {
		here := path + "." + o.Name
		if n, ok := at[o.Name]; ok {
			out = compare(out, here, o.Type, n.Type)
		} else {
			out = append(out, Change{here, fmt.Sprintf("the struct `%s` lost its field `%s` (%s)", path, o.Name, o.Type.short()), true})
		}
	}
	for _, n := range new {
		if _, ok := had[n.Name]; !ok {
			out = append(out, Change{path + "." + n.Name, fmt.Sprintf("the struct `%s` gained a field `%s` (%s)", path, n.Name, n.Type.short()), true})
		}
	}
	return out
}

// short names a type in a word or two, for messages.
func (t Type) short() string {
	switch {
	case t.Element != nil:
		return "a list of " + t.Element.short()
	case t.Value != nil:
		return "a map"
	case t.Fields != nil:
		return "struct"
	}
	return t.Scalar
}
