package compact_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/compact"
)

var errStopped = errors.New("stopped")

// stopAt lets everything fail from the first key on that it is told of: as for a process
// that is killed, nothing is cleaned up.
func stopAt(is func(key string) bool) *hooks {
	var mu sync.Mutex
	stopped := false
	return &hooks{stop: func(key string) error {
		mu.Lock()
		defer mu.Unlock()
		if stopped = stopped || is(key); stopped {
			return errStopped
		}
		return nil
	}}
}

// Law: wherever a call that joins or divides is stopped, a call without Apply says so and
// changes nothing, and the next call ends it. So does an undo, which gives each input its
// object, and a run with another mapping, which replaces the rows of its input.
func TestStoppedCalls(t *testing.T) {
	ones := map[string]int{"1": 6 * 20}
	next := map[string]func(t *testing.T, s *store) map[string]int{
		"then another call": func(t *testing.T, s *store) map[string]int { return ones },
		"then an undo": func(t *testing.T, s *store) map[string]int {
			if err := s.undo(nil, nil); err != nil {
				t.Fatal(err)
			}
			if all, _ := s.objects(); len(all) != 6 {
				t.Errorf("%d objects", len(all))
			}
			return ones
		},
		"then a run": func(t *testing.T, s *store) map[string]int {
			s.undoes = true
			s.mustRun(compile(t, "2", ""), 0, 1)
			return map[string]int{"1": 5 * 20, "2": 20}
		},
	}
	for _, at := range []string{"join .plan", "join .decision", "join .parquet", "join .result", "join removal",
		"divide .undo-0", "divide .parquet", "divide .undone", "divide removal", "divide what was joined twice 000000.undone"} {
		for name, do := range next {
			t.Run(at+", "+name, func(t *testing.T) {
				s := folders(t)
				s.mustRun(compile(t, "1", ""), 0, 3)
				if strings.Contains(at, "twice") {
					if _, err := s.compact(nil, nil); err != nil {
						t.Fatal(err)
					}
				}
				s.mustRun(compile(t, "1", ""), 3, 3)
				stop(t, s, at)
				want := do(t, s)
				if name != "then another call" {
					checkMessages(t, s, want)
				}
				days, err := s.compact(nil, nil)
				if err != nil || len(days) != 1 || name == "then another call" && days[0].Unfinished != 1 {
					t.Errorf("the next call: %+v, %v", days, err)
				}
				if all, _ := s.objects(); len(all) != 1 {
					t.Errorf("%d objects", len(all))
				}
				checkMessages(t, s, want)
			})
		}
	}
}

// stop stops a call at a step, and looks at what one says that applies nothing.
func stop(t *testing.T, s *store, at string) {
	t.Helper()
	words := strings.Fields(at)
	do, step := words[0], words[len(words)-1]
	old, _ := s.objects()
	h := stopAt(func(key string) bool {
		of, removed := strings.CutPrefix(key, "removal of ")
		return !removed && strings.HasSuffix(key, step) || removed && step == "removal" && contains(old, of)
	})
	var err error
	if do == "join" {
		_, err = s.compact(nil, h.around)
	} else {
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		old, _ = s.objects()
		err = s.undo(nil, h.around)
	}
	if !errors.Is(err, errStopped) {
		t.Fatalf("the call is not stopped: %v", err)
	}
	before, _ := s.objects()
	dry, err := s.compact(func(c *compact.Config) { c.Apply = false }, nil)
	if err != nil || len(dry) != 1 || dry[0].Unfinished != 1 {
		t.Errorf("without Apply: %+v, %v", dry, err)
	}
	if now, _ := s.objects(); !slices.EqualFunc(now, before, func(a, b lake.Stored) bool { return a.Key == b.Key }) {
		t.Errorf("without Apply %d objects became %d", len(before), len(now))
	}
}
