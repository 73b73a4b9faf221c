package ocsf

import (
	"slices"
	"strconv"
	"strings"
)

// Class finds a class by its name ("detection_finding") or by the decimal
// class_uid that its events carry ("2004").
func (s *Schema) Class(nameOrUID string) (*Class, bool) {
	uid, err := strconv.ParseInt(nameOrUID, 10, 32)
	if err == nil {
		return s.classOf(int32(uid))
	}
	i := slices.IndexFunc(s.Classes, func(c Class) bool { return c.Name == nameOrUID })
	if i < 0 {
		return nil, false
	}
	return &s.Classes[i], true
}

// ClassVersions lists the OCSF versions that have a class, oldest first, without
// building their Schemas. Name and number are as in Schema.Class.
func ClassVersions(nameOrUID string) []string {
	uid, err := strconv.ParseInt(nameOrUID, 10, 32)
	var versions []string
	for i := range facts.versions {
		if slices.ContainsFunc(facts.versions[i].classes, func(row uint16) bool {
			r := &facts.classes[row]
			return r.name == nameOrUID || err == nil && int64(r.uid) == uid
		}) {
			versions = append(versions, facts.versions[i].name)
		}
	}
	return versions
}

func (s *Schema) classOf(uid int32) (*Class, bool) {
	i, ok := slices.BinarySearchFunc(s.Classes, uid, func(c Class, uid int32) int { return int(c.UID) - int(uid) })
	if !ok {
		return nil, false
	}
	return &s.Classes[i], true
}

// ClassNames lists the names of all classes in the order of their numbers, for
// messages that offer a choice.
func (s *Schema) ClassNames() []string {
	list := make([]string, len(s.Classes))
	for i := range s.Classes {
		list[i] = s.Classes[i].Name
	}
	return list
}

// Object finds an object by its name. The open object, which has no attributes, is
// a Type of kind Open and is not found here.
func (s *Schema) Object(name string) (*Object, bool) {
	i, ok := slices.BinarySearchFunc(s.Objects, name, func(o Object, name string) int { return strings.Compare(o.Name, name) })
	if !ok {
		return nil, false
	}
	return &s.Objects[i], true
}

// Type finds a scalar type ("ip_t"), or the open object ("object").
func (s *Schema) Type(name string) (*Type, bool) {
	i := slices.IndexFunc(s.Types, func(t Type) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return &s.Types[i], true
}

// Attribute finds an attribute of the class itself, whatever its profile.
func (c *Class) Attribute(name string) (*Attribute, bool) { return attribute(c.Attributes, name) }

// Attribute finds an attribute of the object itself, whatever its profile.
func (o *Object) Attribute(name string) (*Attribute, bool) { return attribute(o.Attributes, name) }

func attribute(list []Attribute, name string) (*Attribute, bool) {
	low, high := 0, len(list)
	for low < high {
		middle := int(uint(low+high) / 2)
		switch strings.Compare(list[middle].Name, name) {
		case 0:
			return &list[middle], true
		case -1:
			low = middle + 1
		default:
			high = middle
		}
	}
	return nil, false
}

// Applies reports whether the attribute exists in an event with these
// metadata.profiles: one without Profiles always does.
func (a *Attribute) Applies(profiles []string) bool {
	if len(a.Profiles) == 0 {
		return true
	}
	return slices.ContainsFunc(a.Profiles, func(p string) bool { return slices.Contains(profiles, p) })
}

// EnumCaption returns the caption of an enum value, which is the text of the
// sibling attribute, and false for a value that the enum does not have.
func (a *Attribute) EnumCaption(value string) (string, bool) {
	for i := range a.Enum {
		if a.Enum[i].Value == value {
			return a.Enum[i].Caption, true
		}
	}
	return "", false
}

// TypeName names the attribute's type or object as OCSF does, with "[]" for an array.
func (a *Attribute) TypeName() string {
	name := ""
	if a.Object != nil {
		name = a.Object.Name
	} else {
		name = a.Type.Name
	}
	if a.Array {
		return name + "[]"
	}
	return name
}

// Cuttable reports whether a text longer than MaxLen is still a sensible value
// when cut there. That is true of the general bound of string_t and of the types
// that only inherit it. The own length of a narrower type (40 of ip_t, 64 of
// file_hash_t) is part of its form: a cut IP address is not an IP address.
func (t *Type) Cuttable() bool {
	return t.Kind == String && t.MaxLen > 0 && (!t.OwnMaxLen || t.Name == "string_t")
}

// String describes a value of the kind, in words that follow "must be".
func (k Kind) String() string {
	words := [...]string{
		"true or false", "an integer", "an integer", "a finite number", "text", "any JSON",
		"a time in milliseconds", "an RFC 3339 time", "an object of texts",
	}
	if int(k) < len(words) {
		return words[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}
