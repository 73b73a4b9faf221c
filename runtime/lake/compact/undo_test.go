package compact_test

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/compact"
)

// Law: what was joined can be divided again, however often it was joined, and each input has
// the rows that it had.
func TestUndoGivesEachItsRows(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store) {
		e := compile(t, "1", "")
		for round := range 3 { // what came of one compaction is joined by the next
			s.mustRun(e, 10*round, 10)
			if _, err := s.compact(nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		_, rows := s.objects()
		if err := s.undo(nil, nil); err != nil {
			t.Fatal(err)
		}
		all, sums := s.objects()
		if len(all) != 30 || !maps.Equal(rows, sums) {
			t.Errorf("%d objects, rows %v became %v", len(all), rows, sums)
		}
		s.mustRun(e, 0, 30) // what is there stays
		if again, sums := s.objects(); len(again) != 30 || !maps.Equal(rows, sums) {
			t.Errorf("after the same run: %d objects, rows %v became %v", len(again), rows, sums)
		}
		s.mustRun(compile(t, "2", ""), 3, 4)
		checkMessages(t, s, map[string]int{"1": 26 * 20, "2": 4 * 20})
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		if again, _ := s.objects(); len(again) != 1 {
			t.Errorf("%d objects after another compaction", len(again))
		}
		checkMessages(t, s, map[string]int{"1": 26 * 20, "2": 4 * 20})
	})
}

// Law: a compaction that goes on after a run has undone it loses and doubles nothing, at
// whatever step it was.
func TestUndoDuringACompaction(t *testing.T) {
	replace := func(t *testing.T, s *store) func() {
		return func() {
			if err := s.run(compile(t, "2", ""), nil, input(t, 0, 20)); err != nil {
				t.Error(err)
			}
		}
	}
	for name, hook := range map[string]func(do func()) *hooks{
		"after the decision": func(do func()) *hooks { return &hooks{noted: once(".decision", do)} },
		"before it commits":  func(do func()) *hooks { return &hooks{commit: once("", do)} },
		"after the result":   func(do func()) *hooks { return &hooks{noted: once(".result", do)} },
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, s *store) {
				s.undoes = true
				s.mustRun(compile(t, "1", ""), 0, 6)
				if _, err := s.compact(nil, hook(replace(t, s)).around); err != nil {
					t.Fatal(err)
				}
				checkMessages(t, s, map[string]int{"1": 5 * 20, "2": 20})
			})
		})
	}
}

// Law: several runs with another mapping at once, which all undo, and a compaction beside
// them, end in each row once.
func TestSeveralUndoAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store) {
		s.undoes = true
		s.mustRun(compile(t, "1", ""), 0, 12)
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		other := compile(t, "2", "")
		var wait sync.WaitGroup
		for i := range 3 {
			in := input(t, i, 20)
			wait.Go(func() {
				if err := s.run(other, nil, in); err != nil && !errors.Is(err, lake.ErrCompacted) && !errors.Is(err, lake.ErrGone) {
					t.Errorf("one of several runs: %v", err)
				}
			})
		}
		wait.Wait()
		for i := range 3 {
			if err := s.run(other, nil, input(t, i, 20)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		checkMessages(t, s, map[string]int{"1": 9 * 20, "2": 3 * 20})
	})
}

// An object that is not what the compaction wrote is not divided, and nothing changes.
func TestUndoNoticesOtherRows(t *testing.T) {
	s := folders(t)
	s.mustRun(compile(t, "1", ""), 0, 4)
	_, before := s.bodies()
	if _, err := s.compact(nil, nil); err != nil {
		t.Fatal(err)
	}
	all, _ := s.objects()
	out, _, _, end := s.open()
	put(t, out, all[0].Key, before[0])
	if err := end(); err != nil {
		t.Fatal(err)
	}
	if err := s.undo(nil, nil); err == nil || !strings.Contains(err.Error(), "restore these") {
		t.Errorf("rows are missing: %v", err)
	}
	if now, _ := s.objects(); len(now) != 1 || now[0].Key != all[0].Key {
		t.Errorf("there are %d objects now", len(now))
	}
}

// An identity that may not delete changes nothing, and its runs name the command that does.
func TestUndoMayNotDelete(t *testing.T) {
	s := buckets(t)
	s.mustRun(compile(t, "1", ""), 0, 5)
	if _, err := s.compact(nil, nil); err != nil {
		t.Fatal(err)
	}
	err := s.run(compile(t, "2", ""), nil, input(t, 0, 20))
	if !errors.Is(err, lake.ErrCompacted) || !strings.Contains(err.Error(), "`sluice compact --undo lake/ext/wazuh/region=r/accountId=a/eventDay=20260314`") {
		t.Errorf("a run that may not undo: %v", err)
	}
	before, rows := s.objects()
	s.server.Intercept = denyDelete
	if err := s.undo(nil, nil); !errors.Is(err, compact.ErrMayNotRemove) {
		t.Errorf("without the right to delete: %v", err)
	}
	if all, sums := s.objects(); len(all) != len(before) || !maps.Equal(sums, rows) {
		t.Errorf("%d objects became %d", len(before), len(all))
	}
}
