package indexer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// pageBytes is what a page should have, and firstPage how many documents the first
	// one asks for, before their size is known.
	pageBytes = 4 << 20
	firstPage = 500
	// largestPage is what OpenSearch allows (index.max_result_window).
	largestPage = 10_000
	// bodyBytes is what a page may have: of larger ones fewer documents are asked for.
	bodyBytes = 32 << 20
	// closing bounds the request that frees a point in time.
	closing = 2 * time.Second
)

// reader reads documents as lines. While a page is read the next is on its way.
type reader struct {
	client *Client
	ctx    context.Context
	cancel context.CancelFunc
	pages  chan chunk
	spare  chan []byte
	page   []byte
	lines  []byte // of page, not read yet
	err    error
}

type chunk struct {
	lines []byte
	err   error // io.EOF behind the last one
}

// open starts to read what read emits.
func (c *Client) open(ctx context.Context, read func(*reader) error) io.ReadCloser {
	r := &reader{client: c, pages: make(chan chunk), spare: make(chan []byte, 2)}
	r.ctx, r.cancel = context.WithCancel(ctx)
	go func() {
		err := read(r)
		if err == nil {
			err = io.EOF
		}
		r.pages <- chunk{err: err}
	}()
	return r
}

// emit passes on documents. It returns the number of their bytes.
func (r *reader) emit(hits []hit) (n int, err error) {
	lines := r.buffer()
	for i := range hits {
		if hits[i].source == "" {
			return 0, fmt.Errorf("the index %s keeps no `_source`, so that its documents cannot be read: leave it out of the patterns, with a `-` before its name", hits[i].index)
		}
		lines = hits[i].appendLine(lines)
	}
	select {
	case r.pages <- chunk{lines: lines}:
		return len(lines), nil
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	}
}

func (r *reader) buffer() []byte {
	select {
	case b := <-r.spare:
		return b
	default:
		return nil
	}
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	for len(r.lines) == 0 && r.err == nil {
		if r.page != nil {
			r.spare <- r.page[:0]
			r.page = nil
		}
		next := <-r.pages
		r.page, r.lines, r.err = next.lines, next.lines, next.err
	}
	if len(r.lines) > 0 {
		n := copy(p, r.lines)
		r.lines = r.lines[n:]
		return n, nil
	}
	return 0, r.err
}

// Close ends the requests.
func (r *reader) Close() error {
	r.cancel()
	for r.err == nil {
		r.err = (<-r.pages).err
	}
	return nil
}

// Open reads the documents of a span as lines, in the order of their numbers. It is an
// error of the reader if it finds another number of documents than it is told, or if the
// index has become another one: then the span has to be read again. Close must be called.
func (c *Client) Open(ctx context.Context, s Span, documents int64) io.ReadCloser {
	return c.open(ctx, func(r *reader) error {
		n, err := r.span(s)
		if err == nil && n != documents {
			err = fmt.Errorf("%s: %d documents of shard %d are numbered %d to %d, and a moment ago there were %d: they are counted and read again", s.Index, n, s.Shard, s.From, s.To, documents)
		}
		if err == nil {
			err = r.same(s)
		}
		return err
	})
}

// same returns an error if the index has become another one of its name.
func (r *reader) same(s Span) error {
	now, err := r.client.Indices(r.ctx, []string{s.Index})
	if err == nil && (len(now) != 1 || now[0].UUID != s.UUID) {
		err = fmt.Errorf("the index %s was deleted while it was read", s.Index)
	}
	return err
}

// span emits every page, and returns the number of documents. A page is asked for by its
// numbers, which is the cheapest search there is: numbers have few gaps.
func (r *reader) span(s Span) (n int64, err error) {
	size, pit, over := int64(firstPage), "", 0
	defer func() { r.free(pit) }()
	for from := s.From; from <= s.To; {
		if pit == "" {
			if pit, err = r.client.openPoint(r.ctx, s); err != nil {
				return n, err
			}
		}
		to := min(s.To, from+size-1)
		p, err := r.client.search(r.ctx, s.Index, "", search{
			Size: int(size), Query: ofNumbers(from, to), Sort: byNumber("asc"), Pit: &pointInTime{pit, keepAlive}}, bodyOf(size))
		switch {
		case expired(err) && over < attempts: // numbers mean the same in the next one
			r.free(pit)
			pit, over = "", over+1
			continue
		case errors.Is(err, errTooLarge) && size > 1:
			size = max(1, size/8)
			continue
		case err != nil:
			return n, err
		}
		if p.pit != "" {
			pit = p.pit
		}
		from, over, n = to+1, 0, n+int64(len(p.hits))
		if len(p.hits) == 0 {
			continue
		}
		bytes, err := r.emit(p.hits)
		if err != nil {
			return n, err
		}
		size = pageSize(len(p.hits), bytes)
	}
	return n, nil
}

// pageSize is how many documents the next page asks for, after one of that many documents and bytes.
func pageSize(documents, bytes int) int64 {
	return min(largestPage, max(1, pageBytes*int64(documents)/int64(bytes)))
}

// bodyOf is what a page of that many documents may have.
func bodyOf(documents int64) int64 {
	if documents == 1 {
		return mostAnswer
	}
	return bodyBytes
}

// free frees a point in time, even if the reader has ended. One that cannot be freed ends
// by itself.
func (r *reader) free(pit string) {
	if pit == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), closing)
	defer cancel()
	_, _ = r.client.do(ctx, call{method: http.MethodDelete, path: "/_search/point_in_time", body: pitBody(pit)})
}
