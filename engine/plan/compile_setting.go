package plan

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// settings settles the value of each setting: the one that was given, or the
// default.
func (c *compiler) settings() {
	var members []alert.Member
	for i := range c.m.Settings {
		s := &c.m.Settings[i]
		scalar, given := s.Default, false
		if c.options.Setting != nil {
			var g Given
			if g, given = c.options.Setting(s.Name); given {
				scalar.Text = c.fitting(s, g)
			}
		}
		c.given = append(c.given, Setting{s.Name, scalar.Text, given})
		members = append(members, alert.Member{Name: s.Name, Value: constantValue(scalar)})
	}
	if len(members) > 0 {
		c.scope.Settings = alert.OfObject(members)
	}
}

// fitting returns a given value in the spelling of the kind that the default has,
// which each value of the setting must have: the rules of the mapping rely on it.
func (c *compiler) fitting(s *syntax.Setting, g Given) string {
	ok, kind := true, ""
	text := g.Value
	switch s.Default.Kind {
	case syntax.Bool:
		kind = "true or false"
		text, ok = truth(g.Value)
	case syntax.Int:
		kind = "a whole number"
		n, err := strconv.ParseInt(g.Value, 10, 64)
		text, ok = strconv.FormatInt(n, 10), err == nil
	case syntax.Float:
		kind = "a number"
		var n alert.Value
		n, ok = alert.ParseNumber(g.Value)
		ok = ok && n.Kind != alert.Text
	default:
		if !utf8.ValidString(text) {
			c.faults.Add(s.At, "setting `%s` is text, and %s is not UTF-8: give UTF-8", s.Name, g.Where)
			return s.Default.Text
		}
	}
	if ok {
		return text
	}
	c.faults.Add(s.At, "setting `%s` is %s, and %s is %q: set it to %s, or put quotes around this default, which makes the setting text",
		s.Name, kind, g.Where, g.Value, kind)
	return s.Default.Text
}

// truth spells a boolean as YAML has it.
func truth(s string) (string, bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1":
		return "true", true
	case "false", "no", "off", "0":
		return "false", true
	}
	return "", false
}
