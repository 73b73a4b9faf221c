package ocsf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// versions are the OCSF versions that this build knows, oldest first. One more
// takes one more generated table (see engine/ocsf/gen) and one more line here.
var versions = []*tables{
	&v1_1_0,
}

// tables are the facts of one version as the generator writes them: rows that
// refer to each other by index, with what several classes share kept once.
// They are static data, so a program that never calls Load pays nothing.
type tables struct {
	version     string
	types       []Type
	profiles    []Profile
	categories  []Category
	profileSets [][]string    // set 0 is none
	enums       [][]EnumValue // enum 0 is none
	attributes  []attributeRow
	objects     []objectRow
	classes     []classRow
}

// attributeRow's ref is the index of a type or, below zero, the complement of
// the index of an object.
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

// Versions lists the OCSF versions that Load takes, oldest first.
func Versions() []string {
	list := make([]string, len(versions))
	for i, t := range versions {
		list[i] = t.version
	}
	return list
}

// Load returns the facts of one OCSF version ("1.1.0"). Each call builds a
// Schema anew, in about 0.3 ms and half a megabyte: load once and share it. An
// unknown version is an error that names the known ones.
func Load(version string) (*Schema, error) {
	for _, t := range versions {
		if t.version == version {
			return t.link(), nil
		}
	}
	known := Versions()
	return nil, fmt.Errorf("OCSF version %q is not known; known: %s%s",
		version, strings.Join(known, ", "), spelling.DidYouMean(version, known))
}

// link turns indices into pointers. Every class and object gets Attributes of
// its own, all from one slab.
func (t *tables) link() *Schema {
	s := &Schema{
		Version: t.version, Types: slices.Clone(t.types), Profiles: t.profiles, Categories: t.categories,
		Objects: make([]Object, len(t.objects)), Classes: make([]Class, len(t.classes)),
	}
	rows, n := t.rows(s), 0
	for i := range t.objects {
		n += len(t.objects[i].attributes)
	}
	for i := range t.classes {
		n += len(t.classes[i].attributes)
	}
	slab := make([]Attribute, 0, n)
	take := func(indices []uint16) []Attribute {
		from := len(slab)
		for _, i := range indices {
			slab = append(slab, rows[i])
		}
		return slab[from:len(slab):len(slab)]
	}
	for i := range t.objects {
		r := &t.objects[i]
		s.Objects[i] = Object{r.name, r.caption, take(r.attributes), r.constraint, r.deprecated, int(r.observable)}
	}
	for i := range t.classes {
		r := &t.classes[i]
		s.Classes[i] = Class{
			Name: r.name, Caption: r.caption, UID: r.uid,
			Category: r.category, CategoryUID: r.categoryUID, CategoryCaption: r.categoryCaption,
			Attributes: take(r.attributes), Constraint: r.constraint,
			Profiles: t.profileSets[r.profiles], Deprecated: r.deprecated,
		}
	}
	return s
}

func (t *tables) rows(s *Schema) []Attribute {
	rows := make([]Attribute, len(t.attributes))
	for i := range t.attributes {
		r := &t.attributes[i]
		rows[i] = Attribute{
			Name: r.name, Caption: r.caption, Array: r.array, Requirement: r.requirement,
			Profiles: t.profileSets[r.profiles], Enum: t.enums[r.enum],
			Sibling: r.sibling, Deprecated: r.deprecated, Observable: int(r.observable),
		}
		inherited := 0
		if r.ref < 0 {
			rows[i].Object = &s.Objects[^r.ref]
			inherited = int(t.objects[^r.ref].observable)
		} else {
			rows[i].Type = &s.Types[r.ref]
			inherited = s.Types[r.ref].Observable
		}
		if rows[i].Observable == 0 {
			rows[i].Observable = inherited
		}
	}
	return rows
}
