package inspect

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// inspectTime reads the column `time`. It returns nil if the file has no such
// column of 64-bit integers at the top level.
func inspectTime(r io.ReaderAt, size int64, f *parquet.File, leaves []*parquet.Column) (*Time, error) {
	at := slices.IndexFunc(leaves, func(c *parquet.Column) bool {
		return len(c.Path()) == 1 && c.Path()[0] == "time" && !c.Repeated() && c.Type().Kind() == parquet.Int64
	})
	if at < 0 {
		return nil, nil
	}
	c, err := newChecker(r, size, f.Metadata())
	if err != nil {
		return nil, err
	}
	defer c.close()
	values := int64(0)
	for i := range f.RowGroups() {
		if err := c.column(i, at, leaves[at], -1, newBudget(size), nil); err != nil {
			return nil, err
		}
		values += f.Metadata().RowGroups[i].Columns[at].MetaData.NumValues
	}
	if values > mostPageValues+size*timesPerByte {
		return nil, fmt.Errorf("%w: its column time has %d values in %d bytes, which are not read", ErrNotParquet, values, size)
	}
	t := timeReader{facts: Time{Sorted: true}, perMilli: 1, days: make(map[int64]bool), day: -1}
	if lt := leaves[at].Type().LogicalType(); lt != nil {
		if ts, ok := lt.Value.(*format.TimestampType); ok {
			t.perMilli = perMilli(ts)
		}
	}
	for i, g := range f.RowGroups() {
		if packedWithLZ4(c.m, at) {
			if g, err = c.withoutLZ4(i, leaves, []int{at}, -1, newBudget(size)); err != nil {
				return nil, err
			}
		}
		if err := t.chunk(g.ColumnChunks()[at]); err != nil {
			return nil, fmt.Errorf("%w: row group %d, column time: %w", ErrNotParquet, i, err)
		}
	}
	return t.done(), nil
}

// timesPerByte is how many times a file may have for each of its bytes: runs of
// equal ones take next to none, and all of them are looked at.
const timesPerByte = 64

// perMilli is the number of a timestamp's units in a millisecond.
func perMilli(t *format.TimestampType) int64 {
	switch t.Unit.Value.(type) {
	case *format.MicroSeconds:
		return 1e3
	case *format.NanoSeconds:
		return 1e6
	}
	return 1
}

type timeReader struct {
	facts    Time
	perMilli int64
	seen     bool
	last     int64
	days     map[int64]bool
	day      int64 // the last one added to days
	values   [1024]parquet.Value
}

func (t *timeReader) chunk(c parquet.ColumnChunk) (err error) {
	pages := c.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.page(page.Values()); err != nil {
			return err
		}
		parquet.Release(page)
	}
}

func (t *timeReader) page(r parquet.ValueReader) error {
	for {
		n, err := r.ReadValues(t.values[:])
		for _, v := range t.values[:n] {
			t.add(v)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

const millisADay = 24 * 60 * 60 * 1000

func (t *timeReader) add(v parquet.Value) {
	if v.IsNull() {
		t.facts.Nulls++
		return
	}
	ms := floorDiv(v.Int64(), t.perMilli)
	if !t.seen {
		t.seen, t.facts.Min, t.facts.Max = true, ms, ms
	} else if ms < t.last {
		t.facts.Sorted = false
	}
	t.last = ms
	t.facts.Min, t.facts.Max = min(t.facts.Min, ms), max(t.facts.Max, ms)
	if day := floorDiv(ms, millisADay); day != t.day || len(t.days) == 0 {
		t.day, t.days[day] = day, true
	}
}

func (t *timeReader) done() *Time {
	days := make([]int64, 0, len(t.days))
	for d := range t.days {
		days = append(days, d)
	}
	slices.Sort(days)
	for _, d := range days {
		t.facts.Days = append(t.facts.Days, time.UnixMilli(d*millisADay).UTC().Format("20060102"))
	}
	return &t.facts
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
