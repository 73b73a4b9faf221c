package ocsf

import (
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// tables are the facts of all versions as the generator writes them: rows that
// refer to each other by index, with what classes and versions share kept once.
// They are static data, so a program that never calls Load pays nothing.
type tables struct {
	types       []Type
	profileSets [][]string    // set 0 is none
	enums       [][]EnumValue // enum 0 is none
	attributes  []attributeRow
	objects     []objectRow
	classes     []classRow
	versions    []versionRow // oldest first
}

// versionRow is one version. Types and objects have the same numbers in all
// versions: position n of types and objects holds 1 + the index of the row that
// is number n in this version, or 0 if the version lacks it. classes are the
// indices of rows, ascending by class_uid.
type versionRow struct {
	name                    string
	profiles                []Profile
	categories              []Category
	types, objects, classes []uint16
}

// attributeRow's ref is the number of a type or, below zero, the complement of
// the number of an object.
type attributeRow struct {
	name, caption       string
	ref                 int16
	array               bool
	requirement         Requirement
	observable          uint8 // its own, 0 where it has its type's or object's
	profiles            uint8
	enum                uint16
	sibling, deprecated string
}

type objectRow struct {
	name, caption string
	constraint    Constraint
	deprecated    string
	observable    uint8
	attributes    []uint16
}

type classRow struct {
	name, caption   string
	uid             int32
	category        string
	categoryUID     int32
	categoryCaption string
	constraint      Constraint
	profiles        uint16
	deprecated      string
	attributes      []uint16
}

// Versions lists the OCSF versions that Load accepts, oldest first.
func Versions() []string {
	list := make([]string, len(facts.versions))
	for i := range facts.versions {
		list[i] = facts.versions[i].name
	}
	return list
}

// Load returns the facts of one OCSF version ("1.1.0"). Each call builds a new
// Schema, in less than a millisecond and at most 0.7 MB: load once and share it.
// For an unknown version it returns an error that names the known ones.
func Load(version string) (*Schema, error) {
	for i := range facts.versions {
		if facts.versions[i].name == version {
			return link(&facts, &facts.versions[i]), nil
		}
	}
	known := Versions()
	return nil, fmt.Errorf("OCSF version %q is not known; known: %s%s",
		version, strings.Join(known, ", "), spelling.DidYouMean(version, known))
}

// linker turns the indices and numbers of one version into pointers.
type linker struct {
	*tables
	version  *versionRow
	schema   *Schema
	typeAt   []*Type   // by number
	objectAt []*Object // by number
	slab     []Attribute
}

// link builds the Schema of one version. Every class and object gets Attributes
// of its own, all from one slab.
func link(t *tables, v *versionRow) *Schema {
	l := &linker{tables: t, version: v, schema: &Schema{
		Version: v.name, Profiles: v.profiles, Categories: v.categories,
		Types: make([]Type, 0, len(v.types)), Objects: make([]Object, 0, len(v.objects)), Classes: make([]Class, len(v.classes)),
	}}
	l.number()
	for number, row := range v.objects {
		if row > 0 {
			l.objectAt[number].Attributes = l.link(t.objects[row-1].attributes)
		}
	}
	for i, row := range v.classes {
		r := &t.classes[row]
		l.schema.Classes[i] = Class{
			Name: r.name, Caption: r.caption, UID: r.uid,
			Category: r.category, CategoryUID: r.categoryUID, CategoryCaption: r.categoryCaption,
			Attributes: l.link(r.attributes), Constraint: r.constraint,
			Profiles: t.profileSets[r.profiles], Deprecated: r.deprecated,
		}
	}
	return l.schema
}

// number makes the types and objects that attributes refer to, the objects
// without attributes, and the slab.
func (l *linker) number() {
	s, v := l.schema, l.version
	l.typeAt, l.objectAt = make([]*Type, len(v.types)), make([]*Object, len(v.objects))
	for number, row := range v.types {
		if row > 0 {
			s.Types = append(s.Types, l.types[row-1])
			l.typeAt[number] = &s.Types[len(s.Types)-1]
		}
	}
	attributes := 0
	for number, row := range v.objects {
		if row > 0 {
			r := &l.objects[row-1]
			s.Objects = append(s.Objects, Object{
				Name: r.name, Caption: r.caption, Constraint: r.constraint, Deprecated: r.deprecated, Observable: int(r.observable),
			})
			l.objectAt[number] = &s.Objects[len(s.Objects)-1]
			attributes += len(r.attributes)
		}
	}
	for _, row := range v.classes {
		attributes += len(l.classes[row].attributes)
	}
	l.slab = make([]Attribute, 0, attributes)
}

// link makes the attributes of one class or object.
func (l *linker) link(rows []uint16) []Attribute {
	from := len(l.slab)
	for _, row := range rows {
		r := &l.attributes[row]
		a := Attribute{
			Name: r.name, Caption: r.caption, Array: r.array, Requirement: r.requirement,
			Profiles: l.profileSets[r.profiles], Enum: l.enums[r.enum],
			Sibling: r.sibling, Deprecated: r.deprecated, Observable: int(r.observable),
		}
		inherited := 0
		if r.ref < 0 {
			a.Object = l.objectAt[^r.ref]
			inherited = a.Object.Observable
		} else {
			a.Type = l.typeAt[r.ref]
			inherited = a.Type.Observable
		}
		if a.Observable == 0 {
			a.Observable = inherited
		}
		l.slab = append(l.slab, a)
	}
	return l.slab[from:len(l.slab):len(l.slab)]
}
