package feed

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/indexer"
)

// window reads documents by their @timestamp. It reads each time again what may have come
// late, and leaves out what it has seen.
type window struct {
	lane
	cursor *WindowCursor
	of     *Indices
	due    int64
	found  map[int64][]string // of the range that is written
}

func (w *window) intent() *Intent { return &w.cursor.Intent }

// begun reports whether something is read, or may be, by time.
func (w *window) begun() bool { return w.cursor.Done > 0 || w.cursor.Planned != nil }

func (w *window) makeDue() { w.due = time.Now().Add(-w.of.Delay).UnixMilli() }

// next implements stream.
func (w *window) next(ctx context.Context) (*Range, error) {
	if p := w.cursor.Planned; p != nil {
		return w.rangeTo(p.To, p.Identity), nil
	}
	if w.due <= w.cursor.Done {
		return nil, nil
	}
	to, err := w.end(ctx)
	if err != nil || to <= w.cursor.Done {
		return nil, err
	}
	return w.rangeTo(to, fmt.Sprintf("pull %s %d %d", strings.Join(w.of.Patterns, ","), w.cursor.Done, to)), nil
}

// end returns the last time of the range to plan: one with not too many documents.
func (w *window) end(ctx context.Context) (int64, error) {
	from, to := w.cursor.Done+1, w.due
	n, first, err := w.of.Client.CountTimes(ctx, w.of.Patterns, from, to)
	if err != nil {
		return 0, err
	}
	if n > 0 && w.cursor.Done == 0 { // the first one: nothing is before it
		from = first
	}
	for n > w.of.Documents && to > from {
		to = from + (to-from)/2
		if n, _, err = w.of.Client.CountTimes(ctx, w.of.Patterns, from, to); err != nil {
			return 0, err
		}
	}
	return to, nil
}

func (w *window) rangeTo(to int64, identity string) *Range {
	from := max(0, w.cursor.Done-w.of.Window.Milliseconds())
	return &Range{Name: w.name, From: w.cursor.Done + 1, To: to, Identity: identity, size: -1, open: func(ctx context.Context) (io.ReadCloser, error) {
		w.found = map[int64][]string{}
		return w.of.Client.OpenTimes(ctx, w.of.Patterns, from, to, w.wanted), nil
	}}
}

// wanted notes a document, and reports whether it is new.
func (w *window) wanted(d indexer.Document) bool {
	sum := sha256.Sum256([]byte(d.Index + d.ID))
	id := base64.RawURLEncoding.EncodeToString(sum[:9])
	if slices.Contains(w.cursor.Seen[d.Time], id) || slices.Contains(w.found[d.Time], id) {
		return false
	}
	w.found[d.Time] = append(w.found[d.Time], id)
	return true
}

func (w *window) move(r *Range) {
	w.cursor.Done = r.To
	for at, ids := range w.found {
		w.cursor.Seen[at] = append(w.cursor.Seen[at], ids...)
	}
	for at := range w.cursor.Seen {
		if at < r.To-w.of.Window.Milliseconds() {
			delete(w.cursor.Seen, at)
		}
	}
}
