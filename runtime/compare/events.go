package compare

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/source"
)

// events compares the events of one alert, each with the one of the same class that
// comes at the same place among those of the class. It reports whether they differ.
func (c *Comparison) events(line *source.Line, old, new []engine.Mapped) bool {
	differ := false
	var matched []int
	for i := range old {
		at := partner(old, new, i, matched)
		if at < 0 {
			differ = true
			c.note(line, "(event)", className(&old[i]), "")
			continue
		}
		matched = append(matched, at)
		differ = c.event(line, &old[i], &new[at]) || differ
	}
	for i := range new {
		if !slices.Contains(matched, i) {
			differ = true
			c.note(line, "(event)", "", className(&new[i]))
		}
	}
	return differ
}

func className(m *engine.Mapped) string { return strconv.Quote(m.Event.Layout.Class.Name) }

// partner is the first event of the same class that is not matched yet, or -1.
func partner(old, new []engine.Mapped, i int, matched []int) int {
	class := old[i].Event.Layout.Class.UID
	for at := range new {
		if new[at].Event.Layout.Class.UID == class && !slices.Contains(matched, at) {
			return at
		}
	}
	return -1
}

// event compares two events leaf by leaf.
func (c *Comparison) event(line *source.Line, old, new *engine.Mapped) bool {
	a, b := &c.lines[0], &c.lines[1]
	a.text, b.text = old.Event.AppendJSON(a.text[:0]), new.Event.AppendJSON(b.text[:0])
	if string(a.text) == string(b.text) {
		return false
	}
	a.read()
	b.read()
	differ, from := false, 0
	for i := range a.list {
		place, value := a.of(i)
		at := b.find(place, from)
		if at < 0 {
			c.note(line, string(place), string(value), "")
			differ = true
			continue
		}
		b.list[at].met, from = true, at+1
		if _, now := b.of(at); !bytes.Equal(value, now) {
			c.note(line, string(place), string(value), string(now))
			differ = true
		}
	}
	for i := range b.list {
		if !b.list[i].met {
			place, value := b.of(i)
			c.note(line, string(place), "", string(value))
			differ = true
		}
	}
	return differ
}

var position = regexp.MustCompile(`\[[0-9]+\]`)

// note counts a difference: old or new is "" where there is no value.
func (c *Comparison) note(line *source.Line, place, old, new string) {
	a := c.attribute(position.ReplaceAllLiteralString(place, "[]"))
	switch {
	case old == "":
		a.Added++
	case new == "":
		a.Removed++
	default:
		a.Changed++
	}
	if len(a.Examples) < c.examples {
		a.Examples = append(a.Examples, Example{line.Origin, line.OriginLine, cut(old), cut(new)})
	}
}

// leaves are those of one event. What they are made of is in data.
type leaves struct {
	text    []byte
	visitor alert.Visitor
	data    []byte
	list    []leaf
}

// leaf is a place with its positions in lists, data[from:value], and its value in
// JSON, data[value:to].
type leaf struct {
	from, value, to int
	met             bool // the other event has it too
}

func (e *leaves) of(i int) (place, value []byte) {
	l := &e.list[i]
	return e.data[l.from:l.value], e.data[l.value:l.to]
}

// find returns the leaf at a place, or -1. Events have their leaves in nearly the same
// order, so it looks at those from an index on first.
func (e *leaves) find(place []byte, from int) int {
	for n := range e.list {
		i := from + n
		if i >= len(e.list) {
			i -= len(e.list)
		}
		l := &e.list[i]
		if l.value-l.from == len(place) && !l.met && bytes.Equal(e.data[l.from:l.value], place) {
			return i
		}
	}
	return -1
}

func (e *leaves) read() {
	e.list, e.data = e.list[:0], e.data[:0]
	e.visitor.Leaves(string(e.text), nil, func(v *alert.Visit) {
		l := leaf{from: len(e.data)}
		for i, s := range v.Steps {
			switch {
			case s.IsIndex:
				e.data = append(strconv.AppendInt(append(e.data, '['), int64(s.Index), 10), ']')
				continue
			case i > 0:
				e.data = append(e.data, '.')
			}
			e.data = append(e.data, s.Name...)
		}
		l.value = len(e.data)
		e.data = v.Value.AppendJSON(e.data)
		l.to = len(e.data)
		e.list = append(e.list, l)
	})
}

// longestValue is where values of examples are cut, in characters.
const longestValue = 120

func cut(text string) string {
	n := 0
	for i := range text {
		if n++; n > longestValue {
			return text[:i] + "…"
		}
	}
	return text
}
