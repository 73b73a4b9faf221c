package table

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/rle"
)

// TestLevelRuns: levels are read as they were written, and take no more bytes than the bound
// by which pages are cut, whether they change often or seldom.
func TestLevelRuns(t *testing.T) {
	m := rand.New(rand.NewPCG(1, 2))
	e := &encoder{}
	packed := 0
	for range 2000 {
		highest, longest, n := uint8(1+m.IntN(7)), 1<<m.IntN(12), 1+m.IntN(3000)
		levels := []uint8{}
		for len(levels) < n {
			levels = append(levels, bytes.Repeat([]byte{uint8(m.IntN(int(highest) + 1))}, 1+m.IntN(longest))...)
		}
		e.plain = e.plain[:0]
		if err := e.appendLevels(levels, highest); err != nil {
			t.Fatal(err)
		}
		if most := levelBound(len(levels), highest); len(e.plain) > most {
			t.Fatalf("%d levels take %d bytes, and %d at most", len(levels), len(e.plain), most)
		}
		if size := binary.LittleEndian.Uint32(e.plain); int(size) != len(e.plain)-4 {
			t.Fatalf("%d levels take %d bytes, and their size says %d", len(levels), len(e.plain)-4, size)
		}
		if e.plain[4]&1 == 1 {
			packed++
		}
		enc := rle.Encoding{BitWidth: bits.Len8(highest)}
		got, err := enc.DecodeLevels(nil, e.plain[4:])
		if err != nil || len(got) < len(levels) || !bytes.Equal(got[:len(levels)], levels) {
			t.Fatalf("levels %v are read as %v: %v", levels, got, err)
		}
	}
	if packed == 0 {
		t.Error("no levels were packed")
	}
}

// TestFewEncoders: many goroutines that encode at the same time share a few encoders.
func TestFewEncoders(t *testing.T) {
	texts := []string{}
	for i := range 500 {
		texts = append(texts, noise(i))
	}
	s, rows := textRows(texts)
	var encoding sync.WaitGroup
	for range 50 {
		encoding.Go(func() {
			if _, err := s.Encode(rows, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	encoding.Wait()
	if made, most := len(s.scratch.encoders), cap(s.scratch.atWork); made == 0 || made > most {
		t.Errorf("%d encoders were made, and %d may be at work", made, most)
	}
}

// TestMapDictionary: a dictionary of a map, larger than a page, has the values of one key beside
// each other, and all is read as it was.
func TestMapDictionary(t *testing.T) {
	texts := []string{}
	for i := range 4000 {
		texts = append(texts, noise(500+i%2000))
	}
	s, rows := batchedRows(texts, 700)
	data := write(t, s, rows, len(rows), Options{})
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	values := f.RowGroups()[0].ColumnChunks()[3].Pages()
	defer values.Close()
	page, err := values.ReadPage()
	if err != nil {
		t.Fatal(err)
	}
	got, want := []string{}, []string{}
	for i := range page.Dictionary().Len() {
		got = append(got, page.Dictionary().Index(int32(i)).String())
	}
	for i := range texts {
		want = append(want, strconv.Itoa(i))
	}
	want = append(append(want, texts[:2000]...), "z")
	if diff := cmp.Diff(want, got); diff != "" || page.Dictionary().Size() < pageWindow {
		t.Errorf("a dictionary of %d bytes: %s", page.Dictionary().Size(), diff)
	}
	read, _ := arrowRows(t, data)
	for i, row := range read {
		if strings.Count(row, texts[i]) != 2 || !strings.Contains(row, `"`+strconv.Itoa(i)+`"`) {
			t.Fatalf("row %d is %s", i, row)
		}
	}
}
