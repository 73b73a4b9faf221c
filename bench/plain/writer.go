package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// writer belongs to one worker. It keeps the rows of each day until there are
// enough for a file.
type writer struct {
	out    string
	worker int
	files  int
	days   map[string][]*Finding
	total  *tally
}

func newWriter(out string, worker int, total *tally) *writer {
	return &writer{out: out, worker: worker, days: map[string][]*Finding{}, total: total}
}

func (w *writer) add(f *Finding) error {
	const enough = 1 << 15
	day := time.UnixMilli(f.Time).UTC().Format("20060102")
	w.days[day] = append(w.days[day], f)
	if len(w.days[day]) < enough {
		return nil
	}
	return w.flush(day)
}

func (w *writer) close() error {
	for day := range w.days {
		if err := w.flush(day); err != nil {
			return err
		}
	}
	return nil
}

// flush writes the day's rows, in order of time, as a file of their own.
func (w *writer) flush(day string) error {
	rows := w.days[day]
	delete(w.days, day)
	slices.SortStableFunc(rows, func(a, b *Finding) int { return cmp.Compare(a.Time, b.Time) })
	dir := filepath.Join(w.out, "ext", "wazuh", "region=us-east-1", "accountId=external", "eventDay="+day)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	w.files++
	name := filepath.Join(dir, fmt.Sprintf("plain-%d-%d.parquet", w.worker, w.files))
	if err := writeFile(name, rows); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.total.rows.Add(int64(len(rows)))
	w.total.files.Add(1)
	return nil
}

func writeFile(name string, rows []*Finding) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	pw := parquet.NewGenericWriter[*Finding](f, parquet.Compression(&zstd.Codec{}))
	if _, err := pw.Write(rows); err != nil {
		return err
	}
	if err := pw.Close(); err != nil {
		return err
	}
	return f.Close()
}
