package plan

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// setText returns the setter of string_t or of a type made from it. It cuts text
// that exceeds the length of string_t. A type with a length of its own refuses
// longer text, because half a hash is useless.
func setText(t *ocsf.Type) setter {
	fits := formatOf(t)
	limit, cuttable := t.MaxLen, t.Cuttable()
	return func(c *ocsf.Cell, v alert.Value, a *alert.Arena) verdict {
		text, ok := text(v, a)
		switch {
		case !ok:
			return refused
		case text == "":
			return absent
		case fits != nil && !fits(text):
			return refused
		}
		outcome := written
		if limit > 0 && len(text) > limit {
			short := firstCharacters(text, limit)
			if len(short) < len(text) && !cuttable {
				return refused
			}
			if len(short) < len(text) {
				text, outcome = short, cut
			}
		}
		c.Set, c.Text = true, text
		return outcome
	}
}

// text returns a scalar as text, in memory of the Arena; nil is "".
func text(v alert.Value, a *alert.Arena) (string, bool) {
	switch v.Kind {
	case alert.Nil:
		return "", true
	case alert.Text:
		if !utf8.ValidString(v.Text) {
			return strings.ToValidUTF8(v.Text, "\ufffd"), true
		}
		return v.Text, true
	case alert.Bool, alert.Int, alert.Float:
		if v.Text != "" {
			return v.Text, true // the digits of the alert
		}
		return a.TextOf(v), true
	}
	return "", false
}

// firstCharacters returns the first n characters of a text, or all of it.
func firstCharacters(s string, n int) string {
	i := 0
	for n >= 8 && i+8 <= len(s) && isASCII(s[i:i+8]) { // eight at a time: n is large
		i, n = i+8, n-8
	}
	for at := range s[i:] {
		if n == 0 {
			return s[:i+at]
		}
		n--
	}
	return s
}

// isASCII reports whether each of eight bytes is a character.
func isASCII(s string) bool {
	_ = s[7]
	return (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&0x80 == 0
}

// formatOf returns the check of a type's format, nil if it has none. It parses
// addresses, which is faster than the pattern of the schema, and stricter: the
// dots of that pattern match anything.
func formatOf(t *ocsf.Type) func(string) bool {
	switch {
	case t.Name == "ip_t":
		return func(s string) bool {
			_, ok := function.ParseAddress(s)
			return ok
		}
	case t.Pattern == "":
		return nil
	case t.Name == "hostname_t":
		return isHost
	}
	// The schema does not anchor the pattern of uuid_t.
	pattern, err := regexp.Compile("^(?:" + t.Pattern + ")$")
	if err != nil {
		return func(string) bool { return false } // the generator refuses such a type
	}
	return pattern.MatchString
}

// isHost reports whether the pattern of hostname_t matches, in a tenth of the time: names of
// letters, digits and dashes inside of them, with dots between.
func isHost(s string) bool {
	before := byte('.')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c-'0' < 10 || c|0x20-'a' < 26:
		case (c == '-' || c == '.' && before != '-') && before != '.':
		default:
			return false
		}
		before = s[i]
	}
	return before != '.' && before != '-'
}

// matched reports whether formatOf is a regular expression.
func matched(t *ocsf.Type) bool { return t.Kind == ocsf.String && t.Name != "ip_t" && t.Pattern != "" }

// setEnum narrows a setter to the values of the attribute's enum.
func setEnum(a *ocsf.Attribute, set setter) setter {
	if a.Type.Kind == ocsf.String {
		return func(c *ocsf.Cell, v alert.Value, arena *alert.Arena) verdict {
			outcome := set(c, v, arena)
			if outcome == written {
				if _, ok := a.EnumCaption(c.Text); !ok {
					*c = ocsf.Cell{Items: c.Items, Pairs: c.Pairs}
					return refused
				}
			}
			return outcome
		}
	}
	allowed := make([]int64, 0, len(a.Enum))
	for _, e := range a.Enum {
		if n, err := strconv.ParseInt(e.Value, 10, 64); err == nil {
			allowed = append(allowed, n)
		}
	}
	return func(c *ocsf.Cell, v alert.Value, arena *alert.Arena) verdict {
		outcome := set(c, v, arena)
		if outcome != written {
			return outcome
		}
		for _, n := range allowed {
			if n == c.Num {
				return written
			}
		}
		c.Set, c.Num = false, 0
		return refused
	}
}

// preview formats a value for a reason, shortened.
func preview(v alert.Value) string {
	const most = 64
	switch v.Kind {
	case alert.List:
		return "a list"
	case alert.Object:
		return "an object"
	}
	t, _ := text(v, nil)
	if utf8.RuneCountInString(t) > most {
		t = firstCharacters(t, most) + "…"
	}
	if v.Kind == alert.Text {
		return strconv.Quote(t)
	}
	return t
}
