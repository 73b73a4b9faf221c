package table

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/engine/jsontext"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// eventJSON writes an event as JSON: attributes in the order of the schema,
// absent ones left out, a Datetime as RFC 3339.
func eventJSON(ev *ocsf.Event) string {
	return string(recordJSON(nil, ev.Layout.Fields, ev.Cells))
}

func recordJSON(dst []byte, fields []*ocsf.Field, cells []ocsf.Cell) []byte {
	dst = append(dst, '{')
	empty := true
	for _, f := range fields {
		c := &cells[f.Cell]
		if !c.Set {
			continue
		}
		if !empty {
			dst = append(dst, ',')
		}
		empty = false
		dst = append(jsontext.AppendString(dst, f.Name), ':')
		if !f.List {
			dst = cellJSON(dst, f, c, cells)
			continue
		}
		dst = append(dst, '[')
		for i := range c.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			item := c.Items[i].Cells
			switch {
			case len(f.Children) > 0:
				dst = recordJSON(dst, f.Children, item)
			case !item[0].Set:
				dst = append(dst, "null"...)
			default:
				dst = cellJSON(dst, f, &item[0], item)
			}
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func cellJSON(dst []byte, f *ocsf.Field, c *ocsf.Cell, cells []ocsf.Cell) []byte {
	if len(f.Children) > 0 {
		return recordJSON(dst, f.Children, cells)
	}
	switch f.Attribute.Type.Kind {
	case ocsf.Boolean:
		return strconv.AppendBool(dst, c.Num == 1)
	case ocsf.Integer, ocsf.Long, ocsf.Timestamp:
		return strconv.AppendInt(dst, c.Num, 10)
	case ocsf.Float:
		return appendFloat(dst, math.Float64frombits(uint64(c.Num)))
	case ocsf.Datetime:
		return jsontext.AppendString(dst, time.UnixMilli(c.Num).UTC().Format(time.RFC3339Nano))
	case ocsf.Open:
		dst = append(dst, '{')
		for i, p := range c.Pairs {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(jsontext.AppendString(dst, p.Key), ':')
			dst = jsontext.AppendString(dst, p.Value)
		}
		return append(dst, '}')
	}
	return jsontext.AppendString(dst, c.Text)
}

// appendFloat writes a double as package inspect does.
func appendFloat(dst []byte, f float64) []byte {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// maker makes layouts and events up.
type maker struct {
	*rand.Rand
	large bool // texts of up to 200 kB now and then
}

func newMaker(seed uint64) *maker {
	return &maker{Rand: rand.New(rand.NewPCG(seed, 1)), large: seed%4 == 0}
}

func (m *maker) layout() *ocsf.Layout {
	return layout(append(m.fields(1+m.IntN(6), 0), scalar("time", ocsf.Timestamp))...)
}

func (m *maker) fields(n, depth int) []*ocsf.Field {
	fields := make([]*ocsf.Field, 0, n+1)
	for i := range n {
		name := "a" + strconv.Itoa(i)
		f := scalar(name, ocsf.Kind(m.IntN(int(ocsf.Open)+1)))
		if depth < 3 && m.IntN(3) == 0 {
			f = object(name, m.fields(1+m.IntN(3), depth+1)...)
		}
		f.List = m.IntN(3) == 0
		fields = append(fields, f)
	}
	return fields
}

func (m *maker) event(ev *ocsf.Event) {
	ev.Reset()
	m.record(ev.Layout.Fields, ev.Cells)
}

func (m *maker) record(fields []*ocsf.Field, cells []ocsf.Cell) {
	for _, f := range fields {
		if m.IntN(3) == 0 {
			continue
		}
		c := &cells[f.Cell]
		c.Set = true
		if !f.List {
			m.cell(f, c, cells)
			continue
		}
		for range m.IntN(4) {
			item := c.Add(f.ItemCells).Cells
			if len(f.Children) > 0 {
				m.record(f.Children, item)
			} else if m.IntN(4) > 0 {
				item[0].Set = true
				m.cell(f, &item[0], item)
			}
		}
	}
}

func (m *maker) cell(f *ocsf.Field, c *ocsf.Cell, cells []ocsf.Cell) {
	if len(f.Children) > 0 {
		m.record(f.Children, cells)
		return
	}
	switch f.Attribute.Type.Kind {
	case ocsf.Boolean:
		c.Num = int64(m.IntN(2))
	case ocsf.Integer:
		c.Num = int64(int32(m.Uint32()) >> m.IntN(32))
	case ocsf.Long:
		c.Num = int64(m.Uint64()) >> m.IntN(64)
	case ocsf.Timestamp, ocsf.Datetime:
		c.Num = m.Int64N(253402300799999)
	case ocsf.Float:
		c.Num = int64(math.Float64bits(m.NormFloat64()))
	case ocsf.Open:
		for i := range m.IntN(5) {
			c.Pairs = append(c.Pairs, ocsf.Pair{Key: "k" + strconv.Itoa(i), Value: m.text()})
		}
	default:
		c.Text = m.text()
	}
}

func (m *maker) text() string {
	words := []string{"sshd", "authentication failure", "ü", "日本語", "\U0010FFFF", "\x00", `"quoted" \ <&>`, strings.Repeat("é", 40)}
	if m.large && m.IntN(50) == 0 {
		return strings.Repeat(words[m.IntN(len(words))], 1+m.IntN(5000))
	}
	if m.IntN(2) == 0 {
		return words[m.IntN(len(words))]
	}
	return words[m.IntN(len(words))] + strconv.FormatUint(m.Uint64(), 36)
}
