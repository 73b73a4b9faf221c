package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// table is the content of the Go file: rows that refer to each other by index.
// Equal rows, enums and profile lists are kept once for all classes and all
// versions, since most are the same in many.
type table struct {
	profileSets, enums, types, attributes, objects, classes pool
	versions                                                []versionRow

	notes []string // what was left out of the facts, for people to read

	// typeNumbers and objectNumbers number the names of all versions: a row of an
	// attribute then stays the same when only its type's facts change.
	typeNumbers, objectNumbers map[string]int
}

// versionRow is what one version has. Position n of types and objects holds 1 +
// the index of the row of the name with number n, or 0 if the version does not
// have that name.
type versionRow struct {
	name                    string
	profiles                []profileRow
	categories              []categoryRow
	types, objects, classes []int
}

type profileRow struct {
	name, caption string
	attributes    []string
}

type categoryRow struct {
	name, caption string
	uid           int32
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

// numberNames gives the types and objects of all versions their numbers.
func (t *table) numberNames(all []*facts) {
	types, open, objects := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range all {
		for name := range f.Types {
			types[name] = true
		}
		for name, o := range f.Objects {
			if len(o.Attributes) == 0 {
				open[name] = true
			} else {
				objects[name] = true
			}
		}
	}
	t.typeNumbers, t.objectNumbers = map[string]int{}, map[string]int{}
	for _, name := range slices.Concat(names(types), names(open)) {
		if _, ok := t.typeNumbers[name]; !ok {
			t.typeNumbers[name] = len(t.typeNumbers)
		}
	}
	for i, name := range names(objects) {
		t.objectNumbers[name] = i
	}
}

// compacter adds the facts of one version to a table.
type compacter struct {
	*table
	facts *facts
	row   versionRow
	kinds map[string]string // name of a type to its ocsf.Kind
}

func newTable(all []*facts) *table {
	t := &table{}
	// Number 0 is "none", so that most rows are short.
	t.profileSets.add("nil")
	t.enums.add("nil")
	t.numberNames(all)
	return t
}

func (t *table) add(f *facts) error {
	if slices.ContainsFunc(t.versions, func(v versionRow) bool { return v.name == f.Version }) {
		return fmt.Errorf("version %s comes twice", f.Version)
	}
	c := &compacter{table: t, facts: f, kinds: map[string]string{}, row: versionRow{
		name: f.Version, types: make([]int, len(t.typeNumbers)), objects: make([]int, len(t.objectNumbers)),
	}}
	if err := c.addTypes(); err != nil {
		return err
	}
	for _, name := range names(f.Profiles) {
		p := f.Profiles[name]
		c.row.profiles = append(c.row.profiles, profileRow{name, p.Caption, p.Attributes})
	}
	for _, name := range names(f.Categories) {
		k := f.Categories[name]
		c.row.categories = append(c.row.categories, categoryRow{name, k.Caption, k.UID})
	}
	slices.SortFunc(c.row.categories, func(a, b categoryRow) int { return cmp.Compare(a.uid, b.uid) })
	if err := c.addObjects(); err != nil {
		return err
	}
	if err := c.addClasses(); err != nil {
		return err
	}
	t.versions = append(t.versions, c.row)
	return nil
}

func (c *compacter) addTypes() error {
	rows, err := typeRows(c.facts)
	for i := range rows {
		r := &rows[i]
		c.kinds[r.name] = r.kind
		c.row.types[c.typeNumbers[r.name]] = 1 + c.types.add(r.literal())
	}
	return err
}

func (c *compacter) addObjects() error {
	for _, name := range names(c.facts.Objects) {
		o := c.facts.Objects[name]
		if len(o.Attributes) == 0 {
			continue // a type of kind Open
		}
		c.dropUnknown("object "+name, &o)
		attributes, err := c.attributeRows(o.Attributes)
		if err != nil {
			return fmt.Errorf("object %s: %w", name, err)
		}
		c.row.objects[c.objectNumbers[name]] = 1 + c.objects.add(objectLiteral(name, o, attributes))
	}
	return nil
}

func (c *compacter) addClasses() error {
	order := names(c.facts.Classes)
	slices.SortFunc(order, func(a, b string) int { return cmp.Compare(c.facts.Classes[a].ClassUID, c.facts.Classes[b].ClassUID) })
	for i, name := range order {
		class := c.facts.Classes[name]
		if i > 0 && class.ClassUID == c.facts.Classes[order[i-1]].ClassUID {
			return fmt.Errorf("classes %s and %s have the same class_uid %d", order[i-1], name, class.ClassUID)
		}
		if class.Observable != 0 {
			return fmt.Errorf("class %s is observable %d: only types, objects and attributes are observables", name, class.Observable)
		}
		c.dropUnknown("class "+name, &class)
		profiles, err := c.profileSet(class.Profiles)
		if err != nil {
			return fmt.Errorf("class %s: %w", name, err)
		}
		attributes, err := c.attributeRows(class.Attributes)
		if err != nil {
			return fmt.Errorf("class %s: %w", name, err)
		}
		c.row.classes = append(c.row.classes, c.classes.add(classLiteral(name, class, profiles, attributes)))
	}
	return nil
}

// dropUnknown removes names that are not attributes from the constraints: no
// event could have them, and messages would offer them.
func (c *compacter) dropUnknown(owner string, f *entityFact) {
	unknown := func(path string) bool {
		first, _, _ := strings.Cut(path, ".")
		_, ok := f.Attributes[first]
		if !ok {
			c.notes = append(c.notes, fmt.Sprintf("OCSF %s: %s: dropped %s from a constraint: not an attribute of it", c.row.name, owner, path))
		}
		return !ok
	}
	f.Constraints.AtLeastOne = slices.DeleteFunc(f.Constraints.AtLeastOne, unknown)
	f.Constraints.JustOne = slices.DeleteFunc(f.Constraints.JustOne, unknown)
}

func (c *compacter) attributeRows(list map[string]attributeFact) ([]int, error) {
	var rows []int
	for _, name := range names(list) {
		i, err := c.attribute(name, list[name])
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		rows = append(rows, i)
	}
	return rows, nil
}

func (c *compacter) profileSet(set []string) (int, error) {
	if len(set) == 0 {
		return 0, nil
	}
	for _, name := range set {
		if _, ok := c.facts.Profiles[name]; !ok {
			return 0, fmt.Errorf("profile %q is not among the profiles", name)
		}
	}
	return c.profileSets.add(stringList(set)), nil
}

// attribute adds one row. Its reference is the number of a type, or the
// complement of the number of an object.
func (c *compacter) attribute(name string, a attributeFact) (int, error) {
	kind, isType := c.kinds[a.Type]
	ref := c.typeNumbers[a.Type]
	if !isType {
		if _, ok := c.facts.Objects[a.Type]; !ok {
			return 0, fmt.Errorf("its type %q is neither a type nor an object of the facts", a.Type)
		}
		ref = ^c.objectNumbers[a.Type]
	}
	requirement, ok := map[string]string{"required": "Required", "recommended": "Recommended", "optional": "Optional"}[a.Requirement]
	if !ok {
		return 0, fmt.Errorf("its requirement %q must be required, recommended or optional", a.Requirement)
	}
	profiles, err := c.profileSet(a.Profiles)
	if err != nil {
		return 0, err
	}
	enum, err := c.enum(a.Enum, kind == "String")
	if err != nil {
		return 0, err
	}
	return c.attributes.add(fmt.Sprintf("{%q, %q, %d, %t, %s, %d, %d, %d, %q, %q}",
		name, a.Caption, ref, a.IsArray, requirement, a.Observable, profiles, enum, a.Sibling, a.Deprecated)), nil
}

// enum adds a list of values, numbers in ascending order.
func (c *compacter) enum(values map[string]string, text bool) (int, error) {
	if len(values) == 0 {
		return 0, nil
	}
	order := names(values)
	if !text {
		number := make(map[string]int64, len(order))
		for _, value := range order {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("its enum value %q is not a number, and its type is not text", value)
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
	return c.enums.add("{" + b.String() + "}"), nil
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
