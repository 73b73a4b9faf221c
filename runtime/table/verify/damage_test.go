package verify

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// Law: no part of an object is an object without faults.
func TestTruncatedObjects(t *testing.T) {
	for _, data := range [][]byte{write(t, table.Options{}, goodEvents(40)), write(t, table.Options{PageBytes: 256}, goodEvents(40), goodEvents(1))} {
		j := NewJudge()
		for n := range data {
			if r := judgedBy(t, j, data[:n]); broken(r) != Readable {
				t.Fatalf("the first %d of %d bytes break %q", n, len(data), broken(r))
			}
			if r := judgedBy(t, j, data[n+1:]); broken(r) != Readable {
				t.Fatalf("the last %d of %d bytes break %q", len(data)-n-1, len(data), broken(r))
			}
		}
	}
}

// pages are the ranges of the column chunks of an object.
func pages(t testing.TB, data []byte) (ranges [][2]int64) {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			from := c.MetaData.DataPageOffset
			if d := c.MetaData.DictionaryPageOffset; d > 0 {
				from = min(from, d)
			}
			ranges = append(ranges, [2]int64{from, from + c.MetaData.TotalCompressedSize})
		}
	}
	return ranges
}

// rows are those of an object as text.
func rows(data []byte) string {
	var b strings.Builder
	for row, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), -1) {
		fmt.Fprintf(&b, "%s %v\n", row, err != nil)
	}
	return b.String()
}

// Law: a change of any bit in the pages of an object of sluice's that gives it other rows is
// found.
func TestDamagedPages(t *testing.T) {
	data := write(t, table.Options{}, goodEvents(40))
	j, good, changed := NewJudge(), rows(data), 0
	for _, r := range pages(t, data) {
		for at := r[0]; at < r[1]; at++ {
			damaged := slices.Clone(data)
			damaged[at] ^= 1 << (at % 8)
			if broken(judgedBy(t, j, damaged)) != "" {
				changed++
			} else if rows(damaged) != good {
				t.Fatalf("byte %d of %d is damaged, and nothing is broken", at, len(data))
			}
		}
	}
	if changed < 1000 {
		t.Errorf("only %d bytes change anything", changed)
	}
}

// Law: no bytes make a Judge panic, and what it says of an object does not depend on those
// that it has judged before.
func FuzzDamage(f *testing.F) {
	good := write(f, table.Options{PageBytes: 256}, goodEvents(40), goodEvents(3))
	other := rewritten(f, good, by, parquet.DataPageVersion(2), parquet.PageBufferSize(500))
	f.Add(false, uint32(100), []byte{1})
	f.Add(false, uint32(len(good)-100), []byte{0xff, 3})
	f.Add(true, uint32(len(other)-200), []byte{0x80, 0, 9})
	for at := 0; at < len(good); at += len(good) / 50 {
		f.Add(at%2 == 0, uint32(at), []byte{byte(at) | 1, 0, byte(at >> 3)})
	}
	used := NewJudge()
	f.Fuzz(func(t *testing.T, foreign bool, at uint32, change []byte) {
		data := slices.Clone(good)
		if foreign {
			data = slices.Clone(other)
		}
		for i, c := range change {
			data[(int(at)+i)%len(data)] ^= c
		}
		a, b := judgedBy(t, used, data), judged(t, data)
		if show(a) != show(b) || a.More != b.More || a.Rows != b.Rows {
			t.Errorf("a used Judge says%s\nand a new one%s", show(a), show(b))
		}
	})
}
