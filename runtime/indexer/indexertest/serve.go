package indexertest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000-0700") }

// ServeHTTP serves a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the connection broke; nobody hears an answer
	}
	if s.Intercept != nil && s.Intercept(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if user, password, _ := r.BasicAuth(); s.User != "" && (user != s.User || password != s.Password) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if kind := r.Header.Get("Content-Type"); len(body) > 0 != (kind == "application/json") {
		Fail(w, http.StatusNotAcceptable, "", "Content-Type header ["+kind+"] is not supported")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names, what, found := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case !found:
		names, what = "", names
	case strings.HasPrefix(names, "_"):
		names, what = "", names+"/"+what
	}
	switch r.Method + " " + what {
	case "GET _stats/docs":
		s.stats(w, r, names)
	case "POST _refresh":
		s.refresh(w, names)
	case "POST _search/point_in_time":
		s.openPoint(w, r, names)
	case "DELETE _search/point_in_time":
		s.closePoint(w, body)
	case "POST _search":
		s.search(w, r, names, body)
	default:
		Fail(w, http.StatusMethodNotAllowed, "", r.Method+" "+r.URL.Path)
	}
}

// Fail responds as OpenSearch does to a request that fails.
func Fail(w http.ResponseWriter, status int, kind, reason string) {
	w.WriteHeader(status)
	answer := map[string]any{"status": status, "error": map[string]any{"type": kind, "reason": reason, "root_cause": []any{map[string]any{"type": kind, "reason": reason}}}}
	_ = json.NewEncoder(w).Encode(answer) // a client that went away hears nothing
}

func (s *Server) forbidden(w http.ResponseWriter, what string) bool {
	if s.denied[what] {
		Fail(w, http.StatusForbidden, "security_exception", "no permissions for "+what)
	}
	return s.denied[what]
}

// matching returns the indices of patterns, by name.
func (s *Server) matching(patterns string) (all []*index) {
	for name, x := range s.indices {
		named := false
		for _, p := range strings.Split(patterns, ",") {
			pattern, out := strings.CutPrefix(p, "-")
			if ok, _ := path.Match(pattern, name); ok {
				named = !out
			}
		}
		if named {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(a, b *index) int { return strings.Compare(a.name, b.name) })
	return all
}

// one returns an index, or responds that there is none.
func (s *Server) one(w http.ResponseWriter, name string) *index {
	x := s.indices[name]
	if x == nil {
		Fail(w, http.StatusNotFound, "index_not_found_exception", "no such index ["+name+"]")
	}
	return x
}

func (s *Server) stats(w http.ResponseWriter, r *http.Request, names string) {
	if s.forbidden(w, "stats") {
		return
	}
	if r.URL.Query().Get("level") != "shards" {
		Fail(w, http.StatusBadRequest, "illegal_argument_exception", "only level=shards is served here")
		return
	}
	indices := map[string]any{}
	for _, x := range s.matching(names) {
		shards := map[string]any{}
		for n, of := range x.shards {
			numbers := map[string]any{"max_seq_no": len(of.ops) - 1, "local_checkpoint": len(of.ops) - 1, "global_checkpoint": of.checkpoint}
			data := map[string]any{"user_data": map[string]any{"history_uuid": of.history}}
			// A copy that does not know the newest checkpoint yet.
			behind := map[string]any{"max_seq_no": of.checkpoint, "local_checkpoint": of.checkpoint, "global_checkpoint": max(-1, of.checkpoint-1)}
			shards[strconv.Itoa(n)] = []any{
				map[string]any{"routing": map[string]any{"state": "STARTED", "primary": false}, "commit": data, "seq_no": behind},
				map[string]any{"routing": map[string]any{"state": "STARTED", "primary": true}, "commit": data, "seq_no": numbers},
			}
		}
		indices[x.name] = map[string]any{"uuid": x.uuid, "shards": shards}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"indices": indices})
}

func (s *Server) refresh(w http.ResponseWriter, name string) {
	if s.forbidden(w, "refresh") {
		return
	}
	x := s.one(w, name)
	if x == nil {
		return
	}
	for _, of := range x.shards {
		of.refreshed = len(of.ops)
	}
	fmt.Fprint(w, `{"_shards":{"total":1,"successful":1,"failed":0}}`)
}

var preference = regexp.MustCompile(`^_shards:([0-9]+)\|_primary$`)

// shardOf reads the preference of a request: the shard, -1 for all, and whether it is
// known here.
func shardOf(r *http.Request, x *index) (n int, ok bool) {
	text := r.URL.Query().Get("preference")
	if text == "" {
		return -1, true
	}
	m := preference.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil && n < len(x.shards)
}

func (s *Server) openPoint(w http.ResponseWriter, r *http.Request, name string) {
	if s.forbidden(w, "pit") {
		return
	}
	x := s.one(w, name)
	if x == nil {
		return
	}
	n, ok := shardOf(r, x)
	if !ok || n < 0 || r.URL.Query().Get("keep_alive") == "" {
		Fail(w, http.StatusBadRequest, "illegal_argument_exception", "a preference for one shard, and keep_alive, are needed here")
		return
	}
	s.next++
	id := fmt.Sprintf("point-%d", s.next)
	s.points[id] = &point{x, n, x.shards[n].refreshed}
	fmt.Fprintf(w, `{"pit_id":%q,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0}}`, id)
}

func (s *Server) closePoint(w http.ResponseWriter, body []byte) {
	var named struct {
		ID []string `json:"pit_id"`
	}
	if err := json.Unmarshal(body, &named); err != nil {
		Fail(w, http.StatusBadRequest, "parse_exception", err.Error())
		return
	}
	for _, id := range named.ID {
		delete(s.points, id)
	}
	fmt.Fprint(w, `{"pits":[]}`)
}
