package lake

import (
	"bufio"
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
	// Namer is nil while the input's identity is not known: then every object
	// waits for Finish. With it an object is committed as soon as it is sealed.
	Namer *Namer
}

// Written is an object that was committed.
type Written struct {
	Key       string
	Rows      int64
	Bytes     int64
	JSONBytes int64 // of its JSON copy, 0 without one
}

// Store puts encoded groups into objects and seals these: by size, by rows,
// when the Appender begins another, when too many are open, and at the end. It
// belongs to one goroutine, and sees the groups in the order in which the
// Appender gave them out.
type Store struct {
	config  StoreConfig
	open    map[streamKey]*file
	next    map[Partition]int // ordinal of the next object
	sealed  []*file           // in the order of their beginning, once Finish sorts them
	groups  int               // row groups of all open objects
	mayHold int64             // bytes of open objects that sinks may hold: heldBytes
	clock   int               // counts groups: tells which object was written least recently
	begun   int
	closing closers
	buf     *bufio.Writer
}

// NewStore begins the objects of one input.
func NewStore(c StoreConfig) *Store {
	c.Limits = c.Limits.WithDefaults()
	return &Store{config: c, open: map[streamKey]*file{}, next: map[Partition]int{}, mayHold: heldBytes, buf: bufio.NewWriterSize(nil, 64<<10)}
}

// Write puts a group into its object, which it may have to begin. After an
// error the Store is good for Abort only.
func (s *Store) Write(ctx context.Context, g *Group, e Encoded) error {
	key := g.key
	f := s.open[key]
	if f != nil && (g.fresh || !f.takes(e, s.config.Limits)) {
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
	if err := f.write(e, s.buf); err != nil {
		return err
	}
	return s.closing.failed()
}

// makeRoom seals the objects that were written least recently until a group of
// this stream may be written. A row group costs memory until its object is
// sealed, since the footer tells of it; so their number is bounded too. So is
// what a bucket's sink may hold of open objects, each up to a part of an upload.
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
	// heldPart is what a sink may hold of one object before it sends it on.
	heldPart = 8 << 20
	// heldBytes is what sinks may hold of all open objects. It is counted for
	// every kind of sink alike: where objects are cut must not depend on it.
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
	key := ""
	if s.config.Namer != nil {
		key = f.key(*s.config.Namer)
	}
	return f, f.create(ctx, s.config, key)
}

// seal ends an object. What may wait for a disk or network is done elsewhere,
// meanwhile the next groups are written.
func (s *Store) seal(ctx context.Context, key streamKey, f *file) {
	delete(s.open, key)
	s.groups -= f.groups
	s.sealed = append(s.sealed, f)
	namer := s.config.Namer
	s.closing.run(func() error {
		err := f.close()
		if err == nil && namer != nil {
			err = f.commit(ctx, *namer)
		}
		return err
	})
}

// Finish seals and commits what is left, and returns every object of the input
// in the order of their keys. On an error it returns those that were committed:
// they are whole and stay, and a retry replaces them. Abort then removes the rest.
func (s *Store) Finish(ctx context.Context, n Namer) ([]Written, error) {
	s.sealAll(ctx)
	err := s.closing.wait()
	if err == nil && s.config.Namer == nil {
		for _, f := range s.sealed {
			s.closing.run(func() error { return f.commit(ctx, n) })
		}
		err = s.closing.wait()
	}
	return s.written(), err
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

// Abort takes back every object that is not committed, several at once: where
// nobody answers any more, the time that each is given must not add up.
func (s *Store) Abort() error {
	_ = s.closing.wait() // its errors are those that led here
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

// Committed lists the objects that are visible already; it waits for those on
// their way.
func (s *Store) Committed() []Written {
	_ = s.closing.wait()
	return s.written()
}
