package table

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

func TestInspectTime(t *testing.T) {
	l := layout(scalar("time", ocsf.Timestamp))
	s := NewSchema(l)
	tests := []struct {
		name  string
		times []int64
		want  TimeFacts
	}{
		{"none", nil, TimeFacts{Sorted: true}},
		{"sorted", []int64{0, 86_399_999, 86_399_999, 86_400_000}, TimeFacts{Max: 86_400_000, Sorted: true, Days: []string{"19700101", "19700102"}}},
		{"across row groups", []int64{5, 6, 7, 4}, TimeFacts{Min: 4, Max: 7, Days: []string{"19700101"}}},
		{"before 1970", []int64{-1, -86_400_001}, TimeFacts{Min: -86_400_001, Max: -1, Days: []string{"19691230", "19691231"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, rows := s.NewBatch(), []Row{}
			for i, ms := range test.times {
				ev := ocsf.NewEvent(l)
				setNum(&ev.Record, l.Fields[0], ms)
				b.Append(ev)
				rows = append(rows, Row{b, i})
			}
			facts := inspect(t, write(t, s, rows, 3, Options{}))
			if diff := cmp.Diff(&test.want, facts.Time); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestForeignFile reads a file of parquet-go's own writer: data pages of
// version 2, another codec, another shape.
func TestForeignFile(t *testing.T) {
	type inner struct {
		A []int32           `parquet:"a"`
		M map[string]string `parquet:"m"`
	}
	type row struct {
		B    []byte  `parquet:"b"`
		F    float32 `parquet:"f"`
		I    *inner  `parquet:"i,optional"`
		L    []int64 `parquet:"l,list"`
		Time int64   `parquet:"time,timestamp(microsecond)"`
		U    uint32  `parquet:"u"`
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out, parquet.Compression(&parquet.Snappy))
	_, err := w.Write([]row{
		{B: []byte("text"), F: 1.5, L: []int64{1, 2}, Time: 1_500_000, U: 4_000_000_000},
		{B: []byte{0xFF}, I: &inner{A: []int32{3}, M: map[string]string{"k": "v"}}, Time: 1_000},
	})
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"b":"text","f":1.5,"l":[1,2],"time":"1970-01-01T00:00:01.5Z","u":4000000000}`,
		`{"b":"/w==","f":0,"i":{"a":[3],"m":{"k":"v"}},"l":[],"time":"1970-01-01T00:00:00.001Z","u":0}`,
	}
	if diff := cmp.Diff(want, readRows(t, out.Bytes())); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	facts := inspect(t, out.Bytes())
	if diff := cmp.Diff(&TimeFacts{Min: 1, Max: 1500, Days: []string{"19700101"}}, facts.Time); diff != "" {
		t.Errorf("time (-want +got):\n%s", diff)
	}
	if facts.Rows != 2 || !cmp.Equal(facts.Codecs, []string{"SNAPPY"}) {
		t.Errorf("%d rows, codecs %v", facts.Rows, facts.Codecs)
	}
}

func TestReadRowsLimit(t *testing.T) {
	s, rows := textRows([]string{"a", "b", "c"})
	data := write(t, s, rows, 2, Options{})
	for limit, want := range map[int]int{0: 0, 1: 1, 3: 3, 9: 3, -1: 3} {
		n := 0
		for _, err := range ReadRows(bytes.NewReader(data), int64(len(data)), limit) {
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
	s, rows := textRows([]string{"a", "b"})
	good := write(t, s, rows, 2, Options{})
	for name, data := range map[string][]byte{
		"empty": {}, "short": []byte("PAR1PAR1"), "text": []byte("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"),
		"cut off": good[:len(good)-1], "no head": good[1:],
		"footer too long": append(append([]byte(nil), good[:len(good)-8]...), "\xFF\xFF\xFF\x7FPAR1"...),
	} {
		if _, err := Inspect(bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrNotParquet) {
			t.Errorf("%s: Inspect says %v", name, err)
		}
		for _, err := range ReadRows(bytes.NewReader(data), int64(len(data)), -1) {
			if !errors.Is(err, ErrNotParquet) {
				t.Errorf("%s: ReadRows says %v", name, err)
			}
		}
	}
	if _, err := Inspect(bytes.NewReader(good[:20]), int64(len(good))); !errors.Is(err, io.EOF) {
		t.Errorf("a file that shrank: %v", err)
	}
}

// FuzzCorrupt: a damaged file gives an error or rows, and never a panic.
func FuzzCorrupt(f *testing.F) {
	m := newMaker(5)
	l := everyKind()
	s := NewSchema(l)
	rows, _ := m.rows(f, s, l, 20)
	good := write(f, s, rows, 9, Options{})
	for i := range len(good) / 16 {
		f.Add(uint32(i*16), byte(i), uint32(i*31), byte(255-i))
	}
	f.Fuzz(func(t *testing.T, at1 uint32, x byte, at2 uint32, y byte) {
		data := bytes.Clone(good)
		data[int(at1)%len(data)] ^= x
		data[int(at2)%len(data)] ^= y
		if _, err := Inspect(bytes.NewReader(data), int64(len(data))); err != nil && !errors.Is(err, ErrNotParquet) {
			t.Errorf("Inspect says %v", err)
		}
		for _, err := range ReadRows(bytes.NewReader(data), int64(len(data)), 100) {
			if err != nil && !errors.Is(err, ErrNotParquet) {
				t.Errorf("ReadRows says %v", err)
			}
		}
	})
}
