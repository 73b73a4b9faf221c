package ocsf

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Times outside these bounds cannot be written as RFC 3339 or sorted into a
// day of an event lake. They are milliseconds since 1970 UTC; the last is
// 9999-12-31T23:59:59.999Z.
const (
	firstTime = 0
	lastTime  = 253402300799999
	// likelySeconds: a number below it, read as milliseconds, is in the first three
	// years after 1970; read as seconds it reaches the year 5138.
	likelySeconds = 100000000000
)

func (k *check) scalar(path string, t *Type, value any) {
	switch t.Kind {
	case Boolean:
		if _, ok := value.(bool); !ok {
			k.add(path, "must be true or false, is "+show(value))
		}
	case Integer, Long, Timestamp:
		k.number(path, t, value)
	case Float:
		if f, ok := float(value); !ok || math.IsNaN(f) || math.IsInf(f, 0) {
			k.add(path, "must be a finite number, is "+show(value))
		}
	case String, Datetime:
		k.text(path, t, value)
	case Open:
		k.open(path, value)
	case JSON:
		// Any value is a JSON value.
	}
}

func (k *check) number(path string, t *Type, value any) {
	n, ok := integer(value)
	if !ok {
		k.add(path, "must be an integer ("+t.Name+"), is "+show(value))
		return
	}
	low, high := t.bounds()
	if n < low || n > high {
		k.add(path, fmt.Sprintf("%d is outside %d to %d (%s)", n, low, high, t.Name))
		return
	}
	if path == "time" && n < likelySeconds {
		k.add(path, fmt.Sprintf("%d looks like seconds: the time of an event is in milliseconds since 1970 UTC", n))
	}
}

// bounds are the lowest and highest value of a number that is not a Float.
func (t *Type) bounds() (low, high int64) {
	switch {
	case t.Ranged:
		return t.Min, t.Max
	case t.Kind == Integer:
		return math.MinInt32, math.MaxInt32
	case t.Kind == Timestamp:
		return firstTime, lastTime
	}
	return math.MinInt64, math.MaxInt64
}

func (k *check) text(path string, t *Type, value any) {
	s, ok := value.(string)
	if !ok {
		k.add(path, "must be text ("+t.Name+"), is "+show(value))
		return
	}
	if !utf8.ValidString(s) {
		k.add(path, "is not valid UTF-8")
		return
	}
	if n := utf8.RuneCountInString(s); t.MaxLen > 0 && n > t.MaxLen {
		k.add(path, fmt.Sprintf("has %d characters, more than the %d of %s", n, t.MaxLen, t.Name))
		return
	}
	if !k.form(t, s) {
		k.add(path, show(s)+" does not have the form of "+t.Name)
	}
}

// Fits reports whether a value breaks no rule of its own, whatever else the event has: it
// is not empty, and has the length, range and form of the attribute's type. The attribute
// is a scalar, or the list that the value is in.
func (c *Checker) Fits(a *Attribute, value any) bool {
	if empty(value) != "" {
		return false
	}
	k := &check{Checker: c}
	k.scalar(a.Name, a.Type, value)
	return k.found == nil
}

// form reports whether a text has the form of its type. The facts' own patterns
// are too wide in two places: ip_t's accepts any character for the dots,
// datetime_t's accepts a missing zone and month 13.
func (k *check) form(t *Type, s string) bool {
	if pattern := k.patterns[t]; pattern != nil && !pattern.MatchString(s) {
		return false
	}
	if t.Kind == Datetime {
		_, err := time.Parse(time.RFC3339, s)
		return err == nil
	}
	if t.Name == "ip_t" {
		_, err := netip.ParseAddr(s)
		return err == nil
	}
	return true
}

func (k *check) open(path string, value any) {
	pairs, ok := value.(map[string]any)
	if !ok {
		k.add(path, "must be an object of texts, is "+show(value))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		here := path + "[" + strconv.Quote(key) + "]"
		s, isText := pairs[key].(string)
		switch message := empty(pairs[key]); {
		case key == "":
			k.addOwn(here, "has an empty key")
		case message != "":
			k.addOwn(here, message)
		case !isText:
			k.addOwn(here, "must be text, is "+show(pairs[key]))
		case !utf8.ValidString(key) || !utf8.ValidString(s):
			k.add(here, "is not valid UTF-8")
		}
	}
}

// empty says what is wrong with an empty value; it returns "" for any other.
func empty(value any) string {
	switch v := value.(type) {
	case nil:
		return "is null: leave it out"
	case string:
		if v == "" {
			return "is an empty text: leave it out"
		}
	case []any:
		if len(v) == 0 {
			return "is an empty list: leave it out"
		}
	case map[string]any:
		if len(v) == 0 {
			return "is an empty object: leave it out"
		}
	}
	return ""
}

func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		return n, err == nil
	case float64:
		if v != math.Trunc(v) || v < -1<<63 || v >= 1<<63 {
			return 0, false
		}
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case int:
		return int64(v), true
	}
	return 0, false
}

func float(value any) (float64, bool) {
	switch v := value.(type) {
	case json.Number:
		f, err := strconv.ParseFloat(string(v), 64)
		return f, err == nil
	case float64:
		return v, true
	}
	n, ok := integer(value)
	return float64(n), ok
}

// show quotes a value for a message, shortened.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		const longest = 60
		if utf8.RuneCountInString(v) > longest {
			v = string([]rune(v)[:longest]) + "…"
		}
		return "the text " + strconv.Quote(v)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return strings.TrimSpace(fmt.Sprint(value))
}
