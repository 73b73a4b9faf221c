package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/engine/wazuh"
)

// closed are the objects of an alert whose members are known. Those of data and
// others depend on decoders.
var closed = []string{"rule", "agent", "manager", "decoder", "predecoder", "syscheck", "cluster", "input"}

// unknown looks for fields that Wazuh's alerts do not have. It skips those that an
// alert of the tests has, and mappings whose transforms may add fields. It returns
// the reads that it reported.
func (l *linter) unknown(p *Plan, alerts []string) map[read]bool {
	reported := map[read]bool{}
	if p.ChangesAlerts() {
		return reported
	}
	seen := seenIn(p, alerts)
	for e, program := range l.programs {
		for j, path := range program.Reads {
			names := namesOf(path)
			_, at := wazuh.Find(names)
			if at < 0 || at > 0 && !slices.Contains(closed, names[0]) || seen[program.slots[j]] || program.Probes(j) {
				continue
			}
			reported[read{e, j}] = true
			place := program.ReadAt(j)
			l.unknownField(l.textOf(e, place), place.Offset, path[:at+1])
		}
	}
	return reported
}

// read is a read of an expression, by its index.
type read struct {
	expression *syntax.Expression
	index      int
}

// mostNear is for how many fields one is looked for that may be meant.
const mostNear = 1000

// unknownField reports a field whose last name is not known. It is read at an offset
// of the text.
func (l *linter) unknownField(e *syntax.Expression, offset int, field alert.Path) {
	if start, whole, cure := expression.DashedName(e.Text, offset, field[0].Name); cure != "" {
		l.warn("unknown-field", e.At(start), "`%s` subtracts one field from another: for the field of that name write %s", whole, cure)
		return
	}
	near := ""
	if l.unknowns++; l.unknowns <= mostNear {
		near = l.nearField(field)
	}
	if near == "" {
		near = "; if yours do, write `# sluice: allow unknown-field` at the end of the line"
	}
	l.warn("unknown-field", e.At(offset), "Wazuh's alerts have no `%s`%s", bracketed(field), near)
}

// nearField suggests what a field may be a misspelling of.
func (l *linter) nearField(field alert.Path) string {
	names := namesOf(field)
	last, parent := names[len(names)-1], names[:len(names)-1]
	if len(parent) > 0 {
		if near := spelling.Nearest(last, wazuh.Members(parent)); near != "" {
			return "; did you mean `" + strings.Join(append(parent, near), ".") + "`?"
		}
		return ""
	}
	if _, ok := l.m.TablePos[last]; ok {
		return "; did you mean the table, tables." + last + "?"
	}
	if slices.ContainsFunc(l.m.Settings, func(s syntax.Setting) bool { return s.Name == last }) {
		return "; did you mean the setting, settings." + last + "?"
	}
	var lets []string
	for i := range l.m.Let {
		lets = append(lets, l.m.Let[i].Name)
	}
	near := spelling.Nearest(last, append(slices.Clone(lets), wazuh.Members(nil)...))
	switch {
	case near == "":
		return ""
	case slices.Contains(lets, near):
		return "; did you mean the `let` " + near + "?"
	}
	return "; did you mean `" + bracketed(alert.Path{{Name: near}}) + "`?"
}

// bracketed writes a field as an expression reads it.
func bracketed(field alert.Path) string {
	if text := field.String(); !strings.HasPrefix(text, "@") {
		return text
	}
	return `alert["` + field[0].Name + `"]`
}

// seenIn reports which wanted values some alert has.
func seenIn(p *Plan, alerts []string) []bool {
	seen := make([]bool, len(p.Reading.Wants))
	sc := alert.NewSpec(p.Reading.Wants, false, alert.Limits{}).NewScanner()
	for _, line := range alerts {
		if sc.Scan(line) != nil {
			continue // a test of what is not an alert
		}
		for i := range seen {
			seen[i] = seen[i] || sc.Value(i).Kind != alert.Nil
		}
	}
	return seen
}
