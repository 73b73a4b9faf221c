package indexer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sort"
)

// Span is a range of numbers of one shard, both ends included.
type Span struct {
	Index    string
	UUID     string // of the index
	Shard    int
	From, To int64
}

// Extent is what of a span can be found.
type Extent struct {
	Documents int64
	Last      int64 // number of the last document, before the span if there is none
	Term      int64 // of the primary that numbered the last document
	// Bytes is the mean size of the last documents, as lines.
	Bytes int64
}

// samples is how many documents Extent looks at.
const samples = 10

// search is the body of a search.
type search struct {
	Size    int            `json:"size"`
	Query   map[string]any `json:"query"`
	Sort    []any          `json:"sort"`
	Total   bool           `json:"track_total_hits"`
	Numbers bool           `json:"seq_no_primary_term"`
	Pit     *pointInTime   `json:"pit,omitempty"`
}

type pointInTime struct {
	ID        string `json:"id"`
	KeepAlive string `json:"keep_alive"`
}

// keepAlive is how long a point in time may rest between two pages: a page waits for the
// lake.
const keepAlive = "5m"

func ofNumbers(from, to int64) map[string]any {
	return map[string]any{"range": map[string]any{"_seq_no": map[string]int64{"gte": from, "lte": to}}}
}

func byNumber(order string) []any { return []any{map[string]string{"_seq_no": order}} }

// preference pins a request to the primary of a shard.
func (s *Span) preference() string { return fmt.Sprintf("_shards:%d|_primary", s.Shard) }

// Extent counts the documents of a span that can be found now. It needs the right
// indices:data/read/search, like all searches.
func (c *Client) Extent(ctx context.Context, s Span) (Extent, error) {
	last := search{Size: samples, Query: ofNumbers(s.From, s.To), Sort: byNumber("desc"), Total: true, Numbers: true}
	p, err := c.search(ctx, s.Index, s.preference(), last, bodyBytes)
	if errors.Is(err, errTooLarge) {
		last.Size = 1
		p, err = c.search(ctx, s.Index, s.preference(), last, mostAnswer)
	}
	if err != nil {
		return Extent{}, err
	}
	e := Extent{Documents: p.total, Last: s.From - 1}
	if n := int64(len(p.hits)); n > 0 {
		e.Last, e.Term = p.hits[0].seqNo, p.hits[0].term
		var line []byte
		for i := range p.hits {
			line = p.hits[i].appendLine(line)
		}
		e.Bytes = int64(len(line)) / n
	}
	return e, nil
}

// FirstAfter returns the number of the first document of a shard up to last that a
// primary of a later term numbered, or last+1: terms only grow with the numbers.
func (c *Client) FirstAfter(ctx context.Context, index string, shard int, term, last int64) (int64, error) {
	var failed error
	first := sort.Search(int(last+1), func(n int) bool {
		if failed != nil {
			return true
		}
		s := Span{Index: index, Shard: shard, From: 0, To: int64(n)}
		p, err := c.search(ctx, index, s.preference(), search{Size: 1, Query: ofNumbers(0, int64(n)), Sort: byNumber("desc"), Numbers: true}, 0)
		failed = err
		return err == nil && len(p.hits) > 0 && p.hits[0].term > term
	})
	return int64(first), failed
}

// search sends a search, to an index or, with a point in time, to "".
func (c *Client) search(ctx context.Context, index, preference string, s search, most int64) (page, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return page{}, err
	}
	r := call{what: "searching " + index, right: "indices:data/read/search on " + index, method: http.MethodPost, path: "/_search",
		query: url.Values{"allow_partial_search_results": {"false"}}, body: body, most: most}
	if s.Pit == nil {
		r.path = "/" + url.PathEscape(index) + r.path
		if preference != "" {
			r.query.Set("preference", preference)
		}
	}
	answer, err := c.do(ctx, r)
	if err != nil {
		return page{}, err
	}
	p, err := parsePage(string(answer))
	if err == nil && (p.timedOut || p.failed > 0) {
		err = fmt.Errorf("%s: %d shards failed (timed out: %t); sluice will try again later", r.what, p.failed, p.timedOut)
	}
	return p, err
}

// openPoint opens a point in time of a shard.
func (c *Client) openPoint(ctx context.Context, s Span) (string, error) {
	what := "opening a point in time of " + s.Index
	body, err := c.do(ctx, call{what: what, right: "indices:data/read/point_in_time/create on " + s.Index,
		method: http.MethodPost, path: "/" + url.PathEscape(s.Index) + "/_search/point_in_time",
		query: url.Values{"keep_alive": {keepAlive}, "preference": {s.preference()}, "allow_partial_pit_creation": {"false"}}})
	if err != nil {
		return "", err
	}
	if err := whole(what, body); err != nil {
		return "", err
	}
	var said struct {
		ID string `json:"pit_id"`
	}
	err = json.Unmarshal(body, &said)
	if err == nil && said.ID == "" {
		err = fmt.Errorf("%s: the answer has no pit_id: this needs OpenSearch 2.4 or later", what)
	}
	return said.ID, err
}

// pitBody names a point in time to free.
func pitBody(id string) []byte {
	body, _ := json.Marshal(map[string][]string{"pit_id": {id}}) // texts can always be marshalled
	return body
}
