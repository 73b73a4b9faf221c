package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Replay is what of one input did not become events.
type Replay struct {
	Manifest *lake.Manifest
	Input    source.Input // the rejects, and the unmatched alerts if they were asked for
}

// loadAbreast is the most manifests that are read at the same time.
const loadAbreast = 16

// Replays finds the inputs of a ledger that have rejects, or with unmatched also those
// that have unmatched alerts, for Config.Replay. Input returns the input of a key in the
// reject store. Interrupted are the manifests of inputs whose last run did not end: to run
// them again replaces their rejects. The error joins those of manifests and files that
// cannot be read; the others are found.
func Replays(ctx context.Context, l lake.Ledger, unmatched bool, input func(ctx context.Context, key string) (source.Input, error)) (found []Replay, interrupted []*lake.Manifest, err error) {
	ids, err := l.IDs(ctx)
	if err != nil {
		return nil, nil, err
	}
	all, errs := make([]Replay, len(ids)), make([]error, len(ids))
	places := make(chan struct{}, loadAbreast)
	var wait sync.WaitGroup
	for i, id := range ids {
		places <- struct{}{}
		wait.Go(func() {
			all[i], errs[i] = replayOf(ctx, l, id, unmatched, input)
			<-places
		})
	}
	wait.Wait()
	for _, r := range all {
		switch {
		case r.Manifest == nil:
		case r.Input.Open == nil:
			interrupted = append(interrupted, r.Manifest)
		default:
			found = append(found, r)
		}
	}
	return found, interrupted, errors.Join(errs...)
}

// replayOf returns a Replay without a manifest if there is nothing to replay, and one
// without an input after an interrupted run.
func replayOf(ctx context.Context, l lake.Ledger, id string, unmatched bool, input func(ctx context.Context, key string) (source.Input, error)) (Replay, error) {
	m, err := l.Load(ctx, id)
	if err != nil || m == nil {
		return Replay{}, err
	}
	if m.Pending != nil && !m.Pending.Replay {
		return Replay{Manifest: m}, nil
	}
	keys := m.Rejects
	if unmatched {
		keys = append(keys[:len(keys):len(keys)], m.Unmatched...)
	}
	if len(keys) == 0 && m.Pending == nil && len(m.Replaced) == 0 {
		return Replay{}, nil // and no replay to make good
	}
	var parts []source.Input
	for _, key := range keys {
		in, err := input(ctx, key)
		if err != nil {
			return Replay{}, fmt.Errorf("%s, which has rejects of %s, cannot be read: %w; run the input again to have them again", key, m.Name, err)
		}
		parts = append(parts, in)
	}
	in := source.Concat(m.Name, parts)
	if len(keys) > 0 {
		in.Modified = dayOf(keys[0])
	}
	return Replay{m, in}, nil
}

// dayOf is the day in the key of kept lines, which those that stay keep.
func dayOf(key string) time.Time {
	folder, _ := path.Split(key)
	day, err := time.Parse("20060102", path.Base(strings.TrimSuffix(folder, "/")))
	if err != nil {
		return time.Time{}
	}
	return day
}
