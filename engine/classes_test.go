package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law, for every class of every version: a random mapping with all profiles of the
// class in its head, ids or captions, and observables makes lawful events, which list
// the profiles that they have, observe what is observable, lose no leaf, and are explained
// whole.
func TestEveryClassFollows(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		checker := ocsf.NewChecker(schema)
		compiled, events := 0, 0
		for i := range schema.Classes {
			class := &schema.Classes[i]
			g := &classGenerator{Rand: rand.New(rand.NewPCG(uint64(class.UID), 7)), class: class}
			mapping := g.mapping(version)
			e, err := engine.Compile([]engine.File{{Name: class.Name + ".yaml", Text: []byte(mapping)}}, engine.Options{})
			if err != nil {
				t.Logf("%s: %v", version, err)
				continue
			}
			compiled++
			w := e.NewWorker()
			for range 20 {
				line := g.alert()
				explained := w.Explain(line)
				r := w.Apply(line)
				if r.Outcome != engine.Event {
					continue
				}
				events++
				lawful(t, checker, r)
				g.follows(t, schema, r.Events[0].Event)
				if diff := cmp.Diff(decoded(t, string(r.Events[0].Event.AppendJSON(nil))), rebuilt(t, explained)); diff != "" {
					t.Errorf("explained: -event +attributes\n%s", diff)
				}
				if t.Failed() {
					t.Fatalf("%s\n%s", version, mapping)
				}
			}
		}
		if classes := len(schema.Classes); compiled < classes*9/10 || events < classes*5 {
			t.Errorf("%s: of %d classes only %d mappings compile, and there are only %d events", version, classes, compiled, events)
		}
	}
}

type classGenerator struct {
	*rand.Rand
	class  *ocsf.Class
	fields []classField // of the alert
	texts  []string     // in the current alert: each must be in the event
}

// classField is data.vN of the alert: its values, and whether most alerts have it.
type classField struct {
	values []string // JSON
	often  bool
}

func (g *classGenerator) mapping(version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "mapping: m\nschema: %s\nclass: %s\nprofiles: [%s]\nevent:\n", version, g.class.Name, strings.Join(g.class.Profiles, ", "))
	g.object(&b, "", g.class.Attributes, g.class.Constraint, 1)
	b.WriteString("  observables: {$from: event}\n  unmapped: {$rest: true}\n")
	return b.String()
}

// notWritten are attributes that follow from others, or are written by mapping.
var notWritten = []string{"class_uid", "class_name", "category_uid", "category_name", "type_uid", "type_name", "observables", "unmapped", "metadata.version", "metadata.profiles"}

// object writes rules for some attributes of an object: those that it needs, and some
// others, fewer the deeper it is.
func (g *classGenerator) object(b *strings.Builder, at string, list []ocsf.Attribute, c ocsf.Constraint, depth int) {
	needed := map[string]bool{}
	for _, names := range [][]string{c.AtLeastOne, c.JustOne} {
		if len(names) > 0 {
			needed[names[g.IntN(len(names))]] = true
		}
	}
	begun := b.Len()
	for i := range list {
		a := &list[i]
		path := strings.TrimPrefix(at+"."+a.Name, ".")
		required := a.Requirement == ocsf.Required || needed[a.Name] || path == "activity_id"
		switch {
		case slices.Contains(notWritten, path), a.Type != nil && (a.Type.Kind == ocsf.Open || a.Type.Kind == ocsf.Datetime):
		case !required && (slices.Contains(c.JustOne, a.Name) || depth > 5 || g.IntN(2+2*depth) > 0):
		default:
			g.attribute(b, path, list, a, required, depth)
		}
	}
	for i := 0; b.Len() == begun; i++ { // an object has at least one
		if a := &list[i]; a.Object == nil && a.Type.Kind != ocsf.Open && a.Type.Kind != ocsf.Datetime {
			g.attribute(b, at+"."+a.Name, list, a, true, depth)
		}
	}
}

func (g *classGenerator) attribute(b *strings.Builder, path string, list []ocsf.Attribute, a *ocsf.Attribute, required bool, depth int) {
	indent := strings.Repeat("  ", depth)
	switch {
	case a.Object != nil && a.Array:
		fmt.Fprintf(b, "%s%s:\n%s  -\n", indent, a.Name, indent)
		g.object(b, path, a.Object.Attributes, a.Object.Constraint, depth+2)
	case a.Object != nil:
		fmt.Fprintf(b, "%s%s:\n", indent, a.Name)
		g.object(b, path, a.Object.Attributes, a.Object.Constraint, depth+1)
	case isCaption(list, a): // written with its id
	case len(a.Enum) > 0 && a.Sibling != "" && a.Type.Kind != ocsf.String && !a.Array && hasAttribute(list, a.Sibling) && g.IntN(2) == 0:
		g.rule(b, indent+a.Sibling, captionTexts(a), required)
	default:
		g.rule(b, indent+a.Name, valuesOf(a), required)
	}
}

func (g *classGenerator) rule(b *strings.Builder, name string, values []string, required bool) {
	fmt.Fprintf(b, "%s: =data.v%d\n", name, len(g.fields))
	g.fields = append(g.fields, classField{values, required})
}

func hasAttribute(list []ocsf.Attribute, name string) bool {
	return slices.ContainsFunc(list, func(a ocsf.Attribute) bool { return a.Name == name && a.Type != nil && a.Type.Kind == ocsf.String })
}

func isCaption(list []ocsf.Attribute, a *ocsf.Attribute) bool {
	return slices.ContainsFunc(list, func(id ocsf.Attribute) bool { return id.Sibling == a.Name && len(id.Enum) > 0 })
}

func captionTexts(id *ocsf.Attribute) []string {
	values := []string{`"none of them"`}
	for _, e := range id.Enum {
		values = append(values, fmt.Sprintf("%q", e.Caption), fmt.Sprintf("%q", strings.ToUpper(e.Caption)))
	}
	return values
}

// valuesOf are values for an attribute's type; "" stands for a text of its own.
func valuesOf(a *ocsf.Attribute) []string {
	if len(a.Enum) > 0 {
		var values []string
		for _, e := range a.Enum {
			values = append(values, fmt.Sprintf("%q", e.Value))
		}
		return values
	}
	switch a.Type.Name {
	case "ip_t":
		return []string{`"192.0.2.1"`, `"192.0.2.2"`, `"any"`}
	case "mac_t":
		return []string{`"00:1a:2b:3c:4d:5e"`}
	case "hostname_t":
		return []string{`"a.example"`, `"b.example"`, `"no name"`}
	case "email_t":
		return []string{`"a@example.org"`}
	}
	switch a.Type.Kind {
	case ocsf.Boolean:
		return []string{"true", `"no"`}
	case ocsf.Integer, ocsf.Long, ocsf.Float:
		return []string{"1", `"22"`, `"many"`}
	case ocsf.Timestamp:
		return []string{"1773480413", `"2026-03-14T09:26:53.589Z"`}
	}
	return []string{""}
}

func (g *classGenerator) alert() string {
	g.texts = g.texts[:0]
	var members []string
	for i, f := range g.fields {
		if g.IntN(10) >= 6 && !(f.often && g.IntN(20) > 0) {
			continue
		}
		value := f.values[g.IntN(len(f.values))]
		if f.often && len(f.values) > 1 && strings.Contains(`"any" "many" "no name"`, value) {
			value = f.values[0]
		}
		if value == "" {
			g.texts = append(g.texts, fmt.Sprintf("x%dz", i))
			value = fmt.Sprintf(`"x%dz"`, i)
		}
		members = append(members, fmt.Sprintf(`"v%d":%s`, i, value))
	}
	return `{"data":{` + strings.Join(members, ",") + `}}`
}

// follows checks what follows from an event's attributes, and that no text vanished.
func (g *classGenerator) follows(t *testing.T, schema *ocsf.Schema, e *ocsf.Event) {
	text := e.AppendJSON(nil)
	var event map[string]any
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	listed := profilesOf(event)
	for _, p := range g.class.Profiles {
		if has := hasProfile(schema, g.class, p, event); has != slices.Contains(listed, p) {
			t.Errorf("has %s: %v, listed: %v in %s", p, has, listed, text)
		}
	}
	if diff := cmp.Diff(expectedObservables(g.class.Attributes, "", event, nil), observablesOf(event), cmp.AllowUnexported(observable{})); diff != "" {
		t.Errorf("observables: -want +got\n%s%s", diff, text)
	}
	whole := withoutObservables(t, text)
	for _, x := range g.texts {
		if !strings.Contains(whole, x) {
			t.Errorf("%s vanished from %s", x, text)
		}
	}
}
