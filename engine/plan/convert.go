package plan

import (
	"fmt"
	"math"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// verdict is the outcome of one conversion.
type verdict uint8

const (
	absent  verdict = iota // there is no value: nil, empty text, empty list
	written                // the cell is set
	cut                    // the cell is set to the beginning of a text that is too long
	refused                // the attribute's type does not accept the value
)

// setter converts a value to an attribute's type and writes it into the cell. No
// other code decides what a type accepts. A setter has no state and may be called
// from any goroutine. The text of the cell may alias that of the value, or is in memory of
// the Arena.
type setter func(c *ocsf.Cell, v alert.Value, a *alert.Arena) verdict

// setterFor returns the setter of an attribute (for a list, of one item), and in
// words what it accepts.
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

// enumValues lists an enum for messages, shortened if it is long.
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

func setBoolean(c *ocsf.Cell, v alert.Value, _ *alert.Arena) verdict {
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
	return func(c *ocsf.Cell, v alert.Value, _ *alert.Arena) verdict {
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

// integer returns the integer that v is or spells.
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

func setFloat(c *ocsf.Cell, v alert.Value, _ *alert.Arena) verdict {
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

func setTime(c *ocsf.Cell, v alert.Value, _ *alert.Arena) verdict {
	if v.Kind == alert.Nil || v.Kind == alert.Text && v.Text == "" {
		return absent
	}
	ms, ok := function.Instant(v)
	if !ok {
		return refused
	}
	return number64(c, ms)
}

func setJSON(c *ocsf.Cell, v alert.Value, a *alert.Arena) verdict {
	switch v.Kind {
	case alert.Nil:
		return absent
	case alert.Text:
		if v.Text == "" {
			return absent
		}
	case alert.List, alert.Object:
		if v.IsEmpty() {
			return absent
		}
	}
	c.Set, c.Text = true, a.JSON(v)
	return written
}
