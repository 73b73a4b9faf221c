package inspect

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table"
)

// parquetOf makes a file with parquet-go's own writer: data pages of version 2,
// row groups of at most perGroup rows.
func parquetOf[T any](t testing.TB, codec compress.Codec, perGroup int, rows ...T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, parquet.Compression(codec), parquet.MaxRowsPerRowGroup(int64(perGroup)))
	_, err := w.Write(rows)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func factsOf(t testing.TB, data []byte) *Facts {
	t.Helper()
	facts, err := File(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func rowsOf(t testing.TB, data []byte) (rows []string) {
	t.Helper()
	for row, err := range Rows(bytes.NewReader(data), int64(len(data)), -1) {
		if err != nil {
			t.Fatalf("row %d: %v", len(rows), err)
		}
		rows = append(rows, string(row))
	}
	return rows
}

type timeRow struct {
	Time int64 `parquet:"time"`
}

func TestTime(t *testing.T) {
	for name, test := range map[string]struct {
		times []int64
		want  Time
	}{
		"none":              {nil, Time{Sorted: true}},
		"sorted":            {[]int64{0, 86_399_999, 86_399_999, 86_400_000}, Time{Max: 86_400_000, Sorted: true, Days: []string{"19700101", "19700102"}}},
		"across row groups": {[]int64{5, 6, 7, 4}, Time{Min: 4, Max: 7, Days: []string{"19700101"}}},
		"before 1970":       {[]int64{-1, -86_400_001}, Time{Min: -86_400_001, Max: -1, Days: []string{"19691230", "19691231"}}},
	} {
		var rows []timeRow
		for _, ms := range test.times {
			rows = append(rows, timeRow{ms})
		}
		if diff := cmp.Diff(&test.want, factsOf(t, parquetOf(t, &parquet.Snappy, 3, rows...)).Time); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

type inner struct {
	A []int32           `parquet:"a"`
	M map[string]string `parquet:"m"`
}

type foreignRow struct {
	B    []byte  `parquet:"b"`
	F    float32 `parquet:"f"`
	I    *inner  `parquet:"i,optional"`
	L    []int64 `parquet:"l,list"`
	Time int64   `parquet:"time,timestamp(microsecond)"`
	U    uint32  `parquet:"u"`
}

// foreign is a file of other shapes and another codec than those of the lake.
func foreign(t testing.TB, codec compress.Codec) []byte {
	return parquetOf(t, codec, 1,
		foreignRow{B: bytes.Repeat([]byte("text"), 30), F: 1.5, L: []int64{1, 2}, Time: 1_500_000, U: 4_000_000_000},
		foreignRow{B: []byte{0xFF}, I: &inner{A: []int32{3}, M: map[string]string{"k": "v"}}, Time: 1_000})
}

func codecs() []compress.Codec {
	return []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Brotli, &parquet.Zstd, &parquet.Lz4Raw}
}

func TestForeignFile(t *testing.T) {
	for _, codec := range codecs() {
		t.Run(codec.CompressionCodec().String(), func(t *testing.T) { testForeignFile(t, codec) })
	}
}

func testForeignFile(t *testing.T, codec compress.Codec) {
	data := foreign(t, codec)
	want := []string{
		`{"b":"` + strings.Repeat("text", 30) + `","f":1.5,"l":[1,2],"time":"1970-01-01T00:00:01.5Z","u":4000000000}`,
		`{"b":"/w==","f":0,"i":{"a":[3],"m":{"k":"v"}},"l":[],"time":"1970-01-01T00:00:00.001Z","u":0}`,
	}
	if diff := cmp.Diff(want, rowsOf(t, data)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	facts := factsOf(t, data)
	if diff := cmp.Diff(&Time{Min: 1, Max: 1500, Days: []string{"19700101"}}, facts.Time); diff != "" {
		t.Errorf("time (-want +got):\n%s", diff)
	}
	if facts.Rows != 2 || len(facts.Groups) != 2 || !cmp.Equal(facts.Codecs, []string{codec.CompressionCodec().String()}) {
		t.Errorf("%d rows in %d groups, codecs %v", facts.Rows, len(facts.Groups), facts.Codecs)
	}
}

// Values of every logical type are written as a person would.
func TestScalars(t *testing.T) {
	type row struct {
		Date    int32            `parquet:"date,date"`
		Dec     int64            `parquet:"dec,decimal(2:18)"`
		DecNeg  int32            `parquet:"decneg,decimal(3:9)"`
		I8      int8             `parquet:"i8"`
		Int96   deprecated.Int96 `parquet:"int96"`
		Large   float64          `parquet:"large"`
		Nanos   int64            `parquet:"nanos,timestamp(nanosecond)"`
		Special string           `parquet:"special"`
		U64     uint64           `parquet:"u64"`
		UUID    [16]byte         `parquet:"uuid,uuid"`
	}
	got := rowsOf(t, parquetOf(t, &parquet.Snappy, 9, row{
		Date: 19_800, Dec: 12_345, DecNeg: -1_500, I8: -8,
		Int96: deprecated.Int96{0: 1_000_000_000, 2: 2_440_589}, Large: 1e300, Nanos: -1,
		Special: "a\"\n\u2028<&>", U64: 1 << 63, UUID: [16]byte{0x12, 0x34, 15: 0xff},
	}))
	want := []string{`{"date":"2024-03-18","dec":123.45,"decneg":-1.500,"i8":-8,"int96":"1970-01-02T00:00:01Z","large":1e+300,` +
		`"nanos":"1969-12-31T23:59:59.999999999Z","special":"a\"\n` + "\u2028" + `<&>","u64":9223372036854775808,` +
		`"uuid":"12340000-0000-0000-0000-0000000000ff"}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if day := time.Unix(19_800*24*60*60, 0).UTC().Format(time.DateOnly); !strings.Contains(got[0], day) {
		t.Errorf("day 19800 is %s", day)
	}
}

func TestRowsLimit(t *testing.T) {
	data := parquetOf(t, &parquet.Snappy, 2, timeRow{1}, timeRow{2}, timeRow{3})
	for limit, want := range map[int]int{0: 0, 1: 1, 3: 3, 9: 3, -1: 3} {
		n := 0
		for _, err := range Rows(bytes.NewReader(data), int64(len(data)), limit) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Errorf("limit %d: %d rows", limit, n)
		}
	}
}

func TestNotParquet(t *testing.T) {
	good := parquetOf(t, &parquet.Snappy, 2, timeRow{1}, timeRow{2})
	for name, data := range map[string][]byte{
		"empty": {}, "short": []byte("PAR1PAR1"), "text": []byte("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"),
		"cut off": good[:len(good)-1], "no head": good[1:],
		"footer too long": append(append([]byte(nil), good[:len(good)-8]...), "\xFF\xFF\xFF\x7FPAR1"...),
	} {
		if _, err := File(bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrNotParquet) {
			t.Errorf("%s: File says %v", name, err)
		}
		for _, err := range Rows(bytes.NewReader(data), int64(len(data)), -1) {
			if !errors.Is(err, ErrNotParquet) {
				t.Errorf("%s: Rows says %v", name, err)
			}
		}
	}
	if _, err := File(bytes.NewReader(good[:20]), int64(len(good))); !errors.Is(err, io.EOF) {
		t.Errorf("a file that shrank: %v", err)
	}
}

// own is a file of the lake with lists and a map.
func own(t testing.TB) []byte {
	s, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	class, _ := s.Class("security_finding")
	l, err := ocsf.NewLayout(s, class, []*ocsf.Field{{Name: "data_sources"}, {Name: "time"}, {Name: "unmapped"}})
	if err != nil {
		t.Fatal(err)
	}
	schema := table.NewSchema(l)
	b, ev, rows := schema.NewBatch(), ocsf.NewEvent(l), []table.Row{}
	for i := range 20 {
		ev.Reset()
		for _, f := range l.Fields {
			c := &ev.Cells[f.Cell]
			c.Set, c.Num = true, int64(i)
			switch f.Name {
			case "data_sources":
				*c.Add(1) = ocsf.Record{Cells: []ocsf.Cell{{Set: i%3 > 0, Text: strings.Repeat("s", i)}}}
			case "unmapped":
				c.Pairs = append(c.Pairs, ocsf.Pair{Key: "a", Value: "b"}, ocsf.Pair{Key: "c", Value: strings.Repeat("d", i)})
			}
		}
		b.Append(ev)
		rows = append(rows, table.Row{Batch: b, Index: i})
	}
	var out bytes.Buffer
	w := table.NewWriter(&out, schema, table.Options{})
	for _, part := range [][]table.Row{rows[:9], rows[9:]} {
		g, err := schema.Encode(part, table.Options{})
		if err := errors.Join(err, w.Commit(g)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Levels that contradict each other are a fault of the file, like any other damage.
func TestContradictingLevels(t *testing.T) {
	data := foreign(t, &parquet.Snappy)
	rr, err := openRows(bytes.NewReader(data), int64(len(data)), -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rr.json.row(parquet.Row{parquet.ValueOf(1).Level(0, 1, 2)}); !errors.Is(err, ErrNotParquet) {
		t.Errorf("a row of one column: %v", err)
	}
}

// FuzzCorrupt: a damaged file gives an error or rows, and never a panic.
func FuzzCorrupt(f *testing.F) {
	files := [][]byte{own(f)}
	for _, codec := range codecs() {
		files = append(files, foreign(f, codec))
	}
	for which, good := range files {
		for i := range len(good) / 16 {
			f.Add(uint8(which), uint32(i*16), byte(i), uint32(i*31), byte(255-i))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, at1 uint32, x byte, at2 uint32, y byte) {
		data := bytes.Clone(files[int(which)%len(files)])
		data[int(at1)%len(data)] ^= x
		data[int(at2)%len(data)] ^= y
		if _, err := File(bytes.NewReader(data), int64(len(data))); err != nil && !errors.Is(err, ErrNotParquet) {
			t.Errorf("File says %v", err)
		}
		for _, err := range Rows(bytes.NewReader(data), int64(len(data)), 100) {
			if err != nil && !errors.Is(err, ErrNotParquet) {
				t.Errorf("Rows says %v", err)
			}
		}
	})
}
