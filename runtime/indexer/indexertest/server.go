// Package indexertest is an OpenSearch cluster in the process of a test. It is for tests
// only.
//
// It serves the requests that package indexer sends, as the documentation of OpenSearch
// describes them: the numbers of the shards, refreshes, searches, and points in time. Its
// indices have shards that number their operations, of which only a part may be on all
// copies, and only a part searchable: the test says when they get there, when a primary
// fails, and what is refused.
//
//	Create, Put, Delete ──► operations 0, 1, 2 …  ──Replicate──► global checkpoint
//	                                               ──Refresh────► what searches find
package indexertest

import (
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Server is a cluster. The test may call its methods while requests are served.
type Server struct {
	URL string
	// User and Password are required of every request, if User is not "".
	User, Password string
	// Intercept, if not nil, gets every request first, with its body read. It may respond
	// itself: then it returns true.
	Intercept func(w http.ResponseWriter, r *http.Request) bool

	mu      sync.Mutex
	live    bool // operations are replicated and searchable at once
	denied  map[string]bool
	indices map[string]*index
	points  map[string]*point
	next    int
}

// index has the operations of its shards.
type index struct {
	name, uuid string
	shards     []*shard
}

type shard struct {
	history    string
	term       int64
	ops        []op
	live       map[string]int // number of the newest document, by id
	checkpoint int            // last number that all copies have
	refreshed  int            // number of operations that searches find
}

// op is an operation: without an id a gap, without a source a deletion.
type op struct {
	id, source string
	time       int64
	term       int64
}

// point is a point in time.
type point struct {
	index     *index
	shard     int
	refreshed int
}

// New starts a cluster that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{indices: map[string]*index{}, points: map[string]*point{}, denied: map[string]bool{}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

// Live makes every operation replicated and searchable at once, from now on.
func (s *Server) Live() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = true
}

// Deny refuses requests from now on: "stats", "refresh", "search" or "pit".
func (s *Server) Deny(what string, denied bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied[what] = denied
}

// Create creates an index.
func (s *Server) Create(name string, shards int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indices[name] = newIndex(name, shards)
}

func newIndex(name string, shards int) *index {
	x := &index{name: name, uuid: rand.Text()}
	for range shards {
		x.shards = append(x.shards, &shard{history: rand.Text(), term: 1, live: map[string]int{}, checkpoint: -1})
	}
	return x
}

// Put indexes a document, whose @timestamp is in milliseconds since 1970.
func (s *Server) Put(name, id, source string, time int64) {
	s.operate(name, op{id: id, source: source, time: time})
}

// Delete deletes a document.
func (s *Server) Delete(name, id string) { s.operate(name, op{id: id}) }

func (s *Server) operate(name string, o op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.indices[name]
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(o.id)) // it cannot fail
	of := x.shards[int(hash.Sum32())%len(x.shards)]
	of.add(o)
	if s.live {
		of.checkpoint, of.refreshed = len(of.ops)-1, len(of.ops)
	}
}

func (of *shard) add(o op) {
	o.term = of.term
	of.ops = append(of.ops, o)
	if o.id != "" {
		of.live[o.id] = len(of.ops) - 1
	}
}

// Shard is a shard as it is now.
type Shard struct{ Max, Checkpoint, Refreshed int }

// Shard returns a shard.
func (s *Server) Shard(name string, number int) Shard {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.indices[name].shards[number]
	return Shard{len(of.ops) - 1, of.checkpoint, of.refreshed - 1}
}

// Replicate lets all copies of a shard have its operations up to a number.
func (s *Server) Replicate(name string, number, to int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.indices[name].shards[number]
	of.checkpoint = max(of.checkpoint, min(to, len(of.ops)-1))
}

// Refresh lets searches of a shard find all that it has.
func (s *Server) Refresh(name string, number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.indices[name].shards[number]
	of.refreshed = len(of.ops)
}

// Fail lets the primary of a shard fail. The copy that takes its place has the operations
// up to the global checkpoint, and of the others those that it is said to have; it puts
// nothing in the place of the rest. The ids of documents that are lost are returned: nobody
// was told that they are stored.
func (s *Server) Fail(name string, number int, has func(number int) bool) (lost []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.indices[name].shards[number]
	of.term++
	last := of.checkpoint
	for n := of.checkpoint + 1; n < len(of.ops); n++ {
		if has(n) {
			last = n
			continue
		}
		if of.ops[n].id != "" {
			lost = append(lost, of.ops[n].id)
		}
		of.ops[n] = op{term: of.term}
	}
	of.ops = of.ops[:last+1]
	of.refreshed = min(of.refreshed, of.checkpoint+1)
	of.relive()
	s.expire(of)
	return lost
}

// Lose lets a shard go on from a copy that lacks the operations after a number, as an
// operator can force it to. The ids of the documents that are lost are returned.
func (s *Server) Lose(name string, number, after int) (lost []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.indices[name].shards[number]
	for _, o := range of.ops[after+1:] {
		if o.id != "" {
			lost = append(lost, o.id)
		}
	}
	of.term++
	of.history = rand.Text()
	of.ops = of.ops[:after+1]
	of.checkpoint, of.refreshed = after, after+1
	of.relive()
	s.expire(of)
	return lost
}

// relive finds the newest documents again.
func (of *shard) relive() {
	of.live = map[string]int{}
	for n, o := range of.ops {
		if o.id != "" {
			of.live[o.id] = n
		}
	}
}

// Drop deletes an index.
func (s *Server) Drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.indices, name)
}

// Restore restores an index as it is now, under its name and another uuid, as from a
// snapshot.
func (s *Server) Restore(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.indices[name]
	x := newIndex(name, len(old.shards))
	for n, from := range old.shards {
		to := x.shards[n]
		to.term, to.ops, to.live = from.term+1, from.ops, from.live
		to.checkpoint, to.refreshed = len(to.ops)-1, len(to.ops)
	}
	s.indices[name] = x
}

// Expire ends all points in time.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.points = map[string]*point{}
}

// expire ends those of a shard.
func (s *Server) expire(of *shard) {
	for id, p := range s.points {
		if p.index.shards[p.shard] == of {
			delete(s.points, id)
		}
	}
}

// Points returns the number of points in time that are open.
func (s *Server) Points() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.points)
}

// Alert is the source of a document as Wazuh 4 writes it, with an id, at a time in
// milliseconds since 1970.
func Alert(id string, time int64) string {
	return fmt.Sprintf(`{"id":%q,"@timestamp":%d,"timestamp":%q,"rule":{"id":"5710","level":5,"description":"d"},"agent":{"id":"001","name":"a"}}`,
		id, time, stamp(time))
}
