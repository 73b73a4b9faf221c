package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// table is what the Go file holds: rows that refer to each other by index, with
// equal rows, enums and profile lists kept once, since most classes share them.
type table struct {
	version     string
	types       []typeRow
	profiles    []profileRow
	categories  []categoryRow
	profileSets pool
	enums       pool
	attributes  pool
	objects     []entityRow
	classes     []entityRow

	typeIndex, objectIndex map[string]int
}

type profileRow struct {
	name, caption string
	attributes    []string
}

type categoryRow struct {
	name, caption string
	uid           int32
}

// entityRow is an object or a class; attributes are indices of rows.
type entityRow struct {
	name       string
	fact       entityFact
	profiles   int
	attributes []int
}

// pool numbers distinct Go literals in the order in which they first come.
type pool struct {
	literals []string
	index    map[string]int
}

func (p *pool) add(literal string) int {
	if i, ok := p.index[literal]; ok {
		return i
	}
	if p.index == nil {
		p.index = map[string]int{}
	}
	i := len(p.literals)
	p.index[literal] = i
	p.literals = append(p.literals, literal)
	return i
}

func compact(f *facts) (*table, error) {
	t := &table{version: f.Version}
	// Number 0 is "none", so that most rows say little.
	t.profileSets.add("nil")
	t.enums.add("nil")
	var err error
	if t.types, err = typeRows(f); err != nil {
		return nil, err
	}
	t.number(f)
	for _, name := range names(f.Profiles) {
		p := f.Profiles[name]
		t.profiles = append(t.profiles, profileRow{name, p.Caption, p.Attributes})
	}
	for _, name := range names(f.Categories) {
		c := f.Categories[name]
		t.categories = append(t.categories, categoryRow{name, c.Caption, c.UID})
	}
	slices.SortFunc(t.categories, func(a, b categoryRow) int { return cmp.Compare(a.uid, b.uid) })
	return t, t.entities(f)
}

// number gives types and objects their indices.
func (t *table) number(f *facts) {
	t.typeIndex, t.objectIndex = map[string]int{}, map[string]int{}
	for i, row := range t.types {
		t.typeIndex[row.name] = i
	}
	for _, name := range names(f.Objects) {
		if len(f.Objects[name].Attributes) > 0 {
			t.objectIndex[name] = len(t.objectIndex)
		}
	}
}

func (t *table) entities(f *facts) error {
	for _, name := range names(t.objectIndex) {
		row, err := t.entity(f, name, f.Objects[name])
		if err != nil {
			return fmt.Errorf("object %s: %w", name, err)
		}
		t.objects = append(t.objects, row)
	}
	for _, name := range names(f.Classes) {
		if n := f.Classes[name].Observable; n != 0 {
			return fmt.Errorf("class %s is observable %d: only types, objects and attributes are observables", name, n)
		}
		row, err := t.entity(f, name, f.Classes[name])
		if err != nil {
			return fmt.Errorf("class %s: %w", name, err)
		}
		t.classes = append(t.classes, row)
	}
	slices.SortFunc(t.classes, func(a, b entityRow) int { return cmp.Compare(a.fact.ClassUID, b.fact.ClassUID) })
	for i := 1; i < len(t.classes); i++ {
		if a, b := t.classes[i-1], t.classes[i]; a.fact.ClassUID == b.fact.ClassUID {
			return fmt.Errorf("classes %s and %s have the same class_uid %d", a.name, b.name, a.fact.ClassUID)
		}
	}
	return nil
}

func (t *table) entity(f *facts, name string, fact entityFact) (entityRow, error) {
	row := entityRow{name: name, fact: fact}
	var err error
	if row.profiles, err = t.profileSet(f, fact.Profiles); err != nil {
		return row, err
	}
	for _, attribute := range names(fact.Attributes) {
		i, err := t.attribute(f, attribute, fact.Attributes[attribute])
		if err != nil {
			return row, fmt.Errorf("attribute %s: %w", attribute, err)
		}
		row.attributes = append(row.attributes, i)
	}
	return row, nil
}

func (t *table) profileSet(f *facts, set []string) (int, error) {
	if len(set) == 0 {
		return 0, nil
	}
	for _, name := range set {
		if _, ok := f.Profiles[name]; !ok {
			return 0, fmt.Errorf("profile %q is not among the profiles", name)
		}
	}
	return t.profileSets.add(stringList(set)), nil
}

// attribute adds one row. Its reference is the index of a type, or the
// complement of the index of an object.
func (t *table) attribute(f *facts, name string, a attributeFact) (int, error) {
	ref, isType := t.typeIndex[a.Type]
	if !isType {
		object, ok := t.objectIndex[a.Type]
		if !ok {
			return 0, fmt.Errorf("its type %q is neither a type nor an object of the facts", a.Type)
		}
		ref = ^object
	}
	requirement, ok := map[string]string{"required": "Required", "recommended": "Recommended", "optional": "Optional"}[a.Requirement]
	if !ok {
		return 0, fmt.Errorf("its requirement %q is none of required, recommended, optional", a.Requirement)
	}
	profiles, err := t.profileSet(f, a.Profiles)
	if err != nil {
		return 0, err
	}
	enum, err := t.enum(a.Enum, isType && t.types[ref].kind == "String")
	if err != nil {
		return 0, err
	}
	return t.attributes.add(fmt.Sprintf("{%q, %q, %d, %t, %s, %d, %d, %d, %q, %q}",
		name, a.Caption, ref, a.IsArray, requirement, a.Observable, profiles, enum, a.Sibling, a.Deprecated)), nil
}

// enum adds a list of values, numbers in ascending order.
func (t *table) enum(values map[string]string, text bool) (int, error) {
	if len(values) == 0 {
		return 0, nil
	}
	order := names(values)
	if !text {
		number := make(map[string]int64, len(order))
		for _, value := range order {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("its enum value %q is no number, and it is no text", value)
			}
			number[value] = n
		}
		slices.SortFunc(order, func(a, b string) int { return cmp.Compare(number[a], number[b]) })
	}
	var b strings.Builder
	for i, value := range order {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "{%q, %q}", value, values[value])
	}
	return t.enums.add("{" + b.String() + "}"), nil
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
