package feed

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/indexer"
	"github.com/sluice-lake/sluice/runtime/indexer/indexertest"
)

// cluster is a cluster with the documents that a test has put there.
type cluster struct {
	*indexertest.Server
	t      *testing.T
	random *rand.Rand
	names  []string
	shards int
	next   int
	put    map[string]string // index of each document, by id
	again  []string          // ids that were lost before anybody was told that they are stored
	busy   bool              // requests are refused at random
	still  bool              // nothing changes while a range is written
}

func newCluster(t *testing.T, random *rand.Rand) *cluster {
	c := &cluster{Server: indexertest.New(t), t: t, random: random, shards: 1 + random.IntN(3), put: map[string]string{}}
	c.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if !c.busy || random.IntN(12) > 0 {
			return false
		}
		w.Header().Set("Retry-After", "1")
		indexertest.Fail(w, []int{429, 503}[random.IntN(2)], "circuit_breaking_exception", "too much")
		return true
	}
	c.create()
	return c
}

func (c *cluster) create() {
	name := fmt.Sprintf("wazuh-alerts-4.x-2026.01.%02d", len(c.names)+1)
	c.names = append(c.names, name)
	c.Create(name, c.shards)
}

func (c *cluster) index(n int) {
	for range n {
		id := fmt.Sprint(c.next)
		if len(c.again) > 0 {
			id, c.again = c.again[0], c.again[1:]
		} else {
			c.next++
			c.put[id] = c.names[c.random.IntN(len(c.names))]
		}
		c.Put(c.put[id], id, indexertest.Alert(id, int64(c.next)), int64(c.next))
	}
}

// any returns a shard.
func (c *cluster) any() (name string, shard int) {
	return c.names[c.random.IntN(len(c.names))], c.random.IntN(c.shards)
}

func (c *cluster) replicate() {
	name, shard := c.any()
	if s := c.Shard(name, shard); s.Max > s.Checkpoint {
		c.Replicate(name, shard, s.Checkpoint+1+c.random.IntN(s.Max-s.Checkpoint))
	}
}

// change does something that happens to a cluster.
func (c *cluster) change() {
	switch op := c.random.IntN(12); op {
	case 0, 1, 2, 3:
		c.index(c.random.IntN(40))
	case 4, 5:
		c.replicate()
	case 6, 7:
		c.Refresh(c.any())
	case 8:
		name, shard := c.any()
		c.again = append(c.again, c.Fail(name, shard, func(int) bool { return c.random.IntN(2) == 0 })...)
	case 9:
		c.Expire()
	case 10:
		c.Deny("refresh", c.random.IntN(2) == 0)
	case 11:
		if len(c.names) < 4 {
			c.create()
		}
	}
}

// settle lets everything be stored and found.
func (c *cluster) settle() {
	c.busy = false
	c.Deny("refresh", false)
	c.index(len(c.again) + 1)
	for _, name := range c.names {
		for shard := range c.shards {
			c.Replicate(name, shard, c.Shard(name, shard).Max)
		}
	}
}

func (c *cluster) client() *indexer.Client {
	client, err := indexer.New(indexer.Options{URLs: []string{c.URL}, Pause: func(ctx context.Context, d time.Duration) error {
		if d < time.Second {
			c.t.Errorf("it waits for %v, and was asked for a second", d)
		}
		return ctx.Err()
	}})
	must(c.t, err)
	return client
}

// pull pulls for some rounds, or until it is killed.
func (c *cluster) pull(store *kept, l lake, of Indices, kills bool) {
	c.rounds(c.puller(store, l, of, kills))
}

func (c *cluster) puller(store *kept, l lake, of Indices, kills bool) *Puller {
	store.failing(c.random, kills)
	of.Client, of.Patterns, of.Settle = c.client(), []string{"wazuh-alerts-4.x-*"}, time.Hour
	if of.Documents == 0 {
		of.Documents = 1 + c.random.Int64N(30)
	}
	p, err := NewPuller(c.t.Context(), Config{
		Store: store, Every: time.Hour,
		Write: func(ctx context.Context, r *Range) error {
			if kills && c.random.IntN(4) == 0 {
				return errors.New("the lake is away")
			}
			if kills && !c.still && c.random.IntN(4) == 0 {
				c.change()
			}
			err := l.write(r)
			if kills && c.random.IntN(8) == 0 {
				return errors.Join(err, errors.New("the answer was lost"))
			}
			return err
		},
		At: func(string) error {
			if kills && c.random.IntN(6) == 0 {
				return errCrash
			}
			return nil
		},
		Report: func(e Event) { c.t.Log(e.Kind, e.Name, e.Message) },
	}, of)
	must(c.t, err)
	return p
}

func (c *cluster) rounds(p *Puller) {
	p.ending = true // no try waits
	for range 4 {
		if err := p.round(c.t.Context(), true); err != nil {
			if !errors.Is(err, errCrash) {
				c.t.Fatal(err)
			}
			break
		}
	}
}

// ids counts the documents in a lake.
func (l lake) ids() map[string]int {
	times := map[string]int{}
	for _, text := range l {
		for line := range strings.Lines(text) {
			_, rest, _ := strings.Cut(line, `"_id":"`)
			id, _, _ := strings.Cut(rest, `"`)
			times[id]++
		}
	}
	return times
}

// check fails unless every document is in the lake once, and no point in time is left.
func (c *cluster) check(l lake, seed any) {
	c.t.Helper()
	times := l.ids()
	for id, name := range c.put {
		if times[id] != 1 {
			c.t.Errorf("seed %v: document %s of %s is there %d times", seed, id, name, times[id])
		}
	}
	if len(times) != len(c.put) {
		c.t.Errorf("seed %v: %d different documents, not %d", seed, len(times), len(c.put))
	}
	if n := c.Points(); n != 0 {
		c.t.Errorf("seed %v: %d points in time are left", seed, n)
	}
}

// Law: whatever happens to the cluster, and wherever the puller is killed, each document
// is in the lake once.
func FuzzPull(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 2))
		c, l, store := newCluster(t, random), lake{}, new(kept)
		for range 40 {
			c.busy = true
			c.change()
			if random.IntN(3) == 0 {
				c.pull(store, l, Indices{}, true)
			}
		}
		c.settle()
		c.pull(store, l, Indices{}, false)
		c.check(l, seed)
	})
}

// Without the right to refresh, a number without a document waits until a later document
// shows that there was a refresh.
func TestPullMayNotRefresh(t *testing.T) {
	c, l, store := newCluster(t, rand.New(rand.NewPCG(1, 1))), lake{}, new(kept)
	c.shards = 1
	c.Create(c.names[0], 1)
	c.Deny("refresh", true)
	c.index(5)
	c.again = c.Fail(c.names[0], 0, func(n int) bool { return n != 2 }) // a number without a document
	c.index(1)
	c.Replicate(c.names[0], 0, 5)
	p := c.puller(store, l, Indices{Documents: 100}, false)
	pull := func(want int) {
		t.Helper()
		c.rounds(p)
		if got := len(l.ids()); got != want {
			t.Errorf("%d documents are in the lake, not %d", got, want)
		}
	}
	pull(0)
	c.Refresh(c.names[0], 0) // nobody can know
	pull(0)
	c.index(1)
	c.Replicate(c.names[0], 0, 6)
	c.Refresh(c.names[0], 0)
	pull(6)
	c.check(l, "")
}

// An index is read again from where its numbers mean other documents.
func TestPullAfterLoss(t *testing.T) {
	c, l, store := newCluster(t, rand.New(rand.NewPCG(1, 1))), lake{}, new(kept)
	c.shards = 1
	c.Create(c.names[0], 1)
	everything := func() {
		t.Helper()
		c.Replicate(c.names[0], 0, c.Shard(c.names[0], 0).Max)
		c.pull(store, l, Indices{}, false)
	}
	for _, after := range []int{6, 3, 30} {
		c.index(10)
		everything()
		c.Lose(c.names[0], 0, min(after, c.Shard(c.names[0], 0).Max))
		c.index(after)
		everything()
	}
	c.check(l, "")
}

// What was read of numbers that were lost stays, though the same range is written again.
func TestPullAfterLossOfAll(t *testing.T) {
	c, l, store := newCluster(t, rand.New(rand.NewPCG(1, 1))), lake{}, new(kept)
	c.shards = 1
	c.Create(c.names[0], 1)
	for range 3 {
		c.index(10)
		c.Replicate(c.names[0], 0, 9)
		c.pull(store, l, Indices{Documents: 10}, false)
		c.Lose(c.names[0], 0, -1)
	}
	c.check(l, "")
}

// A restored index has another uuid: nothing of it is read until somebody says what it is.
func TestPullAdopts(t *testing.T) {
	for _, anew := range []bool{false, true} {
		c, l, store := newCluster(t, rand.New(rand.NewPCG(1, 1))), lake{}, new(kept)
		c.index(20)
		c.settle()
		c.pull(store, l, Indices{}, false)
		before := len(l.ids())
		how := Restored
		if anew {
			how = Anew
			c.Drop(c.names[0])
			c.pull(store, l, Indices{}, false)
			c.Create(c.names[0], c.shards)
		} else {
			c.Restore(c.names[0])
		}
		c.index(5)
		c.settle()
		c.pull(store, l, Indices{}, false)
		if n := len(l.ids()); n != before {
			t.Errorf("%d documents of an index that nobody knows", n-before)
		}
		c.pull(store, l, Indices{Adopt: map[string]Adoption{c.names[0]: how}}, false)
		c.check(l, how)
	}
}

// Law: a cluster that does not tell the numbers of its shards is read by time; documents
// that come late, but within the window, are there once.
func FuzzPullByTime(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 3))
		c, l, store := newCluster(t, random), lake{}, new(kept)
		c.Deny("stats", true)
		c.Live()
		c.still = true
		now := time.Now().Add(-time.Hour).UnixMilli()
		for range 20 {
			for range random.IntN(30) {
				id := fmt.Sprint(c.next)
				c.next++
				at := now - random.Int64N(600_000)
				c.put[id] = c.names[0]
				c.Put(c.names[0], id, indexertest.Alert(id, at), at)
			}
			now += random.Int64N(100_000)
			c.busy = true
			c.pull(store, l, Indices{Delay: time.Since(time.UnixMilli(now))}, true)
		}
		c.busy = false
		c.pull(store, l, Indices{Delay: time.Nanosecond}, false)
		c.check(l, seed)
	})
}

// An identity that may neither read the numbers of the shards nor search has read nothing by
// time: once it has the rights, the numbers are used. What was read by time goes on by time.
func TestPullByTimeBeginsWithTheFirstDocument(t *testing.T) {
	for _, searches := range []bool{false, true} {
		c, l, store := newCluster(t, rand.New(rand.NewPCG(1, 1))), lake{}, new(kept)
		c.Live()
		c.still = true
		put := func(n int) {
			for range n {
				id, at := fmt.Sprint(c.next), time.Now().UnixMilli()
				c.next++
				c.put[id] = c.names[0]
				c.Put(c.names[0], id, indexertest.Alert(id, at), at)
			}
		}
		put(20)
		c.Deny("stats", true)
		c.Deny("search", !searches)
		p := c.puller(store, l, Indices{Delay: time.Nanosecond}, false)
		c.rounds(p)
		c.Deny("stats", false)
		c.Deny("search", false)
		put(20)
		time.Sleep(2 * time.Millisecond)
		c.rounds(p)
		c.pull(store, l, Indices{Delay: time.Nanosecond}, false) // as after a new start
		c.check(l, searches)
		state, err := ParseState(store.text)
		must(t, err)
		if byTime := state.Window != nil; byTime != searches || byTime == (len(state.Indices) > 0) {
			t.Errorf("searches allowed at first: %t, read by time: %t, %d indices", searches, byTime, len(state.Indices))
		}
	}
}

// A range of an index that is deleted while it is read is not written.
func TestPullDeletedMeanwhile(t *testing.T) {
	c, l, store := newCluster(t, rand.New(rand.NewPCG(1, 1))), lake{}, new(kept)
	c.index(20)
	c.settle()
	c.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/point_in_time") && r.Method == http.MethodPost {
			c.Restore(c.names[0])
		}
		return false
	}
	c.pull(store, l, Indices{}, false)
	if n := len(l.ids()); n != 0 {
		t.Errorf("%d documents were written", n)
	}
}
