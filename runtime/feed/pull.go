package feed

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sluice-lake/sluice/runtime/indexer"
)

// Indices are indices of OpenSearch.
type Indices struct {
	Client *indexer.Client
	// Patterns name them, such as wazuh-alerts-4.x-*.
	Patterns []string
	// Documents and Bytes bound what is written at a time: 100,000 documents, and about
	// 256 MiB, if they are 0.
	Documents, Bytes int64
	// Settle is how long a number without a document is waited for where nobody may
	// refresh the index; ten minutes if it is 0.
	Settle time.Duration
	// Adopt says of indices, by name, how to go on after they became others of the same
	// name.
	Adopt map[string]Adoption
	// Delay and Window are for a cluster that does not tell the numbers of its shards:
	// how long documents have to be found, and how much later than their @timestamp they
	// may come. A minute and fifteen if they are 0.
	Delay, Window time.Duration
}

// Adoption says what another index of a known name is.
type Adoption int

// The adoptions.
const (
	Restored Adoption = iota + 1 // it has what was read of the one before
	Anew                         // it has nothing of that
)

func (of *Indices) defaults() {
	if of.Documents <= 0 {
		of.Documents = 100_000
	}
	if of.Bytes <= 0 {
		of.Bytes = 256 << 20
	}
	if of.Settle <= 0 {
		of.Settle = 10 * time.Minute
	}
	if of.Delay <= 0 {
		of.Delay = time.Minute
	}
	if of.Window <= 0 {
		of.Window = 15 * time.Minute
	}
}

// Puller pulls indices.
type Puller struct {
	Feed
	of     Indices
	shards map[string]*shard // by uuid and number
	window *window           // nil for a cluster that reports its numbers
	told   map[string]bool   // what was reported once
	moved  bool
	all    atomic.Pointer[[]stream]
}

// NewPuller makes a Puller and reads its state.
func NewPuller(ctx context.Context, c Config, of Indices) (*Puller, error) {
	c.defaults(min(max(c.Every/10, time.Second), 30*time.Second))
	of.defaults()
	state, err := ReadState(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	p := &Puller{of: of, shards: map[string]*shard{}, told: map[string]bool{}}
	p.Feed = Feed{config: &c, state: state, origin: p, origins: lane{name: strings.Join(of.Patterns, ","), config: &c}}
	return p, nil
}

func (p *Puller) close() {}

func (p *Puller) changed() bool {
	moved := p.moved
	p.moved = false
	return moved
}

// Lag returns that of all indices. Any goroutine may call it.
func (p *Puller) Lag() (sum Lag) {
	if all := p.all.Load(); all != nil {
		for _, s := range *all {
			l := s.base().lag.get()
			sum.Waiting += l.Waiting
			sum.Age = max(sum.Age, l.Age)
		}
	}
	return sum
}

func (p *Puller) streams(ctx context.Context) ([]stream, error) {
	all, err := p.look(ctx)
	if err == nil {
		p.all.Store(&all)
	}
	return all, err
}

// look asks for the indices and their shards as they are now.
func (p *Puller) look(ctx context.Context) ([]stream, error) {
	if p.window == nil && p.state.Window != nil {
		p.byTime()
	}
	if p.window != nil && p.window.begun() {
		return []stream{p.window}, nil
	}
	found, err := p.of.Client.Indices(ctx, p.of.Patterns)
	if indexer.Unsupported(err) && len(p.state.Indices) == 0 {
		p.tell("window", "", "the numbers of the shards cannot be read (%v): documents are found by their @timestamp, which loses those that come more than %v late", err, p.of.Window)
		if p.window == nil {
			p.state.Window, p.moved = &WindowCursor{Seen: map[int64][]string{}}, true
			p.byTime()
		}
		return []stream{p.window}, nil
	}
	if err != nil {
		return nil, err
	}
	if p.window != nil { // nothing was read by time, and now there are numbers
		p.window, p.state.Window, p.moved = nil, nil, true
	}
	var all []stream
	here := map[string]bool{}
	for _, index := range found {
		here[index.UUID] = true
		cursor := p.admit(index)
		if cursor == nil {
			continue
		}
		for _, s := range index.Shards {
			all = append(all, p.shard(index, cursor, s))
		}
	}
	p.missing(here)
	return all, nil
}

func (p *Puller) byTime() {
	p.window = &window{lane: lane{name: p.origins.name, config: p.config, older: time.Now()}, cursor: p.state.Window, of: &p.of}
}

// admit returns the cursor of an index, nil for one that is not read.
func (p *Puller) admit(index indexer.Index) *IndexCursor {
	if c := p.state.Indices[index.UUID]; c != nil {
		if c.Gone {
			c.Gone, p.moved = false, true
		}
		return c
	}
	c := &IndexCursor{Name: index.Name, Shards: map[int]*ShardCursor{}}
	if old := p.named(index.Name); old != "" {
		switch p.of.Adopt[index.Name] {
		case Restored:
			c = p.state.Indices[old]
			c.Gone = false
			for _, s := range c.Shards {
				s.History = "" // another one: where it forks has to be found
			}
			p.tell("adopted", index.UUID, "the index %s goes on as the one of that name that was read before", index.Name)
		case Anew:
			p.tell("adopted", index.UUID, "the index %s is read from its beginning", index.Name)
		default:
			p.tell("other", index.UUID, "the index %s is another one than the index of that name that was read before: it was restored, or created anew. It is not read: give --adopt %s if it was restored, --adopt %s=new if it was created anew", index.Name, index.Name, index.Name)
			return nil
		}
		delete(p.state.Indices, old)
	}
	p.state.Indices[index.UUID], p.moved = c, true
	return c
}

// named returns the uuid of the known index of a name, or "".
func (p *Puller) named(name string) string {
	for uuid, c := range p.state.Indices {
		if c.Name == name {
			return uuid
		}
	}
	return ""
}

// missing notes which known indices are gone.
func (p *Puller) missing(here map[string]bool) {
	for uuid, c := range p.state.Indices {
		if here[uuid] || c.Gone {
			continue
		}
		c.Gone, p.moved = true, true
		what := ""
		for _, s := range c.Shards {
			if s.Planned != nil {
				what = ", while it was read; what of it was not written by then is not in the lake"
			}
		}
		p.config.Report(Event{Name: c.Name, Kind: "gone", Message: fmt.Sprintf("the index %s was deleted or closed, or none of its shards is there%s", c.Name, what)})
	}
}

// tell reports something once.
func (p *Puller) tell(kind, about, format string, args ...any) {
	if !p.told[kind+about] {
		p.told[kind+about] = true
		p.origins.report(kind, format, args...)
	}
}

// shard returns the stream of a shard.
func (p *Puller) shard(index indexer.Index, c *IndexCursor, now indexer.Shard) *shard {
	key := fmt.Sprintf("%s/%d", index.UUID, now.Number)
	s := p.shards[key]
	if s == nil {
		if c.Shards[now.Number] == nil {
			c.Shards[now.Number], p.moved = &ShardCursor{Done: -1, History: now.History}, true
		}
		s = &shard{lane: lane{name: fmt.Sprintf("%s/%d", index.Name, now.Number), config: p.config, older: time.Now()},
			cursor: c.Shards[now.Number], of: &p.of, index: index}
		p.shards[key] = s
	}
	s.now = now
	s.look()
	return s
}
