package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// object is one that is being judged.
type object struct {
	*Judge
	faults
	ctx    context.Context
	file   *inspect.Columns
	m      *format.FileMetaData
	plan   *plan
	day    string
	size   int64
	report Report
	before int64 // rows of the row groups before
	clock  clock
	bad    map[uint64][]*Fault // kinds of rows that have faults
}

// Object judges an object of size bytes. Day is that of its partition as YYYYMMDD, "" if it
// is in none. The error is that of the context: all else is in the report.
func (j *Judge) Object(ctx context.Context, r io.ReaderAt, size int64, day string) (*Report, error) {
	o := &object{Judge: j, ctx: ctx, day: day, size: size, bad: map[uint64][]*Fault{}}
	o.clock.set(day)
	o.report.Class = -1
	o.faults = faults{&o.report, map[[3]string]*Fault{}}
	err := o.read(r, size)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		o.damaged(err)
	}
	o.report.sort()
	return &o.report, nil
}

// damage is what keeps an object from being read, with its place.
type damage struct {
	at  place
	err error
}

func (d *damage) Error() string { return d.err.Error() }
func (d *damage) Unwrap() error { return d.err }

// damaged notes what keeps an object from being read.
func (o *object) damaged(err error) {
	at, what := whole, strings.TrimPrefix(err.Error(), inspect.ErrNotParquet.Error()+": ")
	if d := (*damage)(nil); errors.As(err, &d) {
		at = d.at
		what = what[len(chunkPlace.FindString(what)):]
	}
	o.add(Readable, at, what, "write it again from its source, or remove it")
}

// chunkPlace is how inspect says where in a file something is.
var chunkPlace = regexp.MustCompile(`^row group \d+, column \d+: `)

func (o *object) read(r io.ReaderAt, size int64) error {
	c, err := inspect.OpenColumns(r, size)
	if err != nil {
		return err
	}
	defer c.Close()
	o.file, o.m = c, c.File.Metadata()
	o.report.Rows = o.m.NumRows
	o.report.Own = o.m.CreatedBy == "sluice" || strings.HasPrefix(o.m.CreatedBy, "sluice version ")
	class, version, err := o.identify()
	if err != nil {
		return err
	}
	o.report.Class = class
	o.plan = o.planOf(c, class, version)
	o.report.Columns = o.plan.columns
	for _, f := range o.plan.faults {
		o.add(f.demand, place{-1, f.column, -1}, f.what, f.do)
	}
	o.footer(class, version)
	for g := range o.m.RowGroups {
		if err := o.rowGroup(g); err != nil || o.ctx.Err() != nil {
			return err
		}
		o.before += o.m.RowGroups[g].NumRows
	}
	return nil
}

// errFound ends the search for a value.
var errFound = errors.New("found")

// identify returns the class and the version of the first row that says them, of an object
// without rows those that its footer says; -1 for no class.
func (o *object) identify() (class int64, version string, err error) {
	class = -1
	if o.m.NumRows == 0 {
		for _, kv := range o.m.KeyValueMetadata {
			switch n, err := strconv.ParseInt(kv.Value, 10, 32); {
			case kv.Key == "ocsf.class_uid" && err == nil:
				class = n
			case kv.Key == "ocsf.version":
				version = kv.Value
			}
		}
		return class, version, nil
	}
	for i, leaf := range o.file.Leaves {
		path := strings.Join(leaf.Path(), ".")
		if path != "class_uid" && path != "metadata.version" {
			continue
		}
		v, err := o.first(i)
		if err != nil {
			return 0, "", &damage{place{-1, path, -1}, err}
		}
		switch {
		case path == "class_uid" && !v.IsNull():
			class = integerOf(v)
		case v.Kind() == parquet.ByteArray:
			version = string(v.ByteArray())
		}
	}
	return class, version, nil
}

// first returns the first value of a column, null if there is none.
func (o *object) first(index int) (first parquet.Value, err error) {
	for g := range o.m.RowGroups {
		_, err := o.file.Chunk(g, index, func(*format.PageHeader) {}, func(page parquet.Page) error {
			if first = firstOf(page.Values()); first.IsNull() {
				return nil
			}
			return errFound
		})
		switch {
		case errors.Is(err, errFound):
			return first, nil
		case err != nil:
			return first, err
		}
	}
	return first, nil
}

// firstOf returns the first value of a page that is not null, null if there is none.
func firstOf(page parquet.ValueReader) parquet.Value {
	var some [64]parquet.Value
	for {
		n, err := page.ReadValues(some[:])
		for _, v := range some[:n] {
			if !v.IsNull() {
				return v.Clone()
			}
		}
		if err != nil {
			return parquet.Value{} // its end
		}
	}
}

// rowGroup judges the pages of a row group, and then its rows.
func (o *object) rowGroup(g int) error {
	rows := o.m.RowGroups[g].NumRows
	if err := o.room(rows); err != nil {
		return &damage{place{g, "", -1}, err}
	}
	packed := int64(0)
	for i := range o.plan.leaves {
		if o.ctx.Err() != nil {
			return nil
		}
		if err := o.chunk(g, i); err != nil {
			return err
		}
		packed += o.m.RowGroups[g].Columns[i].MetaData.TotalCompressedSize
	}
	if packed > o.largestGroup {
		o.add(GroupSize, place{g, "", -1}, fmt.Sprintf("the row group has %d bytes", packed), fmt.Sprintf("write row groups of at most %d bytes", o.largestGroup))
	}
	return o.rows(g)
}

// The most that an object may unpack to, in bytes for each of its own, and what any may.
const (
	mostUnpacked  = 250
	leastUnpacked = 256 << 20
	mostRows      = 1 << 31 // of a row group
)

var errUnpacked = errors.New("the object unpacks to more than 250 times its size, and the rest is not judged")

// room makes the digests of the rows of a row group.
func (o *object) room(rows int64) error {
	if rows < 0 || rows > mostRows {
		return fmt.Errorf("it claims %d rows", rows)
	}
	if err := o.file.Take(16 * rows); err != nil {
		return err
	}
	o.hashes = resized(o.hashes, int(rows))
	o.entries = resized(o.entries, int(rows))
	return nil
}

func resized(list []uint64, n int) []uint64 {
	if cap(list) < n {
		return make([]uint64, n)
	}
	list = list[:n]
	clear(list)
	return list
}

// chunk judges a column chunk.
func (o *object) chunk(g, i int) error {
	l := &o.plan.leaves[i]
	c := &column{object: o, leaf: l, group: g, index: i, tokens: o.tokens}
	c.all.reset(l.order, false)
	if err := c.stats.open(c); err != nil {
		return &damage{c.place(), err}
	}
	about, err := o.file.Chunk(g, i, c.header, c.visit)
	o.tokens = c.tokens
	if err != nil {
		return &damage{c.place(), err}
	}
	if rows := o.m.RowGroups[g].NumRows; c.row != rows {
		return &damage{c.place(), fmt.Errorf("it has %d rows, and its row group %d", c.row, rows)}
	}
	if l.part == mapValue {
		for row, entries := range o.entries {
			if entries>>32 != entries&math.MaxUint32 {
				return &damage{place{g, l.path, o.before + int64(row)}, errPairs}
			}
		}
	}
	if o.report.PlainBytes += about.PlainBytes; o.report.PlainBytes > max(leastUnpacked, o.size*mostUnpacked) {
		return &damage{c.place(), errUnpacked}
	}
	c.sizes(about)
	c.stats.close(c)
	return nil
}
