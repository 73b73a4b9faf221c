package ocsf

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// least makes the smallest events that OCSF allows, from the facts alone.
type least struct {
	t        *testing.T
	schema   *Schema
	class    *Class
	profiles []string
}

func (l least) event() map[string]any {
	l.t.Helper()
	event := l.entity(l.class.Attributes, l.class.Constraint, 0)
	metadata := event["metadata"].(map[string]any)
	metadata["version"] = l.schema.Version
	if len(l.profiles) > 0 {
		list := []any{}
		for _, p := range l.profiles {
			list = append(list, p)
		}
		metadata["profiles"] = list
	}
	// email_activity of 1.1.0 only recommends activity_id; type_uid follows from it
	// all the same.
	if _, ok := event["activity_id"]; !ok {
		a, _ := l.class.Attribute("activity_id")
		event["activity_id"] = l.value(a, 0)
	}
	event["type_uid"] = number(int64(l.class.UID)*100 + toInt(l.t, event["activity_id"].(json.Number)))
	return event
}

// entity has what is required, what a constraint needs, and at least one
// attribute.
func (l least) entity(list []Attribute, c Constraint, depth int) map[string]any {
	l.t.Helper()
	if depth > 8 {
		l.t.Fatalf("OCSF %s: class %s requires objects without end", l.schema.Version, l.class.Name)
	}
	values := map[string]any{}
	for i := range list {
		if a := &list[i]; a.Requirement == Required && a.Applies(l.profiles) {
			values[a.Name] = l.value(a, depth)
		}
	}
	for _, paths := range [][]string{c.AtLeastOne, c.JustOne} {
		if len(paths) > 0 && count(paths, values) == 0 {
			l.put(values, list, strings.Split(paths[0], "."), depth)
		}
	}
	for i := 0; len(values) == 0 && i < len(list); i++ {
		if a := &list[i]; a.Type != nil && len(a.Profiles) == 0 {
			values[a.Name] = l.value(a, depth)
		}
	}
	return values
}

// put sets the value at a path.
func (l least) put(values map[string]any, list []Attribute, path []string, depth int) {
	l.t.Helper()
	a, ok := attribute(list, path[0])
	if !ok {
		l.t.Fatalf("OCSF %s: class %s: no attribute %s", l.schema.Version, l.class.Name, path[0])
	}
	if values[a.Name] == nil {
		values[a.Name] = l.value(a, depth)
	}
	if below, ok := values[a.Name].(map[string]any); ok && len(path) > 1 {
		l.put(below, a.Object.Attributes, path[1:], depth+1)
	}
}

func (l least) value(a *Attribute, depth int) any {
	l.t.Helper()
	value := any(nil)
	switch {
	case a.Object != nil:
		value = l.entity(a.Object.Attributes, a.Object.Constraint, depth+1)
	case len(a.Enum) > 0 && a.Type.Kind == String:
		value = a.Enum[0].Value
	case len(a.Enum) > 0:
		value = json.Number(a.Enum[0].Value)
	default:
		value = l.scalar(a.Type)
	}
	if a.Array {
		return []any{value}
	}
	return value
}

func (l least) scalar(t *Type) any {
	l.t.Helper()
	switch t.Kind {
	case Boolean:
		return true
	case Integer, Long:
		return number(1)
	case Timestamp:
		return number(1713795646976)
	case Float:
		return json.Number("0.5")
	case Datetime:
		return "2024-04-22T14:20:46.976Z"
	case JSON:
		return "text"
	case Open:
		return map[string]any{"key": "value"}
	}
	texts := map[string]string{
		"ip_t": "10.0.0.1", "hostname_t": "example.org", "mac_t": "00:1a:2b:3c:4d:5e", "email_t": "a@example.org",
		"uuid_t": "7d444840-9dc0-11d1-b245-5ffdce74fad2", "url_t": "https://example.org/",
	}
	if text := texts[t.Name]; text != "" {
		return text
	}
	if t.Pattern != "" {
		l.t.Fatalf("OCSF %s: no example of %s", l.schema.Version, t.Name)
	}
	return "text"
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

func toInt(t *testing.T, n json.Number) int64 {
	t.Helper()
	v, err := n.Int64()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// eachLeast visits the least event of every class of every version: without
// profiles, with each profile of the class, and with all of them.
func eachLeast(t *testing.T, visit func(t *testing.T, l least, c *Checker, event map[string]any)) {
	for _, s := range schemas(t) {
		c := NewChecker(s)
		for i := range s.Classes {
			class := &s.Classes[i]
			lists := [][]string{nil, class.Profiles}
			for _, p := range class.Profiles {
				lists = append(lists, []string{p})
			}
			for _, profiles := range lists {
				l := least{t, s, class, profiles}
				t.Run(s.Version+" "+class.Name+" "+strings.Join(profiles, ","), func(t *testing.T) {
					l.t = t
					visit(t, l, c, l.event())
				})
			}
		}
	}
}

// Law: what the facts require is all that the checker requires, and nothing less.
func TestLeastEvents(t *testing.T) {
	eachLeast(t, func(t *testing.T, l least, c *Checker, event map[string]any) {
		for _, f := range c.Check(event) {
			t.Errorf("the least event: %s", f)
		}
		for i := range l.class.Attributes {
			a := &l.class.Attributes[i]
			if a.Requirement != Required || !a.Applies(l.profiles) || a.Name == "class_uid" || a.Name == "metadata" {
				continue
			}
			value := event[a.Name]
			delete(event, a.Name)
			want := Finding{Path: a.Name, Message: "is missing: class " + l.class.Name + " requires it"}
			if found := c.Check(event); !slices.Contains(found, want) {
				t.Errorf("without %s: %v", a.Name, found)
			}
			event[a.Name] = value
		}
	})
}

// Law: an event has what a profile requires exactly if it may list the profile.
func TestProfilesRequire(t *testing.T) {
	eachLeast(t, func(t *testing.T, l least, c *Checker, event map[string]any) {
		if len(l.profiles) != 1 {
			return
		}
		p, _ := l.schema.ProfileAttributes(l.class, l.profiles[0])
		for _, a := range p.Required {
			if _, ok := event[a.Name]; !ok {
				t.Errorf("the least event with the profile lacks %s", a.Name)
			}
		}
		bare := least{t, l.schema, l.class, nil}.event()
		for name := range event {
			if _, ok := bare[name]; !ok && !slices.ContainsFunc(p.Required, func(a *Attribute) bool { return a.Name == name }) {
				t.Errorf("the profile requires %s too", name)
			}
		}
	})
}

// Law: a Layout can hold the least event of every class, and reads and writes it.
func TestLeastLayouts(t *testing.T) {
	eachLeast(t, func(t *testing.T, l least, _ *Checker, event map[string]any) {
		layout, err := NewLayout(l.schema, l.class, fieldsOf(l.class.Attributes, event))
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		e := NewEvent(layout)
		if err := e.ReadJSON(text); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(any(event), decode(t, string(e.AppendJSON(nil)), true)); diff != "" {
			t.Errorf("(-event +read and written)\n%s", diff)
		}
	})
}

// fieldsOf makes the fields of what an event has.
func fieldsOf(list []Attribute, values map[string]any) []*Field {
	var fields []*Field
	for name, value := range values {
		a, _ := attribute(list, name)
		f := &Field{Name: name, Attribute: a}
		if items, ok := value.([]any); ok {
			value = items[0]
		}
		if below, ok := value.(map[string]any); ok && a.Object != nil {
			f.Children = fieldsOf(a.Object.Attributes, below)
		}
		fields = append(fields, f)
	}
	return fields
}
