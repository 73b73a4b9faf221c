package compact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// part is a row group of an input.
type part struct {
	object lake.Stored
	group  int
	first  int64 // least time
	bytes  int64 // that reading it holds

	ready chan struct{} // closed when the fields below are set
	open  bool
	in    lake.ReadCloserAt
	file  *table.File
	sum   inspect.Sum // of all rows of the object, if this is its first group
	rows  []uint64    // their digests
	err   error
}

// merger merges the rows of one plan.
type merger struct {
	fetcher
	schema *table.Schema
	// appender decides which rows share a row group, as it does for a run; store divides
	// the row groups into objects.
	appender *lake.Appender
	encoder  *lake.Encoder
	store    *lake.Store
	batch    *table.Batch // being filled
	spare    spare
	held     int64 // of the Share, for batches
	merged
}

// merged is what came of merging.
type merged struct {
	written []lake.Written
	sum     inspect.Sum // of the rows as another reader sees them in the inputs
	rows    lake.RowDigests
}

// namer names the objects that come of a plan.
func namer(c *lake.Compaction) lake.Namer {
	return lake.Namer{Identity: c.ID(), Settings: fmt.Sprintf("%+v", limits(c))}
}

func limits(c *lake.Compaction) lake.Limits {
	return lake.Limits{ObjectBytes: c.ObjectBytes}.WithDefaults()
}

// merge writes the rows of the inputs in order of time.
func (r *run) merge(ctx context.Context, s *survey, c *lake.Compaction, inputs []lake.Stored) (*merged, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	parts, schema, err := r.parts(ctx, inputs)
	if err != nil {
		return nil, err
	}
	n := namer(c)
	tables := []lake.Table{{Source: lake.Value(s.folder, "ext/"), Schema: schema}}
	m := &merger{
		fetcher: fetcher{r, make(chan struct{}, lake.Abreast)}, schema: schema, merged: merged{rows: lake.RowDigests{}},
		encoder:  lake.NewEncoder(tables, r.Options, false),
		appender: lake.NewAppender(limits(c), lake.Value(s.folder, "region="), lake.Value(s.folder, "accountId="), tables),
		store:    lake.NewStore(lake.StoreConfig{Limits: limits(c), Tables: tables, Options: r.Options, Out: r.Lake, Names: lake.KnownNames(n, nil)}),
	}
	defer func() { m.hold(-m.held - digestBytes*m.sum.Rows) }()
	go m.fetch(ctx, parts)
	err = m.add(ctx, parts)
	if err == nil {
		err = m.write(ctx, m.appender.Finish())
	}
	if err != nil {
		cancel(err)
		for _, p := range parts {
			<-p.ready
			m.end(p)
		}
		return nil, errors.Join(err, m.store.Abort())
	}
	if m.written, err = m.store.Finish(ctx); err != nil {
		return nil, errors.Join(err, m.store.Abort())
	}
	return &m.merged, nil
}

// digestBytes is what a digest of RowDigests takes.
const digestBytes = 8

// parts returns the row groups of the inputs in the order of their least times, and their
// schema.
func (r *run) parts(ctx context.Context, inputs []lake.Stored) (all []*part, schema *table.Schema, err error) {
	var mu sync.Mutex
	same := ""
	err = lake.Each(len(inputs), func(i int) error {
		o := inputs[i]
		in, file, err := r.open(ctx, o)
		if err != nil {
			return err
		}
		defer in.Close() // nothing is written
		mu.Lock()
		defer mu.Unlock()
		if schema == nil {
			if schema, err = file.Schema(); err != nil {
				return fmt.Errorf("%s: %w", o.Key, err)
			}
			same = file.SameSchema()
		}
		if file.SameSchema() != same {
			return fmt.Errorf("%s has another schema than the other objects of its plan: this is a bug in sluice, please report it", o.Key)
		}
		for group := range file.Groups() {
			first, _, _ := file.Times(group)
			all = append(all, &part{object: o, group: group, first: first, bytes: footerBytes + min(o.Bytes, mostOpen), ready: make(chan struct{})})
		}
		return nil
	})
	slices.SortFunc(all, func(a, b *part) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.object.Key, b.object.Key), cmp.Compare(a.group, b.group))
	})
	return all, schema, err
}

const (
	// mostOpen is the most that reading an object holds of it.
	mostOpen = 16 << 20
	// footerBytes is about what its footer takes.
	footerBytes = 128 << 10
)

func (r *run) open(ctx context.Context, o lake.Stored) (lake.ReadCloserAt, *table.File, error) {
	in, err := r.Lake.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	f, err := inspect.Open(in, o.Bytes)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", o.Key, err), in.Close())
	}
	return in, table.NewFile(f), nil
}

// fetcher opens parts ahead of who needs them.
type fetcher struct {
	*run
	places chan struct{} // bounds the parts that are open
}

// fetch opens the parts in their order, as the Share allows.
func (f *fetcher) fetch(ctx context.Context, parts []*part) {
	for i, p := range parts {
		f.places <- struct{}{}
		if err := f.Memory.Take(ctx, memory.Reading, p.bytes); err != nil {
			<-f.places
			for _, p := range parts[i:] {
				p.err = err
				close(p.ready)
			}
			return
		}
		f.Memory.Move(memory.Reading, -p.bytes, memory.Mapping, p.bytes)
		p.open = true
		go func() {
			defer close(p.ready)
			if p.in, p.file, p.err = f.run.open(ctx, p.object); p.err == nil && p.group == 0 {
				p.sum, p.err = inspect.SumRows(p.in, p.object.Bytes, func(d uint64) { p.rows = append(p.rows, d) })
			}
		}()
	}
}

// end closes a part. Each part is ended once it is ready, in order.
func (f *fetcher) end(p *part) {
	if p.in != nil {
		_ = p.in.Close() // nothing is written
	}
	if p.open {
		f.Memory.Add(memory.Mapping, -p.bytes)
		<-f.places
	}
	p.in, p.file, p.open = nil, nil, false
}

// A batch is filled with many small parts, so that they share its memory.
const (
	batchBytes = 2 << 20
	batchRows  = 8192
)

func (m *merger) add(ctx context.Context, parts []*part) error {
	for _, p := range parts {
		<-p.ready
		if p.err != nil {
			return p.err
		}
		if err := m.load(p); err != nil {
			return fmt.Errorf("%s: %w", p.object.Key, err)
		}
		m.end(p)
		if m.batch.Bytes() < batchBytes && m.batch.Rows() < batchRows {
			continue
		}
		if err := m.flush(ctx); err != nil {
			return err
		}
	}
	return m.flush(ctx)
}

// load reads a part into the batch. The part's pages were checked when its object was
// summed up.
func (m *merger) load(p *part) error {
	m.sum.Add(p.sum)
	if p.group == 0 {
		_, name, _ := lake.SplitKey(p.object.Key)
		slices.Sort(p.rows)
		m.rows[name], p.rows = p.rows, nil
		m.Memory.Add(memory.Reading, digestBytes*p.sum.Rows)
	}
	if m.batch == nil {
		m.batch = m.spare.take(m.schema)
	}
	return m.batch.AppendGroup(p.file, p.group)
}

// spare are batches of one schema that wait to be filled again.
type spare []*table.Batch

func (s *spare) take(schema *table.Schema) *table.Batch {
	n := len(*s) - 1
	if n < 0 {
		return schema.NewBatch()
	}
	b := (*s)[n]
	*s = (*s)[:n]
	return b
}

// put keeps a batch, if it is one, unless there are enough.
func (s *spare) put(b *table.Batch) {
	const most = 4
	if b != nil && len(*s) < most {
		b.Reset()
		*s = append(*s, b)
	}
}

// flush hands the batch to the Appender, and writes the row groups that are full.
func (m *merger) flush(ctx context.Context) error {
	if m.batch == nil {
		return nil
	}
	runs := lake.Runs(m.batch)
	m.batch = nil
	groups, unused := m.appender.Add(0, runs)
	m.spare.put(unused)
	m.hold(m.appender.Reserved() - m.held)
	return m.write(ctx, groups)
}

func (m *merger) hold(n int64) {
	m.held += n
	m.Memory.Add(memory.Reading, n)
}

func (m *merger) write(ctx context.Context, groups []*lake.Group) error {
	for _, g := range groups {
		encoded, err := m.encoder.Encode(g)
		if err == nil {
			err = m.store.Write(ctx, g, encoded)
		}
		if err != nil {
			return err
		}
		for _, b := range g.Free {
			m.spare.put(b)
		}
	}
	return nil
}
