package table

import (
	"bytes"
	"errors"
	"io"
	"math"
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

// TestOrderOfPages: pages ascend or descend by both of their bounds; those without values do not
// count.
func TestOrderOfPages(t *testing.T) {
	for n := range 3 * 3 * 3 * 3 * 2 {
		var pages []bounds
		up, down := true, true
		for at, v := range []int{n % 3, n / 3 % 3, n / 9 % 3} {
			low, high := min(v, n/27%3), max(v, n/27%3)
			b := bounds{any: true, least: int64(low), biggest: int64(high)}
			if n/81 > 0 {
				b = bounds{any: true, isText: true, low: string(rune('a' + low)), high: string(rune('a' + high))}
			}
			if at > 0 {
				last := &pages[len(pages)-2]
				up = up && last.low <= b.low && last.high <= b.high && last.least <= b.least && last.biggest <= b.biggest
				down = down && b.low <= last.low && b.high <= last.high && b.least <= last.least && b.biggest <= last.biggest
			}
			pages = append(pages, b, bounds{})
		}
		want := format.Unordered
		switch {
		case up:
			want = format.Ascending
		case down:
			want = format.Descending
		}
		if got := order(pages); got != want {
			t.Errorf("%+v are in the order %v, want %v", pages, got, want)
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
	if indexed {
		checkOrder(t, index, typ, l)
	}
	if stats.MinValue == nil {
		if canBeBounded(all, l) {
			t.Errorf("column %s has no bounds of its %d values", l.name(), len(all))
		}
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

// canBeBounded reports whether a chunk of these values has statistics: the least and the
// greatest of texts are left out if they are long, or the least is empty.
func canBeBounded(all []parquet.Value, l *leaf) bool {
	switch l.physical {
	case format.ByteArray:
		texts := make([]string, len(all))
		for i, v := range all {
			texts[i] = string(v.ByteArray())
		}
		return len(all) > 0 && slices.Min(texts) != "" && max(len(slices.Min(texts)), len(slices.Max(texts))) <= longestBound
	case format.Double:
		return len(all) > 0 && !slices.ContainsFunc(all, func(v parquet.Value) bool { return math.IsNaN(v.Double()) })
	}
	return len(all) > 0
}

// checkOrder checks that the bounds of the pages are in an order if, and only if, the index
// says so.
func checkOrder(t *testing.T, index parquet.ColumnIndex, typ parquet.Type, l *leaf) {
	up, down, last := true, true, -1
	for n := range index.NumPages() {
		if index.NullPage(n) {
			continue
		}
		if last >= 0 {
			low, high := typ.Compare(index.MinValue(last), index.MinValue(n)), typ.Compare(index.MaxValue(last), index.MaxValue(n))
			up, down = up && low <= 0 && high <= 0, down && low >= 0 && high >= 0
		}
		last = n
	}
	if index.IsAscending() && !up || index.IsDescending() && !down || (up || down) && !index.IsAscending() && !index.IsDescending() {
		t.Errorf("column %s says that its pages ascend (%t) or descend (%t), and they do so: %t, %t", l.name(), index.IsAscending(), index.IsDescending(), up, down)
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
