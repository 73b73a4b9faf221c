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
	size := timesPage{size: firstPage}
	for {
		p, err := r.client.search(r.ctx, patterns, "", search{Size: int(size.size), Query: ofTimes(from, to), Sort: byTime()}, size.most())
		if errors.Is(err, errTooLarge) && size.less() {
			continue
		}
		if err != nil && !errors.Is(err, errTooLarge) {
			return err
		}
		full := int64(len(p.hits)) == size.size
		if err != nil || full && p.hits[size.size-1].time == from {
			if err != nil || !size.more() {
				return fmt.Errorf("%s: more documents have the @timestamp %d than an answer can hold, which are %d, or %d MB: without the sequence numbers of the shards sluice cannot tell them apart; allow indices:monitor/stats", patterns, from, largestPage, mostAnswer>>20)
			}
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
			size = timesPage{size: pageSize(len(kept), bytes)}
		}
		if !full {
			return nil
		}
		from, size.alike, size.large = last, 0, 0
	}
}

// timesPage is how many documents a page asks for: more than have the time that it begins
// with, and so few that their bytes fit into an answer.
type timesPage struct {
	size  int64
	alike int64 // so many have that time, as a page has shown; 0 for none
	large int64 // so many are too large, 0 if that is not known
}

// most is what the answer may have. One that has to get beyond one time may have more.
func (s *timesPage) most() int64 {
	if s.alike > 0 {
		return mostAnswer
	}
	return bodyOf(s.size)
}

// less is for a page that was too large. It returns false if no other size is left.
func (s *timesPage) less() bool {
	s.large = s.size
	s.size = max(1, s.size/8)
	if s.size <= s.alike {
		s.size = (s.alike + s.large) / 2
	}
	return s.size > s.alike && s.size < s.large
}

// more is for a page whose documents all have one time. It returns false if no other size is
// left.
func (s *timesPage) more() bool {
	if s.alike == 0 {
		s.large = 0 // the next answer may have more bytes
	}
	s.alike = s.size
	s.size = min(largestPage, 4*s.size)
	if s.large > 0 && s.size >= s.large {
		s.size = (s.alike + s.large) / 2
	}
	return s.size > s.alike
}
