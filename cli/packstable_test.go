package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// origin is a family of alerts, by where its fields lie. Pages name it, and leave the
// beginning of its fields out.
type origin struct{ name, prefix, also string }

// origins are in the order of the pages.
var origins = []origin{
	{"Windows", "data.win.", ""},
	{"auditd", "data.audit.", ""},
	{"file integrity", "syscheck.", ""},
	{"AWS", "data.aws.", ""},
	{"Office 365", "data.office365.", ""},
	{"Azure", "data.azure.", "data."},
	{"Microsoft Graph", `data.ms-graph.`, ""},
	{"Google Cloud", "data.gcp.", ""},
	{"GitHub", "data.github.", ""},
	{"Okta", "data.okta.", ""},
	{"Docker", "data.docker.", ""},
	{"SCA", "data.sca.", ""},
	{"CIS-CAT", "data.cis.", ""},
	{"OpenSCAP", "data.oscap.", ""},
	{"vulnerability detector", "data.vulnerability.", ""},
	{"VirusTotal", "data.virustotal.", ""},
	{"YARA", "data.YARA.", "data."},
	{"osquery", "data.osquery.", ""},
	{"AbuseIPDB", "data.abuseipdb.", ""},
	{"Suricata", "data.alert.", ""},
}

const wazuh5 = "Wazuh 5"

func sourceList() string {
	var b strings.Builder
	b.WriteString("| the pages say | their fields are below |\n|---|---|\n")
	for _, o := range origins {
		below := "`" + strings.TrimSuffix(o.prefix, ".") + "`"
		if o.also != "" {
			below += " or `" + strings.TrimSuffix(o.also, ".") + "`"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", o.name, below)
	}
	fmt.Fprintf(&b, "| %s | the top of the finding |\n| no name | the top of the alert |\n", wazuh5)
	return b.String()
}

// attributeRow is an attribute with what it comes from in the mappings of a class.
type attributeRow struct {
	name      string // with [] behind lists
	attribute *ocsf.Attribute
	fields    map[string][]string // by origin; "" for the top of the alert
	tables    []string
	constants []string
	tests     map[string][]string // fields that decide between constants, by origin
}

type attributeRows struct{ rows []*attributeRow }

// add adds what the rules of a mapping say.
func (a *attributeRows) add(e *engine.Engine, mapping int) {
	m := &e.Mappings[mapping]
	for _, s := range e.Sources(mapping) {
		name, attribute := bracketed(m.Layout.Fields, s.Attribute)
		if attribute == nil || name == "unmapped" {
			continue
		}
		row := a.row(name, attribute)
		fifth := strings.Contains(m.Name, "/wazuh5")
		sortByOrigin(row.fields, s.Fields, fifth)
		row.tables = appendOnce(row.tables, s.Tables...)
		row.constants = appendOnce(row.constants, s.Constants...)
		if len(s.Fields) == 0 && len(s.Constants) > 1 || len(s.Fields) == 0 && !strings.Contains(name, ".") {
			sortByOrigin(row.tests, s.Tests, fifth)
		}
	}
}

// sortByOrigin adds fields to those of their families.
func sortByOrigin(to map[string][]string, fields []string, fifth bool) {
	for _, f := range fields {
		of, short := originOf(f, fields)
		if fifth {
			of, short = wazuh5, f
		}
		to[of] = appendOnce(to[of], short)
	}
}

func (a *attributeRows) row(name string, attribute *ocsf.Attribute) *attributeRow {
	for _, r := range a.rows {
		if r.name == name {
			return r
		}
	}
	r := &attributeRow{name: name, attribute: attribute, fields: map[string][]string{}, tests: map[string][]string{}}
	a.rows = append(a.rows, r)
	return r
}

// bracketed writes [] behind the lists in the name of an attribute, and finds it.
func bracketed(fields []*ocsf.Field, name string) (string, *ocsf.Attribute) {
	first, rest, deeper := strings.Cut(name, ".")
	for _, f := range fields {
		if f.Name != first {
			continue
		}
		if f.List && deeper {
			first += "[]"
		}
		if !deeper {
			return first, f.Attribute
		}
		if len(f.Children) == 0 {
			return first + "." + rest, f.Attribute
		}
		inner, attribute := bracketed(f.Children, rest)
		return first + "." + inner, attribute
	}
	return name, nil
}

// originOf names the family of a field, and the field in it. Where a rule also looks for the
// field without the family's own beginning, it is the same field.
func originOf(field string, all []string) (of, short string) {
	plain := strings.NewReplacer(`["ms-graph"]`, "ms-graph").Replace(field)
	for _, o := range origins {
		if rest, ok := strings.CutPrefix(plain, o.prefix); ok {
			return o.name, rest
		}
		if rest, ok := strings.CutPrefix(plain, o.also); ok && o.also != "" && slices.Contains(all, o.prefix+rest) {
			return o.name, rest
		}
	}
	return "", field
}

func appendOnce(list []string, more ...string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// text is a table for each object that is wanted, by the name of the attribute of the
// event.
func (a *attributeRows) text(want func(top string) bool) string {
	var b strings.Builder
	for _, group := range a.groups() {
		if !want(topOf(group)) {
			continue
		}
		title := "`" + group + "`"
		if group == "" {
			title = "The event itself"
		}
		fmt.Fprintf(&b, "\n### %s\n\n| attribute | from |\n|---|---|\n", title)
		for _, r := range a.rows {
			if groupOf(r.name) == group {
				name := strings.TrimPrefix(strings.TrimPrefix(r.name, group), ".")
				fmt.Fprintf(&b, "| `%s` | %s |\n", orElse(name, group), strings.ReplaceAll(r.from(), "|", `\|`))
			}
		}
	}
	return b.String()
}

func (a *attributeRows) groups() (names []string) {
	for _, r := range a.rows {
		names = appendOnce(names, groupOf(r.name))
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(topOf(a), topOf(b)) })
	return names
}

func (a *attributeRows) topsIn(names []string) (found []string) {
	for _, n := range names {
		if slices.ContainsFunc(a.rows, func(r *attributeRow) bool { return topOf(r.name) == n }) {
			found = append(found, n)
		}
	}
	return found
}

// topOf is the attribute of the event that a name begins with.
func topOf(name string) string {
	top, _, _ := strings.Cut(name, ".")
	return strings.TrimSuffix(top, "[]")
}

// groupOf is the object under whose heading an attribute stands: that of the event, or in
// evidences that of the evidence.
func groupOf(name string) string {
	parts := strings.Split(name, ".")
	deep := 1
	if parts[0] == "evidences[]" || parts[0] == "finding_info" && len(parts) > 2 {
		deep = 2
	}
	if len(parts) <= deep {
		deep = len(parts) - 1
	}
	return strings.Join(parts[:deep], ".")
}

// from says what an attribute comes from.
func (r *attributeRow) from() string {
	text := byOrigin(r.fields)
	if len(r.tables) > 0 && text != "" {
		text += "<br>looked up in " + quotedNames(r.tables)
	}
	constants := strings.Join(r.stated(), ", ")
	switch {
	case constants == "" || text != "" && len(r.attribute.Enum) == 0:
		return text
	case text != "":
		text += "<br>or "
	}
	text += constants
	if tests := byOrigin(r.tests); tests != "" && strings.Count(tests, "`") <= 2*mostTests {
		text += "<br>depending on " + strings.ReplaceAll(tests, "<br>", ", ")
	}
	return text
}

// mostTests is how many fields are named that decide between constants.
const mostTests = 6

// byOrigin writes fields by the families of alerts that have them.
func byOrigin(fields map[string][]string) string {
	var parts []string
	if plain := fields[""]; len(plain) > 0 {
		parts = append(parts, quotedNames(braced(plain)))
	}
	for _, o := range append(slices.Clone(origins), origin{name: wazuh5}) {
		if names := fields[o.name]; len(names) > 0 {
			parts = append(parts, "**"+o.name+"** "+quotedNames(braced(names)))
		}
	}
	return strings.Join(parts, "<br>")
}

// braced writes as one what lies under the same name in the items of three lists or more:
// a.{b, c, d}[].name
func braced(names []string) (out []string) {
	lists := map[string][]string{}
	for _, n := range names {
		if list, inner, ok := strings.Cut(n, "[]."); ok {
			lists[inner] = append(lists[inner], list)
		}
	}
	for _, n := range names {
		_, inner, _ := strings.Cut(n, "[].")
		together := lists[inner]
		if len(together) < 3 {
			out = append(out, n)
			continue
		}
		begin := together[0]
		for !strings.HasSuffix(begin, ".") || slices.ContainsFunc(together, func(l string) bool { return !strings.HasPrefix(l, begin) }) {
			begin = begin[:len(begin)-1]
		}
		short := make([]string, len(together))
		for i, l := range together {
			short[i] = l[len(begin):]
		}
		out = appendOnce(out, begin+"{"+strings.Join(short, ", ")+"}[]."+inner)
	}
	return out
}

// stated are the constants, with their captions.
func (r *attributeRow) stated() (texts []string) {
	for _, c := range r.constants {
		if caption, ok := r.attribute.EnumCaption(c); ok {
			texts = append(texts, c+" "+caption)
		} else {
			texts = append(texts, "`"+c+"`")
		}
	}
	return texts
}
