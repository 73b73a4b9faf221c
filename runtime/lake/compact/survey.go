package compact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
)

// survey is what a partition and the ledger have. The objects are listed first: what a
// plan without a result names is not removed by any other call before that.
type survey struct {
	folder  string
	objects []lake.Stored // in the order of their keys
	plans   []*lake.Compaction
	results map[string]bool // keys of what came of plans
}

func (r *run) survey(ctx context.Context, folder string) (*survey, error) {
	s := &survey{folder: folder, results: map[string]bool{}}
	err := r.Lake.List(ctx, folder, func(o lake.Stored) {
		if in, _, ok := lake.SplitKey(o.Key); ok && in == folder {
			s.objects = append(s.objects, o)
		}
	})
	if err != nil {
		return nil, err
	}
	if s.plans, err = lake.Compactions(ctx, r.Ledger, folder); err != nil {
		return nil, err
	}
	for _, c := range s.plans {
		for _, o := range c.Result {
			s.results[o.Key] = true
		}
	}
	return s, nil
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
	r.noted = listingBytes * int64(len(r.listed))
	r.Memory.Add(memory.Reading, r.noted)
	return err
}

// free reports whether no run is about to write, or to replace, an object of a plan. The
// plan is noted already, so a run that begins later finds it.
func (r *run) free(ctx context.Context, s *survey, c *lake.Compaction) (bool, error) {
	ids := map[[16]byte][]string{} // keys
	for _, name := range c.Names {
		key := s.folder + name + ".parquet"
		l, ok := r.listed[digestOf(key)]
		switch {
		case ok:
			ids[l.id] = append(ids[l.id], key)
		case !s.results[key]:
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
