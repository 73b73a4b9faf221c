package s3_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// silent is short, and long enough for a test on a busy machine.
const silent = 400 * time.Millisecond

var stateRef = s3.Ref{Bucket: "state", Key: "sluice/follow.state"}

func stateClient(t *testing.T, server *s3test.Server) *s3.Client {
	t.Helper()
	s3test.Setenv(t, server.URL)
	c, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t *testing.T, c *s3.Client, who string) (*s3.State, error) {
	t.Helper()
	return c.OpenState(t.Context(), stateRef, who, silent)
}

func mustOpen(t *testing.T, c *s3.Client, who string) *s3.State {
	t.Helper()
	s, err := open(t, c, who)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func loads(t *testing.T, s *s3.State, want string) {
	t.Helper()
	if text, err := s.Load(t.Context()); err != nil || string(text) != want {
		t.Errorf("it loads %q, not %q (%v)", text, want, err)
	}
}

func saves(t *testing.T, s *s3.State, text string) {
	t.Helper()
	if err := s.Save(t.Context(), []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// A state that was given back is there for the next at once; one that is held is not.
func TestStateHasOneHolder(t *testing.T) {
	c := stateClient(t, s3test.New(t, "state"))
	first := mustOpen(t, c, "first")
	loads(t, first, "")
	saves(t, first, `{"n":1}`)
	_, err := open(t, c, "second")
	var held *s3.HeldError
	if !errors.As(err, &held) || !strings.Contains(err.Error(), "first") {
		t.Fatalf("the second holder got %v", err)
	}
	saves(t, first, `{"n":2}`)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	second := mustOpen(t, c, "second")
	if took := time.Since(began); took > silent {
		t.Errorf("it waited %v for a state that was given back", took)
	}
	loads(t, second, `{"n":2}`)
	if text, err := c.ReadState(t.Context(), stateRef); err != nil || string(text) != `{"n":2}` {
		t.Errorf("%q, %v", text, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

// A dead holder blocks the next one for as long as it could be silent, and a holder that
// stood still saves nothing once another one is there.
func TestStateIsTakenOver(t *testing.T) {
	server := s3test.New(t, "state")
	var still atomic.Bool // the first holder does nothing that anybody sees
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if still.Load() && r.Identity == s3test.Identity {
			s3test.Fail(w, http.StatusForbidden, "AccessDenied")
			return true
		}
		return false
	}
	first := mustOpen(t, stateClient(t, server), "first")
	saves(t, first, `{"n":1}`)
	t.Setenv("AWS_ACCESS_KEY_ID", "SECOND")
	c, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	still.Store(true)
	began := time.Now()
	second := mustOpen(t, c, "second")
	if took := time.Since(began); took < silent {
		t.Errorf("it took the state after %v", took)
	}
	loads(t, second, `{"n":1}`)
	still.Store(false)
	var lost interface{ Lost() }
	if err := first.Save(t.Context(), []byte(`{"n":7}`)); !errors.As(err, &lost) || !strings.Contains(err.Error(), "second") {
		t.Errorf("the first one saves: %v", err)
	}
	saves(t, second, `{"n":2}`)
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Error(err)
	}
	loads(t, mustOpen(t, c, "third"), `{"n":2}`)
}

// Law: of any number of processes that want a state at once, one gets it; what holders save
// one after another, some of them dying, is what the next one loads.
func TestStateRace(t *testing.T) {
	server := s3test.New(t, "state")
	c := stateClient(t, server)
	for round := range 3 {
		var holders []*s3.State
		var mu sync.Mutex
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				s, err := c.OpenState(t.Context(), stateRef, fmt.Sprint(n), silent)
				var held *s3.HeldError
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					holders = append(holders, s)
				} else if !errors.As(err, &held) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(holders) != 1 {
			t.Fatalf("%d holders", len(holders))
		}
		if round > 0 {
			loads(t, holders[0], fmt.Sprintf(`{"round":%d}`, round-1))
		}
		saves(t, holders[0], fmt.Sprintf(`{"round":%d}`, round))
		if err := holders[0].Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Law: an answer that was lost does not make a holder believe that it is another one.
func TestStateLostAnswers(t *testing.T) {
	server, random := s3test.New(t, "state"), rand.New(rand.NewPCG(1, 2))
	var loses atomic.Bool
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		if loses.Load() && r.Method == http.MethodPut && !strings.HasSuffix(r.URL.Path, ".lease") && random.IntN(2) == 0 {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // a client that went away hears nothing
	}))
	defer front.Close()
	s3test.Setenv(t, front.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	c, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, failed := mustOpen(t, c, "only"), 0
	for n := range 40 {
		loses.Store(true)
		if err := s.Save(t.Context(), fmt.Appendf(nil, `{"n":%d,"first":true}`, n)); err != nil {
			failed++
		}
		loses.Store(false)
		saves(t, s, fmt.Sprintf(`{"n":%d}`, n))
	}
	if err := s.Close(); err != nil || failed == 0 {
		t.Fatalf("%v, %d answers were lost", err, failed)
	}
	loads(t, mustOpen(t, c, "next"), `{"n":39}`)
}
