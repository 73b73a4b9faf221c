package verify

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/runtime/table"
)

// by is how another program says who it is.
var by = parquet.CreatedBy("other", "1", "test")

// Law: an object that keeps every demand has no fault, whoever wrote it.
func TestGoodObjects(t *testing.T) {
	good := write(t, table.Options{}, goodEvents(300), goodEvents(300)[299:])
	paged := write(t, table.Options{PageBytes: 256, PageRows: 50}, goodEvents(300))
	for name, data := range map[string][]byte{
		"sluice": good, "with a page index": paged, "without rows": write(t, table.Options{}, nil),
		"parquet-go": rewritten(t, good), "another's": rewritten(t, good, by, parquet.DataPageVersion(2), parquet.PageBufferSize(1000)),
	} {
		if r := judged(t, data); broken(r) != "" || r.More > 0 {
			t.Errorf("%s:%s", name, show(r))
		}
	}
	r := judged(t, good)
	if r.Rows != 301 || !r.Own || r.Class != 2001 || r.PlainBytes < 1000 || len(r.Columns) != 18 {
		t.Errorf("the report is %+v", r)
	}
}

// edits are changes of a good event, each breaking one demand.
var edits = map[string]struct {
	path  string
	value any // nil removes
	want  string
}{
	"enum":               {"severity_id", 7.0, Events},
	"caption":            {"severity", "High", Events},
	"class":              {"class_uid", 2002.0, Class + " " + Events},
	"category":           {"category_uid", 3.0, Events},
	"type":               {"type_uid", 200102.0, Events},
	"required":           {"finding", nil, Events},
	"required inside":    {"finding.title", nil, Events},
	"required in a list": {"observables.0.type_id", nil, Events},
	"absent in a list":   {"observables.0.name", nil, Events},
	"constraint":         {"metadata.product.name", nil, Events},
	"required deeper":    {"metadata.product.vendor_name", nil, Events},
	"too long":           {"message", strings.Repeat("m", 70_000), Events},
	"version":            {"metadata.version", "1.3.0", Events},
	"unknown version":    {"metadata.version", "0.9.0", Events},
	"empty text":         {"message", "", Form},
	"empty key":          {"unmapped", map[string]any{"": "x"}, Form},
	"empty value":        {"unmapped", map[string]any{"x": ""}, Form},
	"empty list":         {"resources", []any{}, Form},
	"other day":          {"time", float64(noon + 86_400_000), Day},
	"seconds":            {"time", float64(noon / 1000), Day + " " + Events + " " + Order},
	"no time":            {"time", nil, Day + " " + Events},
	"order":              {"time", float64(noon + 197), Order},
}

func set(event map[string]any, path string, value any) {
	first, rest, more := strings.Cut(path, ".")
	if list, ok := event[first].([]any); ok && more {
		_, rest, _ = strings.Cut(rest, ".")
		set(list[0].(map[string]any), rest, value)
		return
	}
	switch {
	case more:
		set(event[first].(map[string]any), rest, value)
	case value == nil:
		delete(event, first)
	default:
		event[first] = value
	}
}

// Law: one row that breaks a demand is found, wherever it is, with its place; a program that
// made no promise is held to none.
func TestRowsThatBreakADemand(t *testing.T) {
	for name, e := range edits {
		events := goodEvents(200)
		set(events[199], e.path, e.value)
		data := write(t, table.Options{}, events[:100], events[100:])
		r := judged(t, data)
		if got := broken(r); got != e.want {
			t.Errorf("%s breaks %q, want %q:%s", name, got, e.want, show(r))
		}
		for _, f := range r.Faults {
			if f.Group != 1 || f.Row != 199 || f.Times != 1 || f.What == "" || f.Do == "" {
				t.Errorf("%s: the fault is %+v", name, *f)
			}
		}
		foreign := strings.Replace(strings.TrimSpace(strings.Replace(e.want, Form, "", 1)), Order, Order+"?", 1)
		if r := judged(t, rewritten(t, data, by)); broken(r) != foreign {
			t.Errorf("%s of another program breaks %q, want %q:%s", name, broken(r), foreign, show(r))
		}
	}
}

// Law: each demand on the form of an object is found broken by an object that breaks it.
func TestObjectsThatBreakADemand(t *testing.T) {
	good := write(t, table.Options{}, goodEvents(300))
	paged := write(t, table.Options{PageBytes: 256, PageRows: 50}, goodEvents(300))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut":                {good[:len(good)-1], Readable},
		"not Parquet":        {[]byte("This is no Parquet file."), Readable},
		"version":            {refoot(t, good, func(m *format.FileMetaData) { m.Version = 3 }), Readable},
		"rows":               {refoot(t, good, func(m *format.FileMetaData) { m.NumRows++ }), Readable},
		"rows of a group":    {refoot(t, good, func(m *format.FileMetaData) { m.NumRows++; m.RowGroups[0].NumRows++ }), Readable},
		"fewer rows":         {refoot(t, good, func(m *format.FileMetaData) { m.NumRows--; m.RowGroups[0].NumRows-- }), Readable},
		"page":               {flipped(t, good), Readable},
		"checksum":           {otherChecksum(t, good), Readable},
		"OCSF 1.4":           {rewritten(t, write(t, table.Options{}, ofVersion("1.4.0")), by), Version},
		"OCSF 1.2":           {rewritten(t, write(t, table.Options{}, ofVersion("1.2.0")), by), Known + "?"},
		"snappy":             {rewritten(t, good, parquet.Compression(&parquet.Snappy)), Compression},
		"snappy, another's":  {rewritten(t, good, parquet.Compression(&parquet.Snappy), by), Compression + "?"},
		"brotli, another's":  {rewritten(t, good, parquet.Compression(&parquet.Brotli), by), Compression + "? " + Types},
		"pages of version 2": {rewritten(t, good, parquet.DataPageVersion(2)), Encoding},
		"large page":         {write(t, table.Options{PageBytes: 4 << 20, DictionaryBytes: 1}, wide(20)), PageSize},
		"delta":              {delta(t), Class + " " + Encoding + " " + Metadata},
		"no metadata":        {refoot(t, good, func(m *format.FileMetaData) { m.KeyValueMetadata = nil }), Metadata},
		"other class":        {refoot(t, good, func(m *format.FileMetaData) { m.KeyValueMetadata[1].Value = "2004" }), Metadata},
		"nulls":              {refoot(t, good, ofTime(func(s *format.Statistics) { s.NullCount++ })), Statistics},
		"least":              {refoot(t, good, ofTime(func(s *format.Statistics) { s.MinValue[0]++ })), Statistics},
		"greatest":           {refoot(t, good, ofTime(func(s *format.Statistics) { s.MaxValue[0]-- })), Statistics},
		"loose":              {refoot(t, good, ofTime(func(s *format.Statistics) { s.MaxValue[0]++ })), Statistics},
		"text":               {refoot(t, good, statsOf("message", func(s *format.Statistics) { s.MinValue = []byte("z") })), Statistics},
		"plain bytes":        {refoot(t, good, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.TotalUncompressedSize++ }), Statistics},
		"page index":         {reindexed(t, paged, "time", func(x *format.ColumnIndex) { x.MinValues[1][0]++ }), Statistics},
		"index of texts":     {reindexed(t, paged, "severity", func(x *format.ColumnIndex) { x.MaxValues[len(x.MaxValues)-1][0]-- }), Statistics},
		"index of numbers":   {reindexed(t, paged, "count", func(x *format.ColumnIndex) { x.MinValues[len(x.MinValues)-1][0]++ }), Statistics},
		"nulls of a page":    {reindexed(t, paged, "time", func(x *format.ColumnIndex) { x.NullCounts[1]++ }), Statistics},
		"page rows":          {refoot(t, paged, swappedOffsets), Statistics},
	} {
		if r := judged(t, c.data); broken(r) != c.want {
			t.Errorf("%s breaks %q, want %q:%s", name, broken(r), c.want, show(r))
		}
	}
	j := NewJudge()
	j.largestGroup = 100
	if r := judgedBy(t, j, good); broken(r) != GroupSize {
		t.Errorf("a large row group breaks %q", broken(r))
	}
}

// Law: bounds that leave no value out are not a fault of another program.
func TestLooseBoundsOfOthers(t *testing.T) {
	good := rewritten(t, write(t, table.Options{}, goodEvents(30)), by)
	if r := judged(t, refoot(t, good, ofTime(func(s *format.Statistics) { s.MaxValue[0]++ }))); broken(r) != "" {
		t.Error(show(r))
	}
	for _, change := range []func(*format.FileMetaData){
		ofTime(func(s *format.Statistics) { s.MaxValue[0]-- }),
		statsOf("message", func(s *format.Statistics) { s.MinValue = []byte("z") }),
		statsOf("message", func(s *format.Statistics) { s.MaxValue = []byte("a") }),
	} {
		if r := judged(t, refoot(t, good, change)); broken(r) != Statistics {
			t.Error(show(r))
		}
	}
}

func ofVersion(version string) []map[string]any {
	events := goodEvents(10)
	for _, e := range events {
		set(e, "metadata.version", version)
	}
	return events
}

func wide(n int) []map[string]any {
	events := goodEvents(n)
	for i, e := range events {
		text := make([]byte, 0, 60_000)
		for len(text) < 60_000 {
			text = binary.AppendUvarint(append(text, "text "...), uint64(i*1000+len(text))&0x7f|0x40)
		}
		e["message"] = strings.ToValidUTF8(string(text), "")
	}
	return events
}

// ofTime changes the statistics of `time`.
func ofTime(change func(*format.Statistics)) func(*format.FileMetaData) {
	return statsOf("time", change)
}

func statsOf(column string, change func(*format.Statistics)) func(*format.FileMetaData) {
	return func(m *format.FileMetaData) {
		for i := range m.RowGroups[0].Columns {
			if c := &m.RowGroups[0].Columns[i].MetaData; strings.Join(c.PathInSchema, ".") == column {
				change(&c.Statistics)
			}
		}
	}
}

// flipped changes a byte of the first page.
func flipped(t *testing.T, data []byte) []byte {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	m := &f.Metadata().RowGroups[0].Columns[0].MetaData
	data = slices.Clone(data)
	data[m.DataPageOffset+m.TotalCompressedSize-1] ^= 1
	return data
}

// otherChecksum changes the checksum of the first page.
func otherChecksum(t *testing.T, data []byte) []byte {
	t.Helper()
	var h format.PageHeader
	if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(bytes.NewReader(data[4:]))).Decode(&h); err != nil || h.CRC == 0 {
		t.Fatal(err)
	}
	at := bytes.Index(data, binary.AppendVarint(nil, int64(h.CRC)))
	data = slices.Clone(data)
	data[at] ^= 2
	return data
}

// reindexed changes the page index of a column.
func reindexed(t *testing.T, data []byte, column string, change func(*format.ColumnIndex)) []byte {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	data = slices.Clone(data)
	for _, c := range f.Metadata().RowGroups[0].Columns {
		if c.MetaData.PathInSchema[0] != column {
			continue
		}
		var index format.ColumnIndex
		text := data[c.ColumnIndexOffset : c.ColumnIndexOffset+int64(c.ColumnIndexLength)]
		if err := thrift.Unmarshal(new(thrift.CompactProtocol), text, &index); err != nil {
			t.Fatal(err)
		}
		change(&index)
		changed, err := thrift.Marshal(new(thrift.CompactProtocol), &index)
		if err != nil || copy(text, changed) != len(changed) {
			t.Fatalf("the page index of %s has %d bytes now: %v", column, len(changed), err)
		}
		return data
	}
	t.Fatal("there is no column " + column)
	return nil
}

// swappedOffsets gives a column the page offsets of another.
func swappedOffsets(m *format.FileMetaData) {
	of := map[string]*format.ColumnChunk{}
	for i := range m.RowGroups[0].Columns {
		c := &m.RowGroups[0].Columns[i]
		of[strings.Join(c.MetaData.PathInSchema, ".")] = c
	}
	a, b := of["time"], of["severity_id"]
	a.OffsetIndexOffset, a.OffsetIndexLength = b.OffsetIndexOffset, b.OffsetIndexLength
}

// Law: each demand has a name of its own, says what it means, and is found.
func TestDemands(t *testing.T) {
	text := map[string]bool{}
	for _, d := range Demands {
		if d.Means == "" || d.Of == "" {
			t.Errorf("%s has no meaning", d.Name)
		}
		if text[d.Name] {
			t.Errorf("%s is there twice", d.Name)
		}
		text[d.Name] = true
	}
	if demandOf(Path).Name != Path || len(slices.Collect(maps.Keys(text))) != len(Demands) {
		t.Error("demands are not found")
	}
}

// delta writes a small object with texts in an encoding that sluice does not use.
func delta(t *testing.T) []byte {
	t.Helper()
	type row struct {
		Time int64  `parquet:"time"`
		Text string `parquet:"message,delta"`
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out, parquet.Compression(&parquet.Zstd), parquet.CreatedBy("sluice", "1", "test"), parquet.DataPageVersion(1))
	if _, err := w.Write([]row{{noon, "a"}}); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
