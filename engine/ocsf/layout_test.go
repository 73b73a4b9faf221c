package ocsf

import (
	"slices"
	"strings"
	"testing"
)

// tree makes fields of dotted paths.
func tree(paths ...string) []*Field {
	var fields []*Field
	for _, path := range paths {
		list := &fields
		for name := range strings.SplitSeq(path, ".") {
			i := slices.IndexFunc(*list, func(f *Field) bool { return f.Name == name })
			if i < 0 {
				i = len(*list)
				*list = append(*list, &Field{Name: name})
			}
			list = &(*list)[i].Children
		}
	}
	return fields
}

func layout(t testing.TB, class string, paths ...string) *Layout {
	t.Helper()
	s := load(t)
	c, ok := s.Class(class)
	if !ok {
		t.Fatalf("no class %s", class)
	}
	l, err := NewLayout(s, c, tree(paths...))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Law: numbers go depth first in the order of names, and start anew in items.
func TestLayoutCells(t *testing.T) {
	l := layout(t, "detection_finding", "unmapped", "time", "metadata.version", "metadata.product.name",
		"metadata.product.lang", "finding_info.attacks.technique.uid", "finding_info.attacks.version",
		"finding_info.types", "finding_info.title", "finding_info.attacks.tactic.name")
	want := `finding_info 0
finding_info.attacks 1 list of 5
finding_info.attacks.tactic 0
finding_info.attacks.tactic.name 1
finding_info.attacks.technique 2
finding_info.attacks.technique.uid 3
finding_info.attacks.version 4
finding_info.title 2
finding_info.types 3 list of 1
metadata 4
metadata.product 5
metadata.product.lang 6
metadata.product.name 7
metadata.version 8
time 9
unmapped 10
`
	var b strings.Builder
	describe(&b, "", l.Fields)
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if l.Cells != 11 || l.TimeCell != 9 {
		t.Errorf("%d cells, time in %d; want 11, 9", l.Cells, l.TimeCell)
	}
	if title := l.Fields[0].Children[1]; title.Attribute == nil || title.Attribute.Caption != "Title" {
		t.Errorf("finding_info.title has the attribute %+v", title.Attribute)
	}
}

func describe(b *strings.Builder, path string, fields []*Field) {
	for _, f := range fields {
		here := join(path, f.Name)
		b.WriteString(here + " " + itoa(f.Cell))
		if f.List {
			b.WriteString(" list of " + itoa(f.ItemCells))
		}
		b.WriteString("\n")
		describe(b, here, f.Children)
	}
}

func TestLayoutFaults(t *testing.T) {
	s := load(t)
	c, _ := s.Class("security_finding")
	message, _ := c.Attribute("message")
	shared := &Field{Name: "name"}
	for _, x := range []struct {
		name   string
		fields []*Field
		want   string
	}{
		{"no time", tree("message"), "has no attribute time"},
		{"nothing", nil, "has no attribute time"},
		{"unknown", tree("time", "finding_info.title"), "attribute finding_info: the class or object has no attribute of that name"},
		{"unknown below", tree("time", "finding.titel"), "attribute finding.titel:"},
		{"twice", append(tree("time", "message"), &Field{Name: "message"}), "attribute message is named twice"},
		{"group without children", tree("time", "metadata"), "attribute metadata: it is an object"},
		{"list without children", tree("time", "attacks"), "attribute attacks: it is an object (attack[])"},
		{"scalar with children", tree("time.year"), "attribute time: its type timestamp_t has no"},
		{"open with children", tree("time", "unmapped.x"), "attribute unmapped: its type object has no"},
		{"another attribute", append(tree("time"), &Field{Name: "count", Attribute: message}), "attribute count: its Attribute is another one (message)"},
		{"one field in two places", append(tree("time"), &Field{Name: "attacks", Children: []*Field{
			{Name: "tactic", Children: []*Field{shared}}, {Name: "technique", Children: []*Field{shared}}}}), "is used in two places"},
	} {
		l, err := NewLayout(s, c, x.fields)
		if l != nil || err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), "security_finding") {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
	}
}
