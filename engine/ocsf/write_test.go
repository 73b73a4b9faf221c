package ocsf

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// cell finds the cell of a path through groups.
func (e *Event) cell(t testing.TB, path string) (*Cell, *Field) {
	t.Helper()
	fields := e.Layout.Fields
	var field *Field
	for name := range strings.SplitSeq(path, ".") {
		i := slices.IndexFunc(fields, func(f *Field) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("no field %s", path)
		}
		field = fields[i]
		e.Cells[field.Cell].Set = true
		fields = field.Children
	}
	return &e.Cells[field.Cell], field
}

func sample(t testing.TB) *Event {
	e := NewEvent(allKinds(t))
	set := func(path string, num int64, text string) {
		c, _ := e.cell(t, path)
		c.Num, c.Text = num, text
	}
	set("time", 1713795646976, "")
	set("time_dt", 1713795646976, "")
	set("severity_id", -1, "")
	set("type_uid", math.MaxInt64, "")
	set("message", 0, "a\"b\\c\n\r\t\x00\x1f\x7f é <&> \u2028 \xff😀")
	set("metadata.version", 0, "1.1.0")
	unmapped, _ := e.cell(t, "unmapped")
	unmapped.Pairs = append(unmapped.Pairs, Pair{Key: "z.\"a", Value: "1"}, Pair{Key: "b"}, Pair{Group: &Group{Leaves: []Pair{{Key: "c", Value: "2"}, {Key: "d"}}}})
	types, _ := e.cell(t, "finding_info.types")
	for _, text := range []string{"x", "y"} {
		types.Add(1).Cells[0] = Cell{Set: true, Text: text}
	}
	evidences, field := e.cell(t, "evidences")
	evidence := evidences.Add(field.ItemCells)
	data := field.Children[0]
	evidence.Cells[data.Cell] = Cell{Set: true, Text: "{\"k\":\r\n[1.50]}"}
	evidences.Add(field.ItemCells)
	return e
}

func TestAppendJSON(t *testing.T) {
	want := `{"evidences":[{"data":{"k":  [1.50]}},{}],"finding_info":{"types":["x","y"]},` +
		`"message":"a\"b\\c\n\r\t\u0000\u001f` + "\x7f é <&> \u2028 \uFFFD😀" + `","metadata":{"version":"1.1.0"},` +
		`"severity_id":-1,"time":1713795646976,"time_dt":"2024-04-22T14:20:46.976Z","type_uid":9223372036854775807,` +
		`"unmapped":{"z.\"a":"1","b":"","c":"2","d":""}}`
	e := sample(t)
	if diff := cmp.Diff(">"+want, string(e.AppendJSON([]byte(">")))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	e.Reset()
	if got := string(e.AppendJSON(nil)); got != "{}" {
		t.Errorf("an event without attributes is %s", got)
	}
}

func TestAppendJSONLeavesOut(t *testing.T) {
	l := layout(t, "vulnerability_finding", "time", "message", "vulnerabilities.cve.cvss.base_score", "resource.data", "resource.uid", "finding_info.types")
	e := NewEvent(l)
	vulnerabilities, field := e.cell(t, "vulnerabilities")
	for _, v := range []float64{math.NaN(), math.Inf(1), 7.5, 1e-7, 1e21, 123456789012} {
		item := vulnerabilities.Add(field.ItemCells)
		item.Cells[0].Set = true // cve
		cvss := field.Children[0].Children[0]
		item.Cells[cvss.Cell].Set = true
		score := item.Cells[cvss.Cell].Add(cvss.ItemCells)
		score.Cells[0] = Cell{Set: true, Num: int64(math.Float64bits(v))}
	}
	e.cell(t, "resource.data") // set, without text
	types, _ := e.cell(t, "finding_info.types")
	types.Add(1)
	types.Add(1).Cells[0] = Cell{Set: true, Text: "t"}
	score := func(s string) string { return `{"cve":{"cvss":[` + s + `]}}` }
	want := `{"finding_info":{"types":["t"]},"resource":{},"vulnerabilities":[` + score("{}") + "," + score("{}") + "," +
		score(`{"base_score":7.5}`) + "," + score(`{"base_score":1e-07}`) + "," + score(`{"base_score":1e+21}`) + "," + score(`{"base_score":123456789012}`) + `]}`
	got := e.AppendJSON(nil)
	if diff := cmp.Diff(want, string(got)); diff != "" || !json.Valid(got) {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAppendJSONAllocatesNothing(t *testing.T) {
	e := sample(t)
	dst := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { dst = e.AppendJSON(dst[:0]) }); n != 0 {
		t.Errorf("%v allocations for an event", n)
	}
}

// Laws: an event's JSON is valid, on one line, and a JSON decoder sees the
// event's values in it; what is read back is the same event.
func FuzzAppendJSON(f *testing.F) {
	l := allKinds(f)
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{1}, 400))
	f.Add(bytes.Repeat([]byte{3, 255, 2, '"', '\\', 0, 0x80, 0xe2, 0x80, 0xa8}, 60))
	f.Add(bytes.Repeat([]byte{7, 1, 2, '{', '}', 3, 'n', 'u', 'l', 'l', 0x7f, 0xf0}, 60))
	e, back := NewEvent(l), NewEvent(l)
	f.Fuzz(func(t *testing.T, data []byte) {
		e.Reset()
		(&source{data}).fill(l.Fields, e.Cells)
		text := e.AppendJSON(nil)
		if !json.Valid(text) || bytes.ContainsAny(text, "\n\r") {
			t.Fatalf("not valid JSON on one line: %q", text)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var got map[string]any
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(decoded(l.Fields, e.Cells), got, comparers()...); diff != "" {
			t.Fatalf("%s\ndecodes to other values (-event +decoded):\n%s", text, diff)
		}
		if err := back.ReadJSON(text); err != nil {
			t.Fatalf("%s\nis not read back: %v", text, err)
		}
		if again := back.AppendJSON(nil); !bytes.Equal(again, text) {
			t.Fatalf("read back and written again:\n%s\n%s", text, again)
		}
	})
}

// comparers let a decoded json.Number stand for a float, and any decoded value
// for the JSON text that it was decoded from.
func comparers() []cmp.Option {
	number := func(a, b any) bool {
		want, ok := a.(float64)
		if !ok {
			return false
		}
		got, ok := b.(json.Number)
		v, err := got.Float64()
		return ok && err == nil && math.Float64bits(v) == math.Float64bits(want)
	}
	raw := func(a, b any) bool {
		want, ok := a.(json.RawMessage)
		if !ok {
			return false
		}
		d := json.NewDecoder(bytes.NewReader(want))
		d.UseNumber()
		var value any
		return d.Decode(&value) == nil && cmp.Equal(value, b)
	}
	is := func(x any) bool {
		switch x.(type) {
		case float64, json.RawMessage:
			return true
		}
		return false
	}
	return []cmp.Option{cmpopts.EquateEmpty(), cmp.FilterValues(func(a, b any) bool { return is(a) || is(b) },
		cmp.Comparer(func(a, b any) bool { return number(a, b) || number(b, a) || raw(a, b) || raw(b, a) }))}
}

func BenchmarkAppendJSON(b *testing.B) {
	e := sample(b)
	dst := e.AppendJSON(nil)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = e.AppendJSON(dst[:0])
	}
}
