package ocsf

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pathsOf lists the dotted paths of what has no children, with the attribute's
// type.
func pathsOf(path string, fields []*Field) (paths []string) {
	for _, f := range fields {
		if here := join(path, f.Name); len(f.Children) > 0 {
			paths = append(paths, pathsOf(here, f.Children)...)
		} else {
			paths = append(paths, here+" "+f.Attribute.TypeName())
		}
	}
	return paths
}

// Laws: whatever attributes layouts have and in whatever order they come, the
// merged layout has those of all, each once; an event of one of them is that event
// of the merged layout; and one layout alone keeps its numbers.
func TestLayoutsMerge(t *testing.T) {
	all := []string{"activity_id", "count", "finding_info.title", "finding_info.uid", "finding_info.attacks.tactic.name", "finding_info.attacks.tactic.uid",
		"finding_info.attacks.version", "finding_info.types", "metadata.product.name", "metadata.product.lang", "metadata.version", "resources.uid", "resources.labels", "unmapped"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var layouts []*Layout
		var want []string
		for range 1 + random.IntN(4) {
			paths := []string{"time"}
			for _, p := range all {
				if random.IntN(3) == 0 {
					paths = append(paths, p)
				}
			}
			l := layout(t, "detection_finding", paths...)
			layouts, want = append(layouts, l), append(want, pathsOf("", l.Fields)...)
		}
		alone := layout(t, "detection_finding", dotted(layouts[0])...)
		Align(layouts)
		merged := Merge(layouts)
		slices.Sort(want)
		if got := pathsOf("", merged.Fields); !slices.Equal(got, slices.Compact(want)) {
			t.Fatalf("merged\n%q\nof\n%q", got, want)
		}
		random.Shuffle(len(layouts), func(i, j int) { layouts[i], layouts[j] = layouts[j], layouts[i] })
		if other := Merge(layouts); !sameLayout(merged, other) {
			t.Fatal("the order of the layouts changes the merged one")
		}
		for _, l := range layouts {
			e := NewEvent(l)
			fill(random, l.Fields, &e.Record)
			m := &Event{Layout: merged, Record: e.Record}
			if one, other := string(e.AppendJSON(nil)), string(m.AppendJSON(nil)); one != other || e.Time() != m.Time() {
				t.Fatalf("an event is\n%s\nand of the merged layout\n%s", one, other)
			}
		}
		if len(layouts) == 1 && !sameLayout(layouts[0], alone) {
			t.Fatal("one layout alone got other numbers")
		}
	}
}

func dotted(l *Layout) (paths []string) {
	for _, p := range pathsOf("", l.Fields) {
		path, _, _ := strings.Cut(p, " ")
		paths = append(paths, path)
	}
	return paths
}

func sameLayout(a, b *Layout) bool {
	var x, y strings.Builder
	describe(&x, "", a.Fields)
	describe(&y, "", b.Fields)
	return x.String() == y.String() && a.Cells == b.Cells && a.TimeCell == b.TimeCell
}

// fill sets every cell, each to something else.
func fill(random *rand.Rand, fields []*Field, rec *Record) {
	for _, f := range fields {
		c := &rec.Cells[f.Cell]
		c.Set = true
		if f.List {
			for range 1 + random.IntN(2) {
				item := c.Add(f.ItemCells)
				if len(f.Children) > 0 {
					fill(random, f.Children, item)
				} else {
					item.Cells[0] = Cell{Set: true, Num: random.Int64N(1000), Text: itoa(random.IntN(1000))}
				}
			}
			continue
		}
		fill(random, f.Children, rec)
		c.Num, c.Text = random.Int64N(1000), itoa(random.IntN(1000))
		if f.Attribute.Type != nil && f.Attribute.Type.Kind == Open {
			c.Pairs = append(c.Pairs, Pair{Key: "k", Value: c.Text})
		}
	}
}

// One table holds the events of one class of one version.
func TestSameClass(t *testing.T) {
	finding := layout(t, "security_finding", "time", "message")
	newer := *finding
	newer.Schema = &Schema{Version: finding.Schema.Version + "1"}
	for _, c := range []struct {
		other *Layout
		want  bool
	}{{layout(t, "security_finding", "time"), true}, {layout(t, "detection_finding", "time"), false}, {&newer, false}} {
		if got := SameClass(finding, c.other); got != c.want {
			t.Errorf("%s of %s: %t", c.other.Class.Name, c.other.Schema.Version, got)
		}
	}
}
