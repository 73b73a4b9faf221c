package compact_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// Law: a run that writes an input while its objects are joined, and a compaction that joins
// the objects of an input that a run writes, give each event once. Each test stops one of
// them at a point, does all of the other, and lets it go on.

// A run with another mapping begins before the decision: the plan does not count.
func TestRunBeforeTheDecision(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store) {
		other := compile(t, "2", "")
		s.mustRun(compile(t, "1", ""), 0, 6)
		h := &hooks{noted: once(".plan", func() { s.mustRun(other, 0, 1) })}
		if _, err := s.compact(nil, h.around); err != nil {
			t.Fatal(err)
		}
		checkMessages(t, s, map[string]int{"1": 5 * 20, "2": 20})
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		checkMessages(t, s, map[string]int{"1": 5 * 20, "2": 20})
	})
}

// A run with another mapping begins after it: it is refused, before the joined objects are
// there and after the others are gone.
func TestRunAfterTheDecision(t *testing.T) {
	for _, at := range []string{".decision", ".result"} {
		eachStore(t, func(t *testing.T, s *store) {
			other := compile(t, "2", "")
			s.mustRun(compile(t, "1", ""), 0, 6)
			var err error
			h := &hooks{noted: once(at, func() { err = s.run(other, nil, input(t, 0, 20)) })}
			if _, err := s.compact(nil, h.around); err != nil {
				t.Fatal(err)
			}
			if !errors.Is(err, lake.ErrCompacted) {
				t.Errorf("after %s the run gave %v", at, err)
			}
			checkMessages(t, s, map[string]int{"1": 6 * 20})
		})
	}
}

// Objects are joined while a run is about to commit: the same again, or those of another
// mapping.
func TestCompactionDuringARun(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store) {
		e := compile(t, "1", "")
		s.mustRun(e, 0, 6)
		_, rows := s.objects()
		h := &hooks{commit: once("", func() {
			if _, err := s.compact(nil, nil); err != nil {
				t.Error(err)
			}
		})}
		if err := s.run(e, h.around, input(t, 0, 20)); err != nil {
			t.Fatal(err)
		}
		if all, sums := s.objects(); len(all) != 1 || !maps.Equal(sums, rows) {
			t.Errorf("the same run: %d objects, rows %v became %v", len(all), rows, sums)
		}
	})
	eachStore(t, func(t *testing.T, s *store) {
		s.mustRun(compile(t, "1", ""), 0, 6)
		h := &hooks{commit: once("", func() {
			if _, err := s.compact(nil, nil); err != nil {
				t.Error(err)
			}
		})}
		if err := s.run(compile(t, "2", ""), h.around, input(t, 0, 20)); err != nil {
			t.Fatal(err)
		}
		checkMessages(t, s, map[string]int{"1": 5 * 20, "2": 20})
	})
}

// once calls do at the first key that has this end.
func once(end string, do func()) func(key string) {
	done := false
	return func(key string) {
		if !done && strings.HasSuffix(key, end) {
			done = true
			do()
		}
	}
}

// checkMessages counts the events by what their mapping wrote.
func checkMessages(t *testing.T, s *store, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, row := range s.rows() {
		got[row.Message]++
	}
	if !maps.Equal(got, want) {
		t.Errorf("events by mapping: %v, want %v", got, want)
	}
}
