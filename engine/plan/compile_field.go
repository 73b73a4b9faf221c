package plan

import (
	"slices"
	"strconv"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/engine/wazuh"
)

// fieldKind returns what a field of Wazuh's alerts holds.
func fieldKind(p alert.Path) wazuh.Kind {
	names := namesOf(p)
	kind, unknown := wazuh.Find(names)
	switch {
	case unknown >= 0, len(names) == 0:
		return wazuh.Open
	case len(names) == len(p):
		return kind
	case kind == wazuh.List && len(names)+1 == len(p):
		return wazuh.Text // an item
	}
	return wazuh.Open
}

// namesOf returns the names of a path up to its first position in a list.
func namesOf(p alert.Path) []string {
	var names []string
	for _, step := range p {
		if step.IsIndex {
			break
		}
		names = append(names, step.Name)
	}
	return names
}

// fieldRules makes expressions say which uses of a field its type rules out. They
// are off where a transform may change alerts.
func (c *compiler) fieldRules() {
	if slices.ContainsFunc(c.m.Transforms, func(t syntax.Transform) bool { return !t.Event }) {
		return
	}
	c.scope.Condition, c.scope.Compare = noCondition, noComparison
}

// noCondition says why a field can be no condition, "" if it can.
func noCondition(p alert.Path) string {
	field := p.String()
	is, cure := "", ""
	switch fieldKind(p) {
	case wazuh.Number:
		is, cure = "a number", field+" >= 1"
	case wazuh.Text, wazuh.Time:
		is, cure = "text", field+" != nil"
	case wazuh.List:
		is, cure = "a list", "len("+field+") > 0"
	case wazuh.Object:
		is, cure = "an object", field+" != nil"
	default:
		return ""
	}
	return "`" + field + "` is " + is + ", and a condition is true or false: write " + cure
}

// noComparison says why an operator never gives more than false for a field, whose
// other side is text: "" if it may. Text is "" where it is computed.
func noComparison(p alert.Path, operator, text string) string {
	if fieldKind(p) != wazuh.List {
		return ""
	}
	field, other := p.String(), strconv.Quote(text)
	if text == "" {
		other = "…"
	}
	cure := ""
	switch operator {
	case "==", "contains":
		cure = other + " in " + field
	case "!=":
		cure = "not (" + other + " in " + field + ")"
	case "matches", "startsWith", "endsWith":
		cure = "any(" + field + ", # " + operator + " " + other + ")"
	default:
		return ""
	}
	return "`" + field + "` is a list, and `" + operator + "` compares texts: write " + cure
}
