package indexer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Document identifies a document.
type Document struct {
	Index, ID string // as JSON strings
	Time      int64  // its @timestamp, in milliseconds since 1970
}

func ofTimes(from, to int64) map[string]any {
	return map[string]any{"range": map[string]any{"@timestamp": map[string]any{"gte": from, "lte": to, "format": "epoch_millis"}}}
}

func byTime() []any {
	return []any{map[string]any{"@timestamp": map[string]string{"order": "asc", "numeric_type": "date", "unmapped_type": "date"}}}
}

// CountTimes counts the documents of the patterns whose @timestamp is in a span of
// milliseconds since 1970, both ends included, and returns the first of these times.
func (c *Client) CountTimes(ctx context.Context, patterns []string, from, to int64) (n, first int64, err error) {
	p, err := c.search(ctx, strings.Join(patterns, ","), "", search{Size: 1, Query: ofTimes(from, to), Sort: byTime(), Total: true}, 0)
	if err == nil && len(p.hits) > 0 {
		first = p.hits[0].time
	}
	return p.total, first, err
}

// OpenTimes reads the documents of such a span in the order of their times, as lines: those
// that wanted accepts. It calls wanted in another goroutine, and may ask it for one
// document several times. Close must be called.
func (c *Client) OpenTimes(ctx context.Context, patterns []string, from, to int64, wanted func(Document) bool) io.ReadCloser {
	return c.open(ctx, func(r *reader) error { return r.times(strings.Join(patterns, ","), from, to, wanted) })
}

// times emits every page. A page begins with the last time of the one before: several
// documents may have it, and their order among themselves is not known.
func (r *reader) times(patterns string, from, to int64, wanted func(Document) bool) error {
	size := int64(firstPage)
	for {
		p, err := r.client.search(r.ctx, patterns, "", search{Size: int(size), Query: ofTimes(from, to), Sort: byTime()}, bodyOf(size))
		if errors.Is(err, errTooLarge) && size > 1 {
			size = max(1, size/8)
			continue
		}
		if err != nil {
			return err
		}
		full := int64(len(p.hits)) == size
		if full && p.hits[size-1].time == from {
			if size == largestPage {
				return fmt.Errorf("%s: more than %d documents have the @timestamp %d: without the sequence numbers of the shards sluice cannot tell them apart; allow indices:monitor/stats", patterns, largestPage, from)
			}
			size = min(largestPage, 4*size)
			continue
		}
		last := from
		var kept []hit
		for _, h := range p.hits {
			last = h.time
			if wanted(Document{h.index, h.id, h.time}) {
				kept = append(kept, h)
			}
		}
		if len(kept) > 0 {
			bytes, err := r.emit(kept)
			if err != nil {
				return err
			}
			size = pageSize(len(kept), bytes)
		}
		if !full {
			return nil
		}
		from = last
	}
}
