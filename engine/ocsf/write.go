package ocsf

import (
	"math"
	"strconv"
	"time"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// AppendJSON appends the event as one JSON object on one line, attributes in
// the order of the Layout, and allocates only to grow dst. What is absent is left
// out, and so are a Float that JSON cannot write (NaN, infinities) and a
// JSON attribute without text.
//
// The result is valid JSON whatever the texts hold, if the caller keeps one rule:
// the Text of a JSON attribute is copied as it is (line breaks between
// its tokens become blanks), so it must be valid JSON. Bytes that are not UTF-8
// become U+FFFD; only what JSON requires is escaped.
//
// In a list of scalars an item whose cell is not Set is left out too.
func (e *Event) AppendJSON(dst []byte) []byte {
	return appendRecord(dst, e.Layout.Fields, e.Cells)
}

func appendRecord(dst []byte, fields []*Field, cells []Cell) []byte {
	dst = append(dst, '{')
	first := true
	for _, f := range fields {
		c := &cells[f.Cell]
		if !c.Set || !f.List && !f.shows(c) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		// Names of attributes are lower case words: nothing in them to escape.
		dst = append(dst, '"')
		dst = append(dst, f.Name...)
		dst = append(dst, '"', ':')
		switch {
		case f.List:
			dst = appendList(dst, f, c.Items)
		case f.Attribute.Object != nil:
			dst = appendRecord(dst, f.Children, cells)
		default:
			dst = appendScalar(dst, f.Attribute.Type.Kind, c)
		}
	}
	return append(dst, '}')
}

// shows reports whether a group, a scalar or a scalar item has something to write.
func (f *Field) shows(c *Cell) bool {
	if !c.Set || f.Attribute.Object != nil {
		return c.Set
	}
	switch f.Attribute.Type.Kind {
	case Float:
		v := math.Float64frombits(uint64(c.Num))
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case JSON:
		return c.Text != ""
	}
	return true
}

func appendList(dst []byte, f *Field, items []Record) []byte {
	dst = append(dst, '[')
	first := true
	for i := range items {
		cells := items[i].Cells
		group := f.Attribute.Object != nil
		if !group && !f.shows(&cells[0]) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if group {
			dst = appendRecord(dst, f.Children, cells)
		} else {
			dst = appendScalar(dst, f.Attribute.Type.Kind, &cells[0])
		}
	}
	return append(dst, ']')
}

// AppendScalar appends one scalar of the attribute's type, set or not, as
// Event.AppendJSON writes it. The field is not a group.
func (f *Field) AppendScalar(dst []byte, c *Cell) []byte {
	return appendScalar(dst, f.Attribute.Type.Kind, c)
}

func appendScalar(dst []byte, kind Kind, c *Cell) []byte {
	switch kind {
	case Boolean:
		return strconv.AppendBool(dst, c.Num != 0)
	case Integer, Long, Timestamp:
		return strconv.AppendInt(dst, c.Num, 10)
	case Float:
		return appendFloat(dst, math.Float64frombits(uint64(c.Num)))
	case Datetime:
		dst = append(dst, '"')
		dst = time.UnixMilli(c.Num).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
		return append(dst, '"')
	case JSON:
		return appendRaw(dst, c.Text)
	case Open:
		return appendPairs(dst, c.Pairs)
	}
	return jsontext.AppendString(dst, c.Text)
}

// appendFloat writes the shortest text that reads back as the same number; plain
// digits where those stay short, for readers that do not know exponents.
func appendFloat(dst []byte, v float64) []byte {
	format := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, v, format, -1, 64)
}

// appendRaw keeps one event on one line: in valid JSON a line break can only
// be between tokens.
func appendRaw(dst []byte, text string) []byte {
	from := len(dst)
	dst = append(dst, text...)
	for i := from; i < len(dst); i++ {
		if dst[i] == '\n' || dst[i] == '\r' {
			dst[i] = ' '
		}
	}
	return dst
}

func appendPairs(dst []byte, pairs []Pair) []byte {
	dst = append(dst, '{')
	for i := range pairs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendEntries(dst, &pairs[i])
	}
	return append(dst, '}')
}

func appendEntries(dst []byte, p *Pair) []byte {
	if p.Group != nil {
		for i := range p.Group.Leaves {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendEntries(dst, &p.Group.Leaves[i])
		}
		return dst
	}
	dst = jsontext.AppendString(dst, p.Key)
	dst = append(dst, ':')
	return jsontext.AppendString(dst, p.Value)
}
