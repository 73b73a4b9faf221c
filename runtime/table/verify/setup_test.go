package verify

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table"
)

const (
	day  = "20260314"
	noon = 1773446400000 // the first millisecond of the day
)

// goodEvent is one of security_finding, with a number.
func goodEvent(n int) map[string]any {
	text := fmt.Sprintf(`{"activity_id":1,"attacks":[{"tactic":{"name":"Credential Access","uid":"TA0006"},"technique":{"uid":"T%d"},"version":"v13.1"}],
		"category_uid":2,"class_uid":2001,"count":%d,"finding":{"title":"t%d","types":["a"],"uid":"%d"},"message":"m%d",
		"metadata":{"product":{"name":"P","vendor_name":"V"},"version":"1.1.0"},"observables":[{"name":"a","type":"Hostname","type_id":1,"value":"h"},{"name":"b","type_id":2}],"resources":[{"name":"host","uid":"001"},{"uid":"2"}],
		"severity":"Medium","severity_id":3,"state_id":1,"status":"mine","status_id":99,"time":%d,"type_uid":200101,
		"unmapped":{"a.b":"%d","c":"x"}}`, n%7, n, n%3, n, n, noon+n, n)
	var event map[string]any
	if json.Unmarshal([]byte(text), &event) != nil {
		panic(text)
	}
	return event
}

func goodEvents(n int) (all []map[string]any) {
	for i := range n {
		all = append(all, goodEvent(i))
	}
	return all
}

// fieldsOf are the fields that events have together.
func fieldsOf(events []map[string]any, attributes func(string) (*ocsf.Attribute, bool)) (fields []*ocsf.Field) {
	inner := map[string][]map[string]any{}
	for _, e := range events {
		for name, value := range e {
			inner[name] = append(inner[name], objectsIn(value)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inner)) {
		f := &ocsf.Field{Name: name}
		if a, ok := attributes(name); ok && a.Object != nil {
			f.Children = fieldsOf(inner[name], a.Object.Attribute)
		}
		fields = append(fields, f)
	}
	return fields
}

func objectsIn(value any) (all []map[string]any) {
	switch v := value.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		for _, item := range v {
			all = append(all, objectsIn(item)...)
		}
	}
	return all
}

// write writes events as sluice does. The columns are those that all of them have together.
func write(t testing.TB, o table.Options, groups ...[]map[string]any) []byte {
	t.Helper()
	schema, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	class, _ := schema.Class("2001")
	layout, err := ocsf.NewLayout(schema, class, fieldsOf(append(slices.Concat(groups...), goodEvent(0)), class.Attribute))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := table.NewSchema(layout)
	w := table.NewWriter(&out, s, o)
	for _, group := range groups {
		batch, e, rows := s.NewBatch(), ocsf.NewEvent(layout), []table.Row{}
		for _, event := range group {
			text, err := json.Marshal(event)
			if err == nil {
				err = e.ReadJSON(text)
			}
			if err != nil {
				t.Fatal(err)
			}
			batch.Append(e)
			rows = append(rows, table.Row{Batch: batch, Index: batch.Rows() - 1})
		}
		encoded, err := s.Encode(rows, o)
		if err == nil {
			err = w.Commit(encoded)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// rewritten writes an object again with parquet-go, as sluice says of itself unless the
// options say otherwise.
func rewritten(t testing.TB, data []byte, options ...parquet.WriterOption) []byte {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	schema := parquet.NewSchema(f.Schema().Name(), plainNode{f.Schema()})
	all := []parquet.WriterOption{schema, parquet.Compression(&parquet.Zstd), parquet.CreatedBy("sluice", "1", "test"), parquet.DataPageVersion(1)}
	for _, kv := range f.Metadata().KeyValueMetadata {
		all = append(all, parquet.KeyValueMetadata(kv.Key, kv.Value))
	}
	var out bytes.Buffer
	w := parquet.NewWriter(&out, append(all, options...)...)
	if _, err := parquet.CopyRows(w, parquet.NewReader(bytes.NewReader(data))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// plainNode is a node whose values are plain, without a codec of its own.
type plainNode struct{ parquet.Node }

func (n plainNode) Encoding() encoding.Encoding {
	if n.Leaf() {
		return &parquet.Plain
	}
	return nil
}

func (n plainNode) Compression() compress.Codec { return nil }

func (n plainNode) Fields() (fields []parquet.Field) {
	for _, f := range n.Node.Fields() {
		fields = append(fields, plainField{f, plainNode{f}})
	}
	return fields
}

type plainField struct {
	parquet.Field
	node plainNode
}

func (f plainField) Encoding() encoding.Encoding { return f.node.Encoding() }
func (f plainField) Compression() compress.Codec { return nil }
func (f plainField) Fields() []parquet.Field     { return f.node.Fields() }

// refoot changes the footer of an object.
func refoot(t testing.TB, data []byte, change func(*format.FileMetaData)) []byte {
	t.Helper()
	var m format.FileMetaData
	end := len(data) - 8
	begin := end - int(binary.LittleEndian.Uint32(data[end:]))
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data[begin:end], &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &m)
	if err != nil {
		t.Fatal(err)
	}
	out := append(slices.Clone(data[:begin]), footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), "PAR1"...)
}

// judged is the report of a new Judge.
func judged(t testing.TB, data []byte) *Report {
	t.Helper()
	return judgedBy(t, NewJudge(), data)
}

func judgedBy(t testing.TB, j *Judge, data []byte) *Report {
	t.Helper()
	r, err := j.Object(context.Background(), bytes.NewReader(data), int64(len(data)), day)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// broken are the demands that a report names, sorted; those with advice end in "?".
func broken(r *Report) string {
	all := map[string]bool{}
	for _, f := range r.Faults {
		name := f.Demand
		if f.Advice {
			name += "?"
		}
		all[name] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), " ")
}

func show(r *Report) string {
	var b strings.Builder
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "\n  %+v", *f)
	}
	return b.String()
}
