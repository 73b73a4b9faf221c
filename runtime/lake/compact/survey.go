package compact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
)

// survey is what a partition and the ledger have. The objects are listed first: what a
// plan without a result names is not removed by any other call before that.
type survey struct {
	objects []lake.Stored // in the order of their keys
	noted
}

// noted is what the ledger has of the plans of a partition.
type noted struct {
	folder  string
	plans   []*lake.Compaction
	results map[string]*lake.Compaction // by the keys of what came of plans
	parts   map[string]string           // of plans that were undone: what had the rows of an object before
}

func (r *run) noted(ctx context.Context, folder string) (n noted, err error) {
	n = noted{folder: folder, results: map[string]*lake.Compaction{}, parts: map[string]string{}}
	if n.plans, err = lake.Compactions(ctx, r.Ledger, folder); err != nil {
		return n, err
	}
	for _, c := range n.plans {
		for _, o := range c.Result {
			n.results[o.Key] = c
		}
		if c.Undone == nil {
			continue
		}
		for name, objects := range c.Undone.Objects {
			for _, o := range objects {
				n.parts[o.Key] = n.key(name)
			}
		}
	}
	return n, nil
}

func (n *noted) key(name string) string { return n.folder + name + ".parquet" }

// root is the object that had the rows of this one first: that of a run, or what came of a
// plan.
func (n *noted) root(key string) string {
	for {
		before, ok := n.parts[key]
		if !ok {
			return key
		}
		key = before
	}
}

func (r *run) survey(ctx context.Context, folder string) (*survey, error) {
	s := &survey{}
	err := r.Lake.List(ctx, folder, func(o lake.Stored) {
		if in, _, ok := lake.SplitKey(o.Key); ok && in == folder {
			s.objects = append(s.objects, o)
		}
	})
	if err != nil {
		return nil, err
	}
	s.noted, err = r.noted(ctx, folder)
	return s, err
}

// leftovers returns the keys of objects whose rows are in others since plans were undone:
// what came of these, and what attempts to undo them wrote that do not count.
func (s *survey) leftovers() (keys []string) {
	var marks []string
	for _, c := range s.plans {
		for attempt := range c.Undos {
			if c.Undone != nil && attempt != c.Undone.Attempt {
				marks = append(marks, c.Mark(attempt))
			}
		}
	}
	for _, o := range s.objects {
		_, name, _ := lake.SplitKey(o.Key)
		by := s.results[s.root(o.Key)]
		marked := slices.ContainsFunc(marks, func(mark string) bool { return strings.HasPrefix(name, mark) })
		if marked || by != nil && by.Undone != nil {
			keys = append(keys, o.Key)
		}
	}
	return keys
}

// present returns the objects of a plan that are there.
func (s *survey) present(p *lake.Plan) (found []lake.Stored) {
	for _, o := range s.objects {
		_, name, _ := lake.SplitKey(o.Key)
		if _, is := slices.BinarySearch(p.Names, name); is {
			found = append(found, o)
		}
	}
	return found
}

// listed says which manifest lists an object, by digests of the key and of the ID.
type listed map[[16]byte]listing

type listing struct {
	id   [16]byte
	rows int64
	busy bool // the run of the manifest has not ended
}

// listingBytes is about what an object takes in listed.
const listingBytes = 64

func digestOf(key string) (d [16]byte) {
	sum := sha256.Sum256([]byte(key))
	copy(d[:], sum[:])
	return d
}

// clockSkew is how much the clocks of two stores may differ.
const clockSkew = 15 * time.Minute

// readManifests notes which objects the manifests of the ledger list.
func (r *run) readManifests(ctx context.Context) error {
	ids, err := r.Ledger.Since(ctx, r.oldest.Add(-clockSkew))
	if err != nil {
		return err
	}
	intended, err := r.Ledger.Intended(ctx)
	if err != nil {
		return err
	}
	r.listed = listed{}
	var mu sync.Mutex
	err = lake.Each(len(ids), func(i int) error {
		m, err := r.Ledger.Load(ctx, ids[i])
		if err != nil || m == nil {
			return err
		}
		var id [16]byte
		if n, err := hex.Decode(id[:], []byte(ids[i])); err != nil || n != len(id) {
			return nil // not the name of a manifest
		}
		mu.Lock()
		defer mu.Unlock()
		for _, o := range m.Objects {
			r.listed[digestOf(o.Key)] = listing{id, o.Rows, m.Pending != nil || intended[ids[i]]}
		}
		return nil
	})
	r.listedBytes = listingBytes * int64(len(r.listed))
	r.Memory.Add(memory.Reading, r.listedBytes)
	return err
}

// free reports whether no run is about to write, or to replace, an object of a plan, and
// nobody undoes what it came of. The plan is noted already, so whoever begins later finds
// it.
func (r *run) free(ctx context.Context, s *survey, c *lake.Compaction) (bool, error) {
	now, err := r.noted(ctx, s.folder)
	if err != nil {
		return false, err
	}
	ids := map[[16]byte][]string{} // keys
	for _, name := range c.Names {
		key := now.root(now.key(name))
		l, ok := r.listed[digestOf(key)]
		by := now.results[key]
		switch {
		case ok:
			ids[l.id] = append(ids[l.id], key)
		case by == nil || by.Undos > 0:
			return false, nil
		}
	}
	intended, err := r.Ledger.Intended(ctx)
	if err != nil {
		return false, err
	}
	all := make([][16]byte, 0, len(ids))
	for id := range ids {
		all = append(all, id)
	}
	var mu sync.Mutex
	free := true
	err = lake.Each(len(all), func(i int) error {
		id := hex.EncodeToString(all[i][:])
		m, err := r.Ledger.Load(ctx, id)
		if err == nil && (m == nil || m.Pending != nil || intended[id] || !lists(m, ids[all[i]])) {
			mu.Lock()
			free = false
			mu.Unlock()
		}
		return err
	})
	return free, err
}

func lists(m *lake.Manifest, keys []string) bool {
	has := make(map[string]bool, len(m.Objects))
	for _, o := range m.Objects {
		has[o.Key] = true
	}
	for _, key := range keys {
		if !has[key] {
			return false
		}
	}
	return true
}
