package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// honestRow has every encoding that parquet-go writes.
type honestRow struct {
	Time   int64    `parquet:"time,delta"`
	I32    int32    `parquet:"i32,delta"`
	Length string   `parquet:"length,delta"`
	Dict   string   `parquet:"dict,dict"`
	Plain  []byte   `parquet:"plain,optional"`
	Flag   bool     `parquet:"flag"`
	List   []string `parquet:"list,list"`
	Lists  []struct {
		A []int32  `parquet:"a,list"`
		B *float64 `parquet:"b,optional"`
	} `parquet:"lists,list"`
	Fixed [16]byte `parquet:"fixed,uuid"`
}

func honestRows(r *rand.Rand, n int) []honestRow {
	rows := make([]honestRow, n)
	text := func() string { return strings.Repeat(string(rune('a'+r.IntN(3))), r.IntN(40)) }
	for i := range rows {
		x := &rows[i]
		*x = honestRow{Time: int64(r.IntN(1 << r.IntN(60))), I32: int32(r.Uint32()), Length: text(), Dict: text(), Flag: r.IntN(9) == 0}
		if r.IntN(3) == 0 {
			x.Plain = []byte(text())
		}
		for range r.IntN(1 + r.IntN(30)) {
			x.List = append(x.List, text())
			x.Lists = append(x.Lists, struct {
				A []int32  `parquet:"a,list"`
				B *float64 `parquet:"b,optional"`
			}{A: make([]int32, r.IntN(5))})
		}
	}
	return rows
}

// Law: the checks refuse no honest file, whatever its encodings, codec and pages, and
// however many of its rows are read; and each codec gives the values that were packed.
func TestHonestFilesAreRead(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		rows := honestRows(r, r.IntN(300))
		all := codecs()
		codec := all[seed%uint64(len(all))]
		options := []parquet.WriterOption{parquet.DataPageVersion(1 + r.IntN(2)), parquet.PageBufferSize(1 << (6 + r.IntN(12))), parquet.MaxRowsPerRowGroup(int64(1 + r.IntN(400)))}
		data, plain := honestFile(t, rows, append(options, parquet.Compression(codec))), honestFile(t, rows, options)
		facts, err := File(bytes.NewReader(data), int64(len(data)))
		if err != nil || facts.Rows != int64(len(rows)) {
			t.Fatalf("seed %d, %s: %v", seed, codec, err)
		}
		if diff := cmp.Diff(factsOf(t, plain).Time, facts.Time); diff != "" {
			t.Errorf("seed %d, %s: times (-plain +packed):\n%s", seed, codec, diff)
		}
		if diff := cmp.Diff(rowsOf(t, plain), rowsOf(t, data)); diff != "" {
			t.Errorf("seed %d, %s: rows (-plain +packed):\n%.500s", seed, codec, diff)
		}
		for _, limit := range []int{-1, 2, len(rows) / 2} {
			want, got := len(rows), 0
			if limit >= 0 {
				want = min(limit, want)
			}
			for _, err := range Rows(bytes.NewReader(data), int64(len(data)), limit) {
				if err != nil {
					t.Errorf("seed %d, %s, limit %d: %v", seed, codec, limit, err)
					break
				}
				got++
			}
			if got != want {
				t.Errorf("seed %d, %s, limit %d: %d of %d rows", seed, codec, limit, got, want)
			}
		}
	}
}

func honestFile(t *testing.T, rows []honestRow, options []parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[honestRow](&out, options...)
	_, err := w.Write(rows)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A long text of an error is cut, and the error is still what it was.
func TestShortErrors(t *testing.T) {
	err := short(fmt.Errorf("%w: %s", ErrNotParquet, strings.Repeat("ö", 1000)))
	if len(err.Error()) > 310 || !errors.Is(err, ErrNotParquet) {
		t.Errorf("%d bytes: %v", len(err.Error()), err)
	}
}
