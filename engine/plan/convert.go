package plan

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// verdict is the outcome of one conversion.
type verdict uint8

const (
	absent  verdict = iota // nothing there: nil, empty text, empty list
	written                // the cell is set
	cut                    // the cell is set to the beginning of a text that is too long
	refused                // the value is not what the attribute's type takes
)

// setter converts a value to an attribute's type and puts it into the cell. It
// is the only place where types are judged. A setter has no state and may be
// called from any goroutine; the cell's text may alias the value's.
type setter func(c *ocsf.Cell, v alert.Value) verdict

// setterFor chooses the setter of an attribute (of one item, for a list) and
// says in words what it accepts.
func setterFor(a *ocsf.Attribute) (setter, string) {
	t := a.Type
	accept := article(t.Caption) + " (" + t.Name + ")"
	var set setter
	switch t.Kind {
	case ocsf.Boolean:
		set, accept = setBoolean, "true or false (boolean_t)"
	case ocsf.Integer:
		set = setInteger(math.MinInt32, math.MaxInt32, t)
	case ocsf.Long:
		set = setInteger(math.MinInt64, math.MaxInt64, t)
	case ocsf.Float:
		set = setFloat
	case ocsf.JSON:
		set = setJSON
	case ocsf.Timestamp, ocsf.Datetime:
		set, accept = setTime, "a time from 1970 to 9999 ("+t.Name+")"
	default:
		set = setText(t)
	}
	if len(a.Enum) > 0 {
		set, accept = setEnum(a, set), "a value of its enum ("+enumValues(a)+")"
	}
	return set, accept
}

func article(caption string) string {
	if strings.ContainsRune("AEIOU", rune(caption[0])) {
		return "an " + caption
	}
	return "a " + caption
}

// enumValues lists an enum for people, shortened when it is long.
func enumValues(a *ocsf.Attribute) string {
	var parts []string
	for i, e := range a.Enum {
		if i == 12 && len(a.Enum) > 14 {
			parts = append(parts, fmt.Sprintf("and %d more", len(a.Enum)-i))
			break
		}
		if e.Caption == e.Value {
			parts = append(parts, e.Value)
			continue
		}
		parts = append(parts, e.Value+" "+e.Caption)
	}
	return strings.Join(parts, ", ")
}

func setBoolean(c *ocsf.Cell, v alert.Value) verdict {
	switch v.Kind {
	case alert.Nil:
		return absent
	case alert.Bool:
		return number64(c, int64(v.Num))
	case alert.Text:
		switch {
		case v.Text == "":
			return absent
		case strings.EqualFold(v.Text, "true"), strings.EqualFold(v.Text, "yes"):
			return number64(c, 1)
		case strings.EqualFold(v.Text, "false"), strings.EqualFold(v.Text, "no"):
			return number64(c, 0)
		}
	}
	return refused
}

func number64(c *ocsf.Cell, n int64) verdict {
	c.Set, c.Num = true, n
	return written
}

func setInteger(lo, hi int64, t *ocsf.Type) setter {
	if t.Ranged {
		lo, hi = max(lo, t.Min), min(hi, t.Max)
	}
	return func(c *ocsf.Cell, v alert.Value) verdict {
		switch v.Kind {
		case alert.Nil:
			return absent
		case alert.Text:
			if v.Text == "" {
				return absent
			}
		}
		n, ok := integer(v)
		if !ok || n < lo || n > hi {
			return refused
		}
		return number64(c, n)
	}
}

// integer gives the whole number that v is or spells.
func integer(v alert.Value) (int64, bool) {
	n, ok := v.Number()
	if !ok {
		return 0, false
	}
	if n.Kind == alert.Int {
		return int64(n.Num), true
	}
	f := math.Float64frombits(n.Num)
	// 2^63 is the first float beyond int64.
	if f != math.Trunc(f) || f < math.MinInt64 || f >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

func setFloat(c *ocsf.Cell, v alert.Value) verdict {
	if v.Kind == alert.Nil || v.Kind == alert.Text && v.Text == "" {
		return absent
	}
	n, ok := v.Number()
	if !ok {
		return refused
	}
	bits := n.Num
	if n.Kind == alert.Int {
		bits = math.Float64bits(float64(int64(n.Num)))
	}
	return number64(c, int64(bits))
}

func setTime(c *ocsf.Cell, v alert.Value) verdict {
	if v.Kind == alert.Nil || v.Kind == alert.Text && v.Text == "" {
		return absent
	}
	ms, ok := millis(v)
	if !ok {
		return refused
	}
	return number64(c, ms)
}

func setJSON(c *ocsf.Cell, v alert.Value) verdict {
	switch v.Kind {
	case alert.Nil:
		return absent
	case alert.Text:
		if v.Text == "" {
			return absent
		}
	case alert.List, alert.Object:
		if isEmpty(v) {
			return absent
		}
	}
	c.Set, c.Text = true, string(v.AppendJSON(nil))
	return written
}

// isEmpty tells whether a list or object has nothing in it.
func isEmpty(v alert.Value) bool {
	switch x := v.Any.(type) {
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return strings.TrimSpace(v.Text[1:len(v.Text)-1]) == ""
}

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

func firstCharacters(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
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
