package indexertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// request is the body of a search, as far as it is known here.
type request struct {
	Size  int
	Query struct {
		Range map[string]struct {
			GTE, LTE int64
			Format   string
		}
	}
	Sort    []map[string]json.RawMessage
	Total   bool `json:"track_total_hits"`
	Numbers bool `json:"seq_no_primary_term"`
	Pit     *struct {
		ID        string
		KeepAlive string `json:"keep_alive"`
	}
}

// largestWindow is what a search may ask for.
const largestWindow = 10_000

// found is a document that a search has found.
type found struct {
	index *index
	op    op
	seqNo int
}

func (s *Server) search(w http.ResponseWriter, r *http.Request, names string, body []byte) {
	if s.forbidden(w, "search") {
		return
	}
	var asked request
	if err := json.Unmarshal(body, &asked); err != nil || asked.Size > largestWindow || len(asked.Query.Range) != 1 || len(asked.Sort) != 1 {
		Fail(w, http.StatusBadRequest, "parsing_exception", fmt.Sprintf("this search is not served here: %s (%v)", body, err))
		return
	}
	all, ok := s.candidates(w, r, names, &asked)
	if !ok {
		return
	}
	if _, byTime := asked.Sort[0]["@timestamp"]; byTime {
		slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.op.time, b.op.time) })
	} else if string(asked.Sort[0]["_seq_no"]) == `"desc"` {
		slices.Reverse(all)
	}
	answer(w, &asked, all)
}

// candidates finds the documents of the query, in the order of their numbers.
func (s *Server) candidates(w http.ResponseWriter, r *http.Request, names string, asked *request) (all []found, ok bool) {
	if asked.Pit != nil {
		p := s.points[asked.Pit.ID]
		if p == nil || names != "" || asked.Pit.KeepAlive == "" {
			Fail(w, http.StatusNotFound, "search_context_missing_exception", "No search context found for id ["+asked.Pit.ID+"]")
			return nil, false
		}
		return p.index.find(p.shard, p.refreshed, asked), true
	}
	for _, x := range s.matching(names) {
		n, ok := shardOf(r, x)
		if !ok {
			Fail(w, http.StatusBadRequest, "illegal_argument_exception", "the preference is not known here")
			return nil, false
		}
		for i, of := range x.shards {
			if n < 0 || n == i {
				all = append(all, x.find(i, of.refreshed, asked)...)
			}
		}
	}
	return all, true
}

// find returns what a search of a shard finds that sees that many operations.
func (x *index) find(n, refreshed int, asked *request) (all []found) {
	of := x.shards[n]
	from, to := 0, refreshed-1
	number, byNumber := asked.Query.Range["_seq_no"]
	if byNumber {
		from, to = max(from, int(number.GTE)), min(to, int(number.LTE))
	}
	time := asked.Query.Range["@timestamp"]
	for i := from; i <= to; i++ {
		o := of.ops[i]
		newest, known := of.live[o.id]
		switch {
		case o.id == "" || o.source == "" || known && newest > i && newest < refreshed:
		case !byNumber && (o.time < time.GTE || o.time > time.LTE || time.Format != "epoch_millis"):
		default:
			all = append(all, found{x, o, i})
		}
	}
	return all
}

func answer(w http.ResponseWriter, asked *request, all []found) {
	hits := []any{}
	for _, f := range all[:min(len(all), asked.Size)] {
		h := map[string]any{"_index": f.index.name, "_id": f.op.id, "_score": nil, "_source": json.RawMessage(f.op.source), "sort": []int64{int64(f.seqNo)}}
		if asked.Numbers {
			h["_seq_no"], h["_primary_term"] = f.seqNo, f.op.term
		}
		if _, byTime := asked.Sort[0]["@timestamp"]; byTime {
			h["sort"] = []int64{f.op.time}
		}
		hits = append(hits, h)
	}
	inner := map[string]any{"max_score": nil, "hits": hits}
	if asked.Total {
		inner["total"] = map[string]any{"value": len(all), "relation": "eq"}
	}
	said := map[string]any{"took": 1, "timed_out": false, "_shards": map[string]int{"total": 1, "successful": 1, "skipped": 0, "failed": 0}, "hits": inner}
	if asked.Pit != nil {
		said["pit_id"] = asked.Pit.ID
	}
	_ = json.NewEncoder(w).Encode(said) // a client that went away hears nothing
}
