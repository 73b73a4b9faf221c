// Package stats counts the objects of a lake by custom source and day.
package stats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// Day is what a partition has.
type Day struct {
	Source  string `json:"source"`
	Region  string `json:"region"`
	Account string `json:"account"`
	Day     string `json:"day"` // YYYYMMDD
	Objects int64  `json:"objects"`
	Bytes   int64  `json:"bytes"`
	Rows    int64  `json:"rows"`
	// Median is that of the sizes of the objects, in bytes.
	Median int64 `json:"median_bytes"`
	// Small reports whether there are so many small objects that queries are slow.
	Small bool `json:"small_files"`

	sizes []int64
}

const (
	// SmallBytes is the size below which an object is small: queries spend their time on
	// requests and footers.
	SmallBytes = 16 << 20
	// ManyObjects is more than a day has that gets an object every five minutes, which
	// Security Lake allows.
	ManyObjects = 300
)

// Read counts the objects of the partitions that a prefix selects, "ext/" for all. Days are
// in the order of source, region, account and day. Rows come from the footers of the
// objects. An object that is not a Parquet file counts without rows, and is in the error; the
// days are complete besides.
func Read(ctx context.Context, l lake.Repository, prefix string) ([]*Day, error) {
	days := map[string]*Day{}
	var all []lake.Stored
	err := l.List(ctx, prefix, func(o lake.Stored) {
		folder, _, ok := lake.SplitKey(o.Key)
		if !ok {
			return
		}
		d := days[folder]
		if d == nil {
			d = &Day{Source: lake.Value(folder, "ext/"), Region: lake.Value(folder, "region="),
				Account: lake.Value(folder, "accountId="), Day: lake.Value(folder, "eventDay=")}
			days[folder] = d
		}
		d.Objects++
		d.Bytes += o.Bytes
		d.sizes = append(d.sizes, o.Bytes)
		all = append(all, o)
	})
	if err != nil {
		return nil, err
	}
	rows, err := readRows(ctx, l, all)
	for i, o := range all {
		folder, _, _ := lake.SplitKey(o.Key)
		days[folder].Rows += rows[i]
	}
	for _, d := range days {
		d.finish()
	}
	return slices.SortedFunc(maps.Values(days), func(a, b *Day) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Day, b.Day))
	}), err
}

func (d *Day) finish() {
	d.Small = AreSmall(d.sizes)
	d.Median = d.sizes[len(d.sizes)/2]
	d.sizes = nil
}

// AreSmall sorts the sizes of the objects of a day, and reports whether there are so many
// small ones that queries are slow.
func AreSmall(sizes []int64) bool {
	slices.Sort(sizes)
	return len(sizes) > ManyObjects && sizes[len(sizes)/2] < SmallBytes
}

// readRows reads the number of rows of each object. The error joins the first of those that
// cannot be read.
func readRows(ctx context.Context, l lake.Repository, all []lake.Stored) ([]int64, error) {
	rows, errs := make([]int64, len(all)), make([]error, len(all))
	err := lake.Each(len(all), func(i int) error {
		rows[i], errs[i] = rowsOf(ctx, l, all[i])
		return context.Cause(ctx)
	})
	const most = 5
	var named []error
	for i, e := range errs {
		if e != nil && len(named) < most {
			named = append(named, fmt.Errorf("%s: %w", all[i].Key, e))
		}
	}
	return rows, errors.Join(append(named, err)...)
}

func rowsOf(ctx context.Context, l lake.Repository, o lake.Stored) (int64, error) {
	in, err := l.Open(ctx, o)
	if errors.Is(err, lake.ErrGone) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer in.Close() // nothing is written
	f, err := inspect.Open(in, o.Bytes)
	if errors.Is(err, lake.ErrGone) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return f.NumRows(), nil
}
