package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// packs are the pages of docs/packs that say what a class has from where: the name of
// a page is that of the class.
const packs = "../docs/packs/"

// common are the objects that are the same in every class of the set, and have a page of
// their own.
var common = []string{"metadata", "device", "cloud", "attacks", "observables", "enrichments"}

// Law: the tables of docs/packs are those of the mappings, every class has a page, and
// every page is linked. With -update the test writes the tables.
func TestManualOfPacks(t *testing.T) {
	set := packOf(t, "wazuh/by_class")
	pages := map[string]map[string]string{
		"README.md":           {"sources": sourceList(), "classes": set.pageList()},
		"every-event.md":      {"attributes": set.attributes(func(top string) bool { return slices.Contains(common, top) })},
		"security_finding.md": packOf(t, "wazuh/security_finding").parts("security_finding", nil),
	}
	for _, class := range set.classes() {
		left := common
		if class == "detection_finding" { // its enrichments are of other tools
			left = common[:5]
		}
		pages[class+".md"] = set.parts(class, left)
	}
	index, err := os.ReadFile(packs + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	for page, parts := range pages {
		comparePage(t, packs+page, parts)
		if page != "README.md" && !strings.Contains(string(index), "("+page+")") {
			t.Errorf("%sREADME.md has no link to %s", packs, page)
		}
	}
	found, err := filepath.Glob(packs + "*.md")
	if want := len(pages) + 1; err != nil || len(found) != want { // TestManualCoverage has one
		t.Errorf("docs/packs has %d pages, want %d (%v)", len(found), want, err)
	}
}

// pack is a set of mappings with what each attribute of its classes comes from.
type pack struct {
	engine *engine.Engine
}

func packOf(t *testing.T, name string) *pack {
	t.Helper()
	files, err := mapping.Load([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &pack{e}
}

// classes are the names of the classes, in the order in which alerts are offered to them.
func (p *pack) classes() (names []string) {
	for _, m := range p.engine.Mappings {
		if name := m.Layout.Class.Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// parts are the tables of a class: attributes, but for the objects that are left out, and
// columns.
func (p *pack) parts(class string, left []string) map[string]string {
	var layouts []*ocsf.Layout
	rows := attributeRows{}
	for i, m := range p.engine.Mappings {
		if m.Layout.Class.Name == class {
			layouts = append(layouts, m.Layout)
			rows.add(p.engine, i)
		}
	}
	shown := rows.text(func(top string) bool { return !slices.Contains(left, top) })
	if names := rows.topsIn(left); len(names) > 0 {
		shown += fmt.Sprintf("\nBesides, every event has %s: see [every event](every-event.md).\n", quotedNames(names))
	}
	var columns strings.Builder
	for _, c := range glue.Columns(ocsf.Merge(layouts)) {
		listColumn(&columns, c.Name, c.Type)
	}
	return map[string]string{"attributes": shown, "columns": "```\n" + columns.String() + "```\n"}
}

// listColumn writes a line for each scalar in a column, with [] behind lists.
func listColumn(b *strings.Builder, name string, of glue.Type) {
	switch {
	case of.Element != nil:
		listColumn(b, name+"[]", *of.Element)
	case of.Value != nil:
		fmt.Fprintf(b, "%-60s map of string to %s\n", name, of.Value.Scalar)
	case of.Fields != nil:
		for _, f := range of.Fields {
			listColumn(b, name+"."+f.Name, f.Type)
		}
	default:
		fmt.Fprintf(b, "%-60s %s\n", name, of.Scalar)
	}
}

// attributes are the tables of some objects over all mappings.
func (p *pack) attributes(want func(top string) bool) string {
	rows := attributeRows{}
	for i := range p.engine.Mappings {
		rows.add(p.engine, i)
	}
	return rows.text(want)
}

// pageList is the list of the classes, with their pages.
func (p *pack) pageList() string {
	var b strings.Builder
	b.WriteString("| class | page | mappings |\n|---|---|---|\n")
	for _, class := range p.classes() {
		var names []string
		var of *ocsf.Class
		for _, m := range p.engine.Mappings {
			if m.Layout.Class.Name == class {
				of = m.Layout.Class
				names = append(names, strings.TrimPrefix(m.Name, "wazuh/by_class/"))
			}
		}
		fmt.Fprintf(&b, "| %d | [%s](%s.md) | %s |\n", of.UID, of.Caption, class, quotedNames(names))
	}
	return b.String()
}

func quotedNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	return strings.Join(quoted, ", ")
}
