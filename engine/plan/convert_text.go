package plan

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// setText is for string_t and the types made from it. Text over string_t's
// own length is cut there; a type with a length of its own refuses what is
// longer, since half a hash is no hash.
func setText(t *ocsf.Type) setter {
	fits := formatOf(t)
	limit, cuttable := t.MaxLen, t.Cuttable()
	return func(c *ocsf.Cell, v alert.Value) verdict {
		text, ok := text(v)
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

// text gives a scalar as text; nil is "".
func text(v alert.Value) (string, bool) {
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
			return v.Text, true // the digits as they stand in the alert
		}
		return string(v.AppendText(nil)), true
	}
	return "", false
}

// firstCharacters is the beginning of a text, n characters or all of it.
func firstCharacters(s string, n int) string {
	i := 0
	for n >= 8 && i+8 <= len(s) && isASCII(s[i:i+8]) { // texts that are too long are long
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

// isASCII tells of eight bytes whether each is a character.
func isASCII(s string) bool {
	_ = s[7]
	return (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&0x80 == 0
}

// formatOf gives the check of a type's format, nil where it has none.
// Addresses are parsed, which is stricter than the expression of the schema
// (its dots match anything) and faster.
func formatOf(t *ocsf.Type) func(string) bool {
	switch {
	case t.Name == "ip_t":
		return func(s string) bool {
			_, err := netip.ParseAddr(s)
			return err == nil
		}
	case t.Pattern == "":
		return nil
	}
	// The schema's uuid_t is not anchored; a value is a UUID or it is not.
	pattern, err := regexp.Compile("^(?:" + t.Pattern + ")$")
	if err != nil {
		return func(string) bool { return false } // no type has one: the generator refuses it
	}
	return pattern.MatchString
}

// setEnum narrows a setter to the values of the attribute's enum.
func setEnum(a *ocsf.Attribute, set setter) setter {
	if a.Type.Kind == ocsf.String {
		return func(c *ocsf.Cell, v alert.Value) verdict {
			outcome := set(c, v)
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
	return func(c *ocsf.Cell, v alert.Value) verdict {
		outcome := set(c, v)
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

// preview shows a value in a reason, shortened.
func preview(v alert.Value) string {
	const most = 64
	switch v.Kind {
	case alert.List:
		return "a list"
	case alert.Object:
		return "an object"
	}
	t, _ := text(v)
	if utf8.RuneCountInString(t) > most {
		t = firstCharacters(t, most) + "…"
	}
	if v.Kind == alert.Text {
		return strconv.Quote(t)
	}
	return t
}
