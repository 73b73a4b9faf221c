package ocsf

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// allKinds has every kind of attribute as a scalar, in a group, in a list and in
// a list of groups, as far as OCSF has them.
func allKinds(t testing.TB) *Layout {
	return layout(t, "detection_finding", "time", "time_dt", "unmapped", "message", "severity_id", "type_uid",
		"confidence_score", "metadata.version", "metadata.profiles", "metadata.extension.name", "metadata.logged_time_dt",
		"finding_info.types", "finding_info.attacks.technique.uid", "finding_info.attacks.version",
		"evidences.data", "evidences.process.xattributes", "evidences.process.pid", "evidences.file.is_system",
		"evidences.src_endpoint.location.coordinates", "evidences.src_endpoint.port", "resources.labels",
		"vulnerabilities.cve.cvss.base_score", "vulnerabilities.cve.cvss.depth")
}

// source makes choices out of fuzzed bytes; when they run out, it returns 0.
type source struct{ rest []byte }

func (s *source) byte() byte {
	if len(s.rest) == 0 {
		return 0
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b
}

func (s *source) int64() int64 {
	n := int64(0)
	for range 8 {
		n = n<<8 | int64(s.byte())
	}
	return n
}

func (s *source) text() string {
	n := min(int(s.byte())%32, len(s.rest))
	text := string(s.rest[:n])
	s.rest = s.rest[n:]
	return text
}

// fill sets cells as the bytes say, each to a value that its kind can have.
func (s *source) fill(fields []*Field, cells []Cell) {
	for _, f := range fields {
		c := &cells[f.Cell]
		if c.Set = s.byte()%4 != 0; !c.Set {
			continue
		}
		switch {
		case f.List:
			for range s.byte() % 4 {
				item := c.Add(f.ItemCells)
				if f.Attribute.Object != nil {
					s.fill(f.Children, item.Cells)
				} else {
					s.scalar(f.Attribute.Type, &item.Cells[0])
				}
			}
		case f.Attribute.Object != nil:
			s.fill(f.Children, cells)
		default:
			s.scalar(f.Attribute.Type, c)
		}
	}
}

func (s *source) scalar(t *Type, c *Cell) {
	c.Set = true
	low, high := t.bounds()
	switch t.Kind {
	case Boolean:
		c.Num = int64(s.byte() & 1)
	case Integer, Long, Timestamp:
		c.Num = min(max(s.int64(), low), high)
	case Datetime:
		c.Num = int64(uint64(s.int64()) % (lastTime + 1))
	case Float:
		v := math.Float64frombits(uint64(s.int64()))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			v = -0.5
		}
		c.Num = int64(math.Float64bits(v))
	case JSON:
		c.Text = `[1]`
		if text := s.text(); json.Valid([]byte(text)) && text != "null" {
			c.Text = text
		}
	case Open:
		for i := range s.byte() % 4 {
			c.Pairs = append(c.Pairs, Pair{Key: s.text() + itoa(int(i)), Value: s.text()})
		}
	default:
		c.Text = s.text()
	}
}

// decoded is the event as a JSON decoder with UseNumber should see it.
func decoded(fields []*Field, cells []Cell) map[string]any {
	m := map[string]any{}
	for _, f := range fields {
		c := &cells[f.Cell]
		if !c.Set {
			continue
		}
		switch {
		case f.List:
			list := []any{}
			for _, item := range c.Items {
				if f.Attribute.Object != nil {
					list = append(list, decoded(f.Children, item.Cells))
				} else {
					list = append(list, decodedScalar(f.Attribute.Type, &item.Cells[0]))
				}
			}
			m[f.Name] = list
		case f.Attribute.Object != nil:
			m[f.Name] = decoded(f.Children, cells)
		default:
			m[f.Name] = decodedScalar(f.Attribute.Type, c)
		}
	}
	return m
}

func decodedScalar(t *Type, c *Cell) any {
	switch t.Kind {
	case Boolean:
		return c.Num == 1
	case Integer, Long, Timestamp:
		return json.Number(strconv.FormatInt(c.Num, 10))
	case Datetime:
		return time.UnixMilli(c.Num).UTC().Format("2006-01-02T15:04:05.000Z07:00")
	case Float:
		return math.Float64frombits(uint64(c.Num))
	case JSON:
		return json.RawMessage(c.Text)
	case Open:
		m := map[string]any{}
		for _, p := range c.Pairs {
			m[valid(p.Key)] = valid(p.Value)
		}
		return m
	}
	return valid(c.Text)
}

// valid replaces each byte that is not UTF-8, as encoding/json does.
func valid(s string) string { return string([]rune(s)) }
