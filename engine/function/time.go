package function

import (
	"errors"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/timestamp"
)

// prepareTime checks a constant layout when the mapping is compiled.
func prepareTime(args []*alert.Value) (*Function, int, error) {
	if args[1] == nil || args[1].Kind != alert.Text {
		return nil, 0, nil
	}
	layout, err := layoutOf(args[1].Text, len(args) > 2)
	if err != nil {
		return nil, 1, err
	}
	return &Function{Name: "time", Yields: Text, Call: func(m *Machine, args []alert.Value) (alert.Value, error) {
		return m.time(layout, args)
	}}, 0, nil
}

func readTime(m *Machine, args []alert.Value) (alert.Value, error) {
	format, err := text(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	layout, err := layoutOf(format, len(args) > 2)
	if err != nil {
		return alert.Value{}, err
	}
	return m.time(layout, args)
}

// layoutOf checks a layout; one without a year needs a time near which it lies.
func layoutOf(format string, near bool) (*timestamp.Layout, error) {
	layout, err := timestamp.NewLayout(format)
	if err == nil && !layout.Year && !near {
		err = timestamp.ErrNoYear
	}
	return layout, err
}

// time gives the time that a text states in a layout as text of RFC 3339, which
// attributes of any type take. Without a year in the layout it is the one
// nearest to the third argument.
func (m *Machine) time(layout *timestamp.Layout, args []alert.Value) (alert.Value, error) {
	s, err := text(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.Step(1 + timestamp.MaxLayout>>2); err != nil { // the library reads it several times
		return alert.Value{}, err
	}
	near := int64(0)
	if len(args) > 2 {
		var ok bool
		if near, ok = Instant(args[2]); !ok {
			return alert.Value{}, errors.New("time: the third argument is not a time that the first could be near to")
		}
	}
	ms, ok := layout.Parse(s, near)
	if !ok {
		return alert.Value{}, errors.New("time: the text is not a time in this layout")
	}
	return alert.OfText(string(timestamp.AppendText(nil, ms))), nil
}

// Instant is the time that a value states by itself, in milliseconds since 1970
// UTC: text as package timestamp reads it, and numbers by their digits.
func Instant(v alert.Value) (int64, bool) {
	switch v.Kind {
	case alert.Int:
		return timestamp.OfInt(int64(v.Num))
	case alert.Float:
		return timestamp.OfFloat(float(v))
	case alert.Text:
		if ms, ok := timestamp.Parse(v.Text); ok {
			return ms, true
		}
		return timestamp.Digits(v.Text)
	}
	return 0, false
}
