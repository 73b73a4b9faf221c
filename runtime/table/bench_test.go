//go:build unix

package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

const benchRows = 8192

// perRow reports the time of the processor besides that of the clock: on a
// shared machine the clock says little.
func perRow(b *testing.B, rows int, began syscall.Rusage) {
	now := rusage()
	used := now.Utime.Nano() - began.Utime.Nano() + now.Stime.Nano() - began.Stime.Nano()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
	b.ReportMetric(float64(used)/float64(b.N*rows), "cpu-ns/row")
}

func rusage() (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u
}

// BenchmarkAppend appends few events many times over, as an event of a run lies
// in the cache when it is appended; their own texts are made different each time.
func BenchmarkAppend(b *testing.B) {
	l := findingLayout()
	evs := findings(l, 64)
	uid, pairs := at(l.Fields, "metadata", "uid").Cell, at(l.Fields, "unmapped").Cell
	uids := make([]string, benchRows)
	for i := range uids {
		uids[i] = fmt.Sprintf("1713795000.%d", i*37)
	}
	batch := NewSchema(l).NewBatch()
	b.ReportAllocs()
	began := rusage()
	for b.Loop() {
		batch.Reset()
		for i := range benchRows {
			ev := evs[i%len(evs)]
			ev.Cells[uid].Text = uids[i]
			ev.Cells[pairs].Pairs[4].Value = uids[i*7%benchRows]
			batch.Append(ev)
		}
	}
	perRow(b, benchRows, began)
	b.ReportMetric(float64(batch.Bytes())/benchRows, "B/row")
}

// BenchmarkEncode makes row groups of four batches.
func BenchmarkEncode(b *testing.B) {
	l := findingLayout()
	s := NewSchema(l)
	rows := []Row{}
	for i, ev := range findings(l, 4*benchRows) {
		if i%benchRows == 0 {
			rows = append(rows, Row{Batch: s.NewBatch(), Index: -1})
		}
		last := rows[len(rows)-1]
		last.Batch.Append(ev)
		if last.Index++; last.Index == 0 {
			rows = rows[:len(rows)-1]
		}
		rows = append(rows, last)
	}
	b.ReportAllocs()
	size := int64(0)
	began := rusage()
	for b.Loop() {
		g, err := s.Encode(rows, Options{})
		if err != nil {
			b.Fatal(err)
		}
		size = g.Bytes
	}
	perRow(b, len(rows), began)
	b.ReportMetric(float64(size)/float64(len(rows)), "B/row")
}

// BenchmarkSmallFile makes a file of 100 rows, as small inputs give them.
func BenchmarkSmallFile(b *testing.B) {
	l := findingLayout()
	s := NewSchema(l)
	evs := findings(l, 100)
	batch, rows := s.NewBatch(), make([]Row, len(evs))
	for i := range rows {
		rows[i] = Row{batch, i}
	}
	b.ReportAllocs()
	size := int64(0)
	began := rusage()
	for b.Loop() {
		batch.Reset()
		for _, ev := range evs {
			batch.Append(ev)
		}
		g, err := s.Encode(rows, Options{})
		w := NewWriter(io.Discard, s, Options{})
		if err := errors.Join(err, w.Commit(g), w.Close()); err != nil {
			b.Fatal(err)
		}
		size = w.Written()
	}
	perRow(b, len(rows), began)
	b.ReportMetric(float64(size)/float64(len(rows)), "B/row")
}

// BenchmarkGenericWriter is what the same columns cost as a Go struct with
// parquet-go's own writer, with dictionaries as it has them.
func BenchmarkGenericWriter(b *testing.B) {
	rows := structs(findings(findingLayout(), 4*benchRows))
	b.ReportAllocs()
	var out bytes.Buffer
	began := rusage()
	for b.Loop() {
		out.Reset()
		w := parquet.NewGenericWriter[findingRow](&out, parquet.Compression(&zstd.Codec{}), parquet.DataPageVersion(1),
			parquet.PageBufferSize(500_000), func() parquet.WriterOption {
				c := parquet.DefaultWriterConfig()
				c.DictionaryMaxBytes = 1 << 20
				return c
			}())
		if _, err := w.Write(rows); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	perRow(b, len(rows), began)
	b.ReportMetric(float64(out.Len())/float64(len(rows)), "B/row")
}
