package table

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// TestBoundsAreTrue: the page index and the statistics of a chunk bound the
// values that are there, and those of a chunk are values of it.
func TestBoundsAreTrue(t *testing.T) {
	for seed := range uint64(60) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		rows, _ := m.rows(t, s, l, 300)
		data := write(t, s, rows, 300, Options{PageRows: 50, PageBytes: 4000, DictionaryBytes: 1000})
		f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		columns := f.Metadata().RowGroups[0].Columns
		if columns[0].ColumnIndexLength == 0 {
			continue // parquet-go then reads no index at all
		}
		for i, c := range f.RowGroups()[0].ColumnChunks() {
			checkChunk(t, c.(*parquet.FileColumnChunk), &columns[i], &s.leaves[i])
		}
	}
}

// TestBoundsOfTexts: the bounds of texts that begin alike, that have few bytes or zero bytes, are
// the least and the greatest of them.
func TestBoundsOfTexts(t *testing.T) {
	m := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		var texts []string
		for range 1 + m.IntN(8) {
			text := []byte("\xff\xff\x00\x00\x00\xff\xff\xff\x01\x00"[:m.IntN(11)])
			if len(text) > 0 {
				text[m.IntN(len(text))] = byte(m.IntN(3)) - 1
			}
			texts = append(texts, string(text))
		}
		var b bounds
		b.addTexts(texts)
		if !b.any || !b.isText || b.low != slices.Min(texts) || b.high != slices.Max(texts) {
			t.Fatalf("the bounds of %q are %q and %q", texts, b.low, b.high)
		}
	}
}

func checkChunk(t *testing.T, c *parquet.FileColumnChunk, meta *format.ColumnChunk, l *leaf) {
	indexed := meta.ColumnIndexLength > 0
	if !indexed && l.maxRep == 0 && l.physical != format.ByteArray { // a text may be impossible to bound
		t.Errorf("column %s has no column index", l.name())
	}
	var index parquet.ColumnIndex
	if indexed {
		var err error
		if index, err = c.ColumnIndex(); err != nil {
			t.Fatal(err)
		}
	}
	typ := c.Type()
	var all []parquet.Value
	pages := c.Pages()
	defer pages.Close()
	for n := 0; ; n++ {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		values := make([]parquet.Value, page.NumValues())
		if _, err := page.Values().ReadValues(values); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		for _, v := range values {
			if v.IsNull() {
				continue
			}
			all = append(all, v.Clone())
			if indexed && (index.NullPage(n) || typ.Compare(index.MinValue(n), v) > 0 || typ.Compare(index.MaxValue(n), v) < 0) {
				t.Errorf("column %s, page %d: %v is not in [%v, %v]", l.name(), n, v, index.MinValue(n), index.MaxValue(n))
			}
		}
	}
	stats := &meta.MetaData.Statistics
	if got := meta.MetaData.NumValues - stats.NullCount; got != int64(len(all)) {
		t.Errorf("column %s says %d values of %d", l.name(), got, len(all))
	}
	if stats.MinValue == nil {
		return
	}
	low, high := typ.Kind().Value(stats.MinValue), typ.Kind().Value(stats.MaxValue)
	var lowSeen, highSeen bool
	for _, v := range all {
		if typ.Compare(low, v) > 0 || typ.Compare(high, v) < 0 {
			t.Errorf("column %s: %v is not in [%v, %v]", l.name(), v, low, high)
		}
		lowSeen, highSeen = lowSeen || typ.Compare(low, v) == 0, highSeen || typ.Compare(high, v) == 0
	}
	if !lowSeen || !highSeen {
		t.Errorf("column %s: [%v, %v] are not both values", l.name(), low, high)
	}
}

func TestCutBounds(t *testing.T) {
	long := strings.Repeat("x", longestBound-1)
	tests := []struct {
		text, low, high string
		ok              bool
	}{
		{"short", "short", "short", true},
		{long + "ab", long + "a", long + "b", true},
		{long + "é", long, strings.Repeat("x", longestBound-2) + "y", true},
		{strings.Repeat("x", longestBound-3) + "\uD7FFz", strings.Repeat("x", longestBound-3) + "\uD7FF", strings.Repeat("x", longestBound-3) + "\uE000", true},
		{"a" + strings.Repeat("\U0010FFFF", 30), "a" + strings.Repeat("\U0010FFFF", 15), "b", true},
		{strings.Repeat("\U0010FFFF", 30), strings.Repeat("\U0010FFFF", 16), "", false},
		{strings.Repeat("\xFF", 100), strings.Repeat("\xFF", 64), "", false},
	}
	for _, test := range tests {
		low := string(cutLow([]byte(test.text)))
		high, ok := cutHigh([]byte(test.text))
		got := []any{low, string(high), ok}
		if diff := cmp.Diff([]any{test.low, test.high, test.ok}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
		if low > test.text || ok && string(high) < test.text {
			t.Errorf("%q is not in [%q, %q]", test.text, low, high)
		}
	}
}

// Law: what is kept of a page for the footer does not grow with its texts.
func TestBoundsOfLongTextsAreShort(t *testing.T) {
	b := bounds{}
	b.addTexts([]string{strings.Repeat("ü", 1<<20), strings.Repeat("z", 1<<20)})
	low, high, ok := b.encode(nil, nil, format.ByteArray)
	if !ok {
		t.Fatal("texts have bounds")
	}
	low = cutLow(low)
	high, ok = cutHigh(high)
	if !ok || cap(low) > 2*longestBound || cap(high) > 2*longestBound {
		t.Errorf("%d and %d bytes are kept for a bound of %d", cap(low), cap(high), longestBound)
	}
	if string(low) != strings.Repeat("z", longestBound) || string(high) != strings.Repeat("ü", longestBound/2-1)+"ý" {
		t.Errorf("the bounds are %q and %q", low, high)
	}
}
