package lake

import (
	"cmp"
	"context"
	"slices"

	"github.com/sluice-lake/sluice/runtime/table"
)

// StoreConfig says where the objects of one input go.
type StoreConfig struct {
	Limits  Limits
	Tables  []Table
	Options table.Options
	Out     Sink
	JSON    Sink // nil without a JSON copy
	// Names are those of the input. While they are not known every object waits for them.
	// Then an object is committed as soon as it is sealed.
	Names *Names
}

// Written is an object that was committed.
type Written struct {
	Key       string
	Rows      int64
	Bytes     int64
	JSONBytes int64 // of its JSON copy, 0 without one
}

// Store writes encoded groups into objects and seals the objects: by size, by rows, when
// the Appender starts another, when too many are open, and at the end. It belongs to one
// goroutine, and gets the groups in the order in which the Appender released them.
type Store struct {
	config  StoreConfig
	named   *Named // nil while every object waits for its name
	open    map[streamKey]*file
	next    map[Partition]int // ordinal of the next object
	sealed  []*file
	groups  int   // row groups of all open objects
	mayHold int64 // the most bytes of open objects that sinks may hold: heldBytes
	clock   int   // counts groups, to find the least recently written object
	begun   int
	closing closers
}

// NewStore returns a Store for the objects of one input.
func NewStore(c StoreConfig) *Store {
	c.Limits = c.Limits.WithDefaults()
	return &Store{config: c, named: c.Names.Known(), open: map[streamKey]*file{}, next: map[Partition]int{}, mayHold: heldBytes}
}

// Write writes a group into its object, which it starts if necessary. After an error
// only Abort may be called.
func (s *Store) Write(ctx context.Context, g *Group, e Encoded) error {
	if err := s.learn(ctx); err != nil {
		return err
	}
	key := g.key
	f := s.open[key]
	if f != nil && (g.fresh || !f.fits(e, s.config.Limits)) {
		s.seal(ctx, key, f)
	}
	s.makeRoom(ctx, key)
	if f = s.open[key]; f == nil {
		var err error
		if f, err = s.begin(ctx, g); err != nil {
			return err
		}
		s.open[key] = f
	}
	s.groups++
	s.clock++
	f.used = s.clock
	if err := f.write(e); err != nil {
		return err
	}
	return s.closing.failed()
}

// makeRoom seals the least recently written objects until a group of this stream may be
// written. It also bounds the number of row groups, each of which costs memory for the
// footer until its object is sealed, and what a bucket's sink may hold of open objects,
// each up to a part of an upload.
func (s *Store) makeRoom(ctx context.Context, key streamKey) {
	most := s.config.Limits.OpenObjects
	for len(s.open) > 0 {
		full := len(s.open) >= most && s.open[key] == nil || s.groups >= groupsPerObject*most || s.held() > s.mayHold
		if !full {
			return
		}
		var oldest streamKey
		for k, f := range s.open {
			if o := s.open[oldest]; o == nil || f.used < o.used {
				oldest = k
			}
		}
		s.seal(ctx, oldest, s.open[oldest])
	}
}

const groupsPerObject = 4

const (
	// heldPart is the most that a sink holds of one object before it sends it.
	heldPart = 8 << 20
	// heldBytes is the most that sinks hold of all open objects. It counts for every
	// kind of sink: how rows are divided into objects must not depend on the sink.
	heldBytes = 64 << 20
)

func (s *Store) held() (sum int64) {
	for _, f := range s.open {
		sum += min(f.bytes, heldPart) + min(f.jsonBytes, heldPart)
	}
	return sum
}

func (s *Store) begin(ctx context.Context, g *Group) (*file, error) {
	f := &file{partition: g.Partition, ordinal: s.next[g.Partition], begun: s.begun, schema: s.config.Tables[g.Table].Schema}
	s.next[g.Partition]++
	s.begun++
	return f, f.create(ctx, s.config, s.named)
}

// learn looks whether the names are known by now, and then commits what was sealed before.
func (s *Store) learn(ctx context.Context) error {
	if s.named != nil {
		return nil
	}
	named := s.config.Names.Known()
	if named == nil {
		return nil
	}
	if err := s.closing.wait(); err != nil {
		return err
	}
	later := s.Keys(named.Namer)
	s.named = named
	for _, f := range s.sealed {
		s.closing.run(func() error { return s.commit(ctx, f, later) })
	}
	return nil
}

// seal ends an object. Another goroutine does what may wait for a disk or network, while
// the next groups are written.
func (s *Store) seal(ctx context.Context, key streamKey, f *file) {
	delete(s.open, key)
	s.groups -= f.groups
	s.sealed = append(s.sealed, f)
	named := s.named
	var later []string
	if named != nil && named.Entry != nil && !named.Entry.intends(f.key(named.Namer)) {
		later = s.Keys(named.Namer)
	}
	s.closing.run(func() error {
		err := f.close()
		if err == nil && named != nil {
			err = s.commit(ctx, f, later)
		}
		return err
	})
}

// commit commits an object after it was noted in the ledger, with those that are committed
// later.
func (s *Store) commit(ctx context.Context, f *file, later []string) error {
	n, e := s.named.Namer, s.named.Entry
	if e != nil {
		if err := e.intend(ctx, []string{f.key(n)}, nil, later); err != nil {
			return err
		}
		if e.Joined(f.key(n)) {
			return f.leave(n)
		}
	}
	return f.commit(ctx, n, e)
}

// Keys returns the keys of all objects that are not committed, in any order.
func (s *Store) Keys(n Namer) (keys []string) {
	for _, f := range s.open {
		keys = append(keys, f.key(n))
	}
	if s.named == nil { // else what is sealed is committed at once
		for _, f := range s.sealed {
			keys = append(keys, f.key(n))
		}
	}
	return keys
}

// Finish seals and commits the remaining objects, and returns all objects of the input
// in the order of their keys. On an error it returns those that were committed: they are
// complete and stay, and a retry replaces them. Abort then removes the rest. The names must
// be known now.
func (s *Store) Finish(ctx context.Context) ([]Written, error) {
	s.sealAll(ctx)
	err := s.learn(ctx) // which commits nothing unless everything could be closed
	if err == nil {
		err = s.closing.wait()
	}
	return s.written(), err
}

// Seal starts to make durable what waits for its names until Finish, so that this goes on
// beside what else must be done before. There are no more groups.
func (s *Store) Seal(ctx context.Context) {
	if s.named == nil {
		s.sealAll(ctx)
	}
}

func (s *Store) sealAll(ctx context.Context) {
	keys := make([]streamKey, 0, len(s.open))
	for k := range s.open {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b streamKey) int { return cmp.Compare(s.open[a].begun, s.open[b].begun) })
	for _, k := range keys {
		s.seal(ctx, k, s.open[k])
	}
}

func (s *Store) written() []Written {
	var all []Written
	for _, f := range s.sealed {
		if f.committed != "" {
			all = append(all, Written{Key: f.committed, Rows: f.rows, Bytes: f.bytes, JSONBytes: f.jsonBytes})
		}
	}
	slices.SortFunc(all, func(a, b Written) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// Abort discards every object that is not committed, several at once: if a server no
// longer answers, the time limits of the objects must not add up.
func (s *Store) Abort() error {
	_ = s.closing.wait() // its errors led here
	var ends closers
	for _, f := range s.open {
		ends.run(f.abort)
	}
	for _, f := range s.sealed {
		ends.run(f.abort)
	}
	clear(s.open)
	return ends.wait()
}

// Committed returns the objects that are visible. It waits for commits in progress.
func (s *Store) Committed() []Written {
	_ = s.closing.wait()
	return s.written()
}
