package ocsf

import (
	"fmt"
	"strconv"
	"strings"
)

// otherValue is the enum value whose sibling holds the event's own text.
const otherValue = "99"

// enum checks the values of an attribute that has an enum, and that its sibling,
// if the event has it, holds the caption. Values of a wrong type already have a
// finding and are skipped.
func (k *check) enum(path string, a *Attribute, value any, values map[string]any) {
	if len(a.Enum) == 0 {
		return
	}
	here := join(path, a.Name)
	sibling, has := values[a.Sibling]
	if !a.Array {
		k.enumValue(here, join(path, a.Sibling), a, value, sibling, has)
		return
	}
	items, isList := value.([]any)
	captions, both := sibling.([]any)
	has = has && both
	if isList && has && len(captions) != len(items) {
		k.add(join(path, a.Sibling), fmt.Sprintf("has %d items, %s has %d: each value has its own caption", len(captions), a.Name, len(items)))
		has = false
	}
	for i, item := range items {
		var caption any
		if has {
			caption = captions[i]
		}
		k.enumValue(at(here, i), at(join(path, a.Sibling), i), a, item, caption, has)
	}
}

func (k *check) enumValue(path, siblingPath string, a *Attribute, value, sibling any, hasSibling bool) {
	text, ok := value.(string)
	if a.Type.Kind != String {
		var n int64
		n, ok = integer(value)
		text = strconv.FormatInt(n, 10)
	}
	if !ok || text == "" {
		return
	}
	caption, known := a.EnumCaption(text)
	if !known {
		k.add(path, text+" is not a value of its enum; the values are "+enumValues(a))
		return
	}
	said, isText := sibling.(string)
	if hasSibling && isText && said != "" && said != caption && text != otherValue {
		k.add(siblingPath, fmt.Sprintf("is %s where %s is %s: must be %q", show(said), a.Name, text, caption))
	}
}

func enumValues(a *Attribute) string {
	list := make([]string, len(a.Enum))
	for i := range a.Enum {
		list[i] = a.Enum[i].Value
	}
	const most = 12
	if len(list) > most {
		list = append(list[:most], "…")
	}
	return strings.Join(list, ", ")
}

func (k *check) constraint(path, owner string, c Constraint, values map[string]any) {
	if len(c.AtLeastOne) > 0 && count(c.AtLeastOne, values) == 0 {
		k.add(path, owner+" needs at least one of "+strings.Join(c.AtLeastOne, ", ")+"; it has none")
	}
	if n := count(c.JustOne, values); len(c.JustOne) > 0 && n != 1 {
		k.add(path, fmt.Sprintf("%s needs exactly one of %s; it has %d", owner, strings.Join(c.JustOne, ", "), n))
	}
}

func count(paths []string, values map[string]any) int {
	n := 0
	for _, path := range paths {
		if reaches(values, path) {
			n++
		}
	}
	return n
}

// reaches reports whether there is a value at a dotted path, through any item of
// a list on the way.
func reaches(value any, path string) bool {
	switch v := value.(type) {
	case map[string]any:
		first, rest, more := strings.Cut(path, ".")
		next, ok := v[first]
		return ok && next != nil && (!more || reaches(next, rest))
	case []any:
		for _, item := range v {
			if reaches(item, path) {
				return true
			}
		}
	}
	return false
}

// agreement checks what follows from the class and the activity. The numbers and
// captions of class and category are enums and are checked as such.
func (k *check) agreement(class *Class, event map[string]any) {
	metadata, _ := event["metadata"].(map[string]any)
	if version, ok := metadata["version"].(string); ok && version != k.schema.Version {
		k.add("metadata.version", "must be "+strconv.Quote(k.schema.Version)+", the version that the event is checked against; is "+show(version))
	}
	activity, ok := integer(event["activity_id"])
	if !ok {
		return
	}
	want := int64(class.UID)*100 + activity
	if got, ok := integer(event["type_uid"]); ok && got != want {
		k.add("type_uid", fmt.Sprintf("must be %d (class_uid * 100 + activity_id), is %d", want, got))
	}
	a, ok := class.Attribute("activity_id")
	if !ok {
		return
	}
	caption, ok := a.EnumCaption(strconv.FormatInt(activity, 10))
	said, isText := event["type_name"].(string)
	if !ok || !isText || said == "" || said == class.Caption+": "+caption {
		return
	}
	own, isText := event["activity_name"].(string)
	if strconv.FormatInt(activity, 10) == otherValue && isText && said == class.Caption+": "+own {
		return
	}
	k.add("type_name", "must be "+strconv.Quote(class.Caption+": "+caption)+", is "+show(said))
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func anyOf(names []string) string { return strings.Join(names, " or ") }
