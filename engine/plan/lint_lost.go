package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// lost looks for what the event would lose: values that do not fit, if the mapping
// has no `unmapped`, and fields that no rule reads, if it has no `$rest`.
func (l *linter) lost(p *Plan, alerts []string) {
	if !p.KeepsOriginals && slices.ContainsFunc(p.steps, mayFail) {
		l.warn("lost-values", l.m.Event.Pos, "a value that does not fit its attribute is lost: add `unmapped: {$rest: true}`, which keeps it")
	}
	if p.Reading.Rest {
		return
	}
	found := ""
	if names := unread(p, alerts); len(names) > 0 {
		found = "; in the alerts of the tests these are " + shortened(names)
	}
	l.found.Add(syntax.Note, "lost-fields", l.m.Event.Pos, "fields that no rule reads are lost: add `unmapped: {$rest: true}` to keep them%s", found)
}

// mayFail reports whether a step may get a value that does not fit.
func mayFail(s step) bool {
	if s.program == nil || s.set == nil {
		return false
	}
	safe := expression.Nil
	switch s.field.Attribute.Type.Kind {
	case ocsf.JSON:
		return false
	case ocsf.Boolean:
		safe |= expression.Bool
	case ocsf.Long:
		safe |= expression.Int
	case ocsf.Float:
		safe |= expression.Int | expression.Float
	}
	return len(s.field.Attribute.Enum) > 0 || s.program.Yields&^safe != 0
}

// unread returns the leaves of alerts that the plan does not read, sorted.
func unread(p *Plan, alerts []string) []string {
	sc := alert.NewSpec(p.Reading.Wants, true, alert.Limits{}).NewScanner()
	var names []string
	for _, line := range alerts {
		if sc.Scan(line) != nil {
			continue // a test of what is not an alert
		}
		for _, leaf := range sc.Rest() {
			names = append(names, strings.Clone(leaf.Key))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// shortened lists names, only the first of them if there are many.
func shortened(names []string) string {
	const most = 12
	if len(names) <= most {
		return quotedList(names)
	}
	return fmt.Sprintf("%s and %d more", quotedList(names[:most]), len(names)-most)
}
