package function

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// parseCSV makes a list of the fields of one line, which are separated by commas
// or by the second argument. In a field in quotes, two quotes are one.
func parseCSV(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	between, err := separator(args, 1, ",")
	if err != nil {
		return alert.Value{}, err
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
	if s == "" {
		return alert.Value{}, nil
	}
	base := len(m.Stack)
	for more := true; more; {
		var field string
		field, s, more = csvField(s, between)
		if err := m.lists(1); err != nil {
			return alert.Value{}, err
		}
		m.Stack = append(m.Stack, alert.OfText(field))
	}
	return m.Listed(base)
}

// csvField reads the first field of a line. What follows a closing quote belongs
// to the field; a quote that is not closed ends with the line.
func csvField(s, between string) (field, rest string, more bool) {
	if !strings.HasPrefix(s, `"`) {
		return strings.Cut(s, between)
	}
	inside, s, closed := strings.Cut(s[1:], `"`)
	if closed && !strings.HasPrefix(s, `"`) { // most fields have no quote inside
		behind, rest, more := strings.Cut(s, between)
		if behind == "" {
			return inside, rest, more
		}
		return inside + behind, rest, more
	}
	out := []byte(inside)
	for closed && strings.HasPrefix(s, `"`) {
		inside, s, closed = strings.Cut(s[1:], `"`)
		out = append(append(out, '"'), inside...)
	}
	behind, rest, more := strings.Cut(s, between)
	return string(append(out, behind...)), rest, more && closed
}
