package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/source"
)

// rejectStore is a folder or a bucket with rejects, unmatched alerts and manifests.
type rejectStore struct {
	place   string // folder or address, without a slash at its end
	buckets *buckets
	ledger  lake.Ledger
	close   func() error
}

// openRejects opens the reject store that an argument names: itself, or the folder
// `rejects` of the lake that it names.
func (a *app) openRejects(ctx context.Context, b *buckets, named string) (*rejectStore, error) {
	r := &rejectStore{place: strings.TrimRight(named, "/"), buckets: b, close: func() error { return nil }}
	if s3.Is(named) {
		s, err := b.sink(ctx, r.place, false, nil)
		if err == nil {
			r.ledger = s.(*s3.Sink).Ledger()
		}
		return r, err
	}
	if info, err := os.Stat(named); err != nil || !info.IsDir() {
		return nil, usagef("%s is not a folder: name the folder of the rejects, or that of the lake around it", named)
	}
	if inside := filepath.Join(named, "rejects"); !isLedger(named) && isLedger(inside) {
		r.place = inside
	}
	s, err := dir.Open(r.place, dir.Private)
	if err != nil {
		return nil, err
	}
	l, err := s.Ledger()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	r.ledger, r.close = l, func() error { return errors.Join(l.Close(), s.Close()) }
	return r, nil
}

func isLedger(folder string) bool { return isFolder(filepath.Join(folder, lake.LedgerFolder)) }

// input is the file of a key.
func (r *rejectStore) input(ctx context.Context, key string) (source.Input, error) {
	if !s3.Is(r.place) {
		found, err := source.Expand([]string{filepath.Join(r.place, filepath.FromSlash(key))}, nil)
		if err != nil {
			return source.Input{}, err
		}
		return found[0], nil
	}
	ref, err := s3.ParseAddress(r.place + "/" + key)
	if err != nil {
		return source.Input{}, err
	}
	c, err := r.buckets.ownClient(ctx)
	if err != nil {
		return source.Input{}, err
	}
	return c.Input(ctx, ref)
}

// keptFile is a file of rejects or of unmatched alerts.
type keptFile struct {
	source.Input
	key, day  string // day is "" for a file whose name has none
	unmatched bool
}

// files lists the files of the store in the order of their keys, without those that an
// interrupted run or replay left behind.
func (r *rejectStore) files(ctx context.Context, unmatched bool) ([]keptFile, error) {
	all, err := r.list(ctx)
	if err != nil {
		return nil, err
	}
	leftOver, err := r.leftOver(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(f keptFile) bool { return f.unmatched != unmatched || leftOver[f.key] }), nil
}

// list has all files of rejects and of unmatched alerts in the order of their keys. A folder
// that has neither such files nor manifests is not a store.
func (r *rejectStore) list(ctx context.Context) ([]keptFile, error) {
	found, err := r.buckets.inputs(ctx, []string{r.place + "/"})
	if err == nil {
		found, err = source.List(ctx, found)
	}
	if err != nil {
		return nil, err
	}
	var files []keptFile
	for _, in := range found {
		f := keptFile{Input: in, key: filepath.ToSlash(strings.TrimPrefix(in.Name, r.place+"/"))}
		if !s3.Is(r.place) {
			rel, err := filepath.Rel(r.place, in.Name)
			if err != nil {
				return nil, err
			}
			f.key = filepath.ToSlash(rel)
		}
		rest, is := strings.CutPrefix(f.key, "unmatched/")
		f.unmatched = is
		if day, _, ok := strings.Cut(rest, "/"); ok && len(day) == len("20060102") {
			f.day = day
		}
		if strings.HasSuffix(f.key, ".ndjson") || strings.HasSuffix(f.key, ".ndjson.gz") {
			files = append(files, f)
		}
	}
	if len(files) == 0 && !s3.Is(r.place) && !isLedger(r.place) {
		return nil, usagef("%s has no rejects, and no run has written any there: name the folder of the rejects, or that of the lake around it", r.place)
	}
	return files, nil
}

// leftOver has the keys of files whose lines are elsewhere.
func (r *rejectStore) leftOver(ctx context.Context) (map[string]bool, error) {
	ids, err := r.ledger.IDs(ctx)
	if err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	for _, id := range ids {
		m, err := r.ledger.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		if m == nil {
			continue
		}
		gone := m.Replaced
		if m.Pending != nil {
			gone = slices.Concat(gone, m.Pending.Kept)
		}
		for _, key := range gone {
			keys[key] = !slices.Contains(m.Rejects, key) && !slices.Contains(m.Unmatched, key)
		}
	}
	return keys, nil
}

// eachReject gives the rejects of the store, with the day of their file.
func (r *rejectStore) eachReject(ctx context.Context, files []keptFile, each func(f keptFile, reject *source.Reject)) error {
	memory := new(source.Memory)
	for _, f := range files {
		err := linesIn(ctx, f.Input, memory, func() {}, func(l source.Line) {
			if l.Rejected != nil {
				each(f, l.Rejected)
			}
		})
		if err != nil {
			return fmt.Errorf("%w; the rejects before it were read", err)
		}
	}
	return nil
}
