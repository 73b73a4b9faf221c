package compact_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/compact"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

func eachStore(t *testing.T, test func(t *testing.T, s *store)) {
	t.Run("folder", func(t *testing.T) { test(t, folders(t)) })
	t.Run("bucket", func(t *testing.T) { test(t, buckets(t)) })
}

// Law: the rows stay, in order of time, in as few objects as their bytes need; a second call
// finds nothing to do.
func TestRowsStay(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store) {
		s.mustRun(compile(t, "1", ""), 0, 30)
		before, rows := s.objects()
		dry, err := s.compact(func(c *compact.Config) { c.Apply = false }, nil)
		if err != nil || len(dry) != 1 || dry[0].Before.Objects != 30 || dry[0].After.Objects != 1 {
			t.Fatalf("without Apply: %+v, %v", dry, err)
		}
		if now, _ := s.objects(); len(now) != len(before) {
			t.Fatalf("without Apply %d objects became %d", len(before), len(now))
		}
		days, err := s.compact(nil, nil)
		if err != nil || len(days) != 1 || days[0].Before.Objects != 30 || days[0].Before.Rows != 600 || days[0].After.Rows != 600 {
			t.Fatalf("%+v, %v", days[0], err)
		}
		after, sums := s.objects()
		if len(after) != 1 || !maps.Equal(sums, rows) {
			t.Errorf("%d objects became %d, rows %v became %v", len(before), len(after), rows, sums)
		}
		if days, err = s.compact(nil, nil); err != nil || len(days) != 1 || days[0].Before.Objects != 0 {
			t.Errorf("the second call: %+v, %v", days, err)
		}
	})
}

// Objects that are to be small stay small, and join those that arrive later.
func TestSizesAndArrivals(t *testing.T) {
	s := folders(t)
	e := compile(t, "1", "")
	s.mustRun(e, 0, 10)
	for round := range 3 {
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		if all, _ := s.objects(); len(all) != 1 {
			t.Fatalf("round %d: %d objects", round, len(all))
		}
		s.mustRun(e, 10*(round+1), 5)
	}
	all, rows := s.objects()
	size, largest := int64(0), ""
	for _, o := range all {
		if o.Bytes > size {
			size, largest = o.Bytes, o.Key
		}
	}
	days, err := s.compact(func(c *compact.Config) { c.ObjectBytes = 2 * size }, nil)
	if err != nil {
		t.Fatal(err)
	}
	now, sums := s.objects()
	if len(now) != 2 || !contains(now, largest) || !maps.Equal(rows, sums) {
		t.Errorf("an object of the size was joined too: %d objects, %+v", len(now), days)
	}
	days, err = s.compact(func(c *compact.Config) { c.Before = time.Now().Add(-time.Hour) }, nil)
	if err != nil || len(days) != 1 || days[0].Before.Objects != 0 || len(days[0].Left) != 1 || days[0].Left[0].Reason != "it is too new" || days[0].Left[0].Objects != int64(len(now)) {
		t.Errorf("objects of this minute: %+v, %v", days, err)
	}
}

// Objects of different columns are not joined with each other, but each with its own.
func TestSchemasStayApart(t *testing.T) {
	s := folders(t)
	s.mustRun(compile(t, "1", ""), 0, 6)
	s.mustRun(compile(t, "2", ", desc: =agent"), 6, 6)
	_, rows := s.objects()
	if len(rows) != 2 {
		t.Fatalf("%d schemas", len(rows))
	}
	if _, err := s.compact(nil, nil); err != nil {
		t.Fatal(err)
	}
	if all, sums := s.objects(); len(all) != 2 || !maps.Equal(rows, sums) {
		t.Errorf("%d objects, rows %v became %v", len(all), rows, sums)
	}
}

// Whatever else is in the folder stays: objects that no manifest lists, and damaged ones.
func TestOthersStay(t *testing.T) {
	s := folders(t)
	s.mustRun(compile(t, "1", ""), 0, 4)
	all, bodies := s.bodies()
	folder, _, _ := lake.SplitKey(all[0].Key)
	out, _, _, end := s.open()
	put(t, out, folder+"foreign.parquet", bodies[0])
	put(t, out, all[1].Key, []byte("PAR1 that is damaged PAR1"))
	if err := end(); err != nil {
		t.Fatal(err)
	}
	days, err := s.compact(nil, nil)
	if err != nil || days[0].Before.Objects != 3 || len(days[0].Left) != 2 {
		t.Fatalf("%+v, %v", days[0], err)
	}
	for i, want := range []string{"it cannot be read", "no manifest"} {
		if l := days[0].Left[i]; !strings.Contains(l.Reason, want) || l.Objects != 1 {
			t.Errorf("%d objects left for %q, want 1 for %q", l.Objects, l.Reason, want)
		}
	}
}

// A decision that cannot be read is not taken for none: the objects that were joined and
// those that came of them would both be made.
func TestDamagedDecision(t *testing.T) {
	for _, text := range []string{"", "count", "{}"} {
		s := folders(t)
		e := compile(t, "1", "")
		s.mustRun(e, 0, 4)
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		all, rows := s.objects()
		folder, _, _ := lake.SplitKey(all[0].Key)
		_, rejects, _, end := s.open()
		put(t, rejects, lake.LedgerFolder+"/compacted/"+folder+"000000.decision", []byte(text))
		if err := end(); err != nil {
			t.Fatal(err)
		}
		_, compacted := s.compact(nil, nil)
		for what, err := range map[string]error{"compact": compacted, "undo": s.undo(nil, nil), "run": s.run(e, nil, input(t, 0, 20))} {
			if err == nil || !strings.Contains(err.Error(), "000000.decision is damaged") {
				t.Errorf("%q: %s says %v", text, what, err)
			}
		}
		if now, sums := s.objects(); len(now) != len(all) || !maps.Equal(rows, sums) {
			t.Errorf("%q: %d objects became %d", text, len(all), len(now))
		}
	}
}

func put(t *testing.T, s lake.Sink, key string, data []byte) {
	t.Helper()
	o, err := s.Create(t.Context(), key)
	if err == nil {
		_, err = o.Write(data)
	}
	if err := errors.Join(err, o.Close(), o.Commit(t.Context(), key)); err != nil {
		t.Fatal(err)
	}
}

// Law: what is not read back as it was is not taken for the rows, and nothing is removed.
func TestOtherRowsAreNoticed(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store) {
		e := compile(t, "1", "")
		s.mustRun(e, 0, 5)
		all, rows := s.objects()
		_, bodies := s.bodies()
		h := &hooks{swap: func(string) []byte { return bodies[0] }}
		if _, err := s.compact(nil, h.around); err == nil {
			t.Error("other rows in the joined object were not noticed")
		}
		for _, o := range all {
			now, _ := s.objects()
			if !contains(now, o.Key) {
				t.Errorf("%s was removed", o.Key)
			}
		}
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		if now, sums := s.objects(); len(now) != 1 || !maps.Equal(sums, rows) {
			t.Errorf("the next call: %d objects, rows %v became %v", len(now), rows, sums)
		}
	})
}

func contains(all []lake.Stored, key string) bool {
	for _, o := range all {
		if o.Key == key {
			return true
		}
	}
	return false
}

// Law: several calls at once, and one after them, end in each row once.
func TestSeveralAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store) {
		s.mustRun(compile(t, "1", ""), 0, 40)
		_, rows := s.objects()
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if _, err := s.compact(nil, nil); err != nil && !strings.Contains(err.Error(), "run it again") {
					t.Errorf("one of several calls: %v", err)
				}
			})
		}
		wait.Wait()
		if _, err := s.compact(nil, nil); err != nil {
			t.Fatal(err)
		}
		if all, sums := s.objects(); len(all) != 1 || !maps.Equal(sums, rows) {
			t.Errorf("%d objects, rows %v became %v", len(all), rows, sums)
		}
	})
}

func denyDelete(w http.ResponseWriter, r s3test.Request) bool {
	if r.Method == http.MethodDelete {
		s3test.Fail(w, http.StatusForbidden, "AccessDenied")
	}
	return r.Method == http.MethodDelete
}

// An identity that may not delete writes nothing, and the ledger has no plan of it.
func TestMayNotDelete(t *testing.T) {
	s := buckets(t)
	s.mustRun(compile(t, "1", ""), 0, 5)
	before, rows := s.objects()
	s.server.Intercept = denyDelete
	if _, err := s.compact(nil, nil); !errors.Is(err, compact.ErrMayNotRemove) {
		t.Errorf("without the right to delete: %v", err)
	}
	if all, sums := s.objects(); len(all) != len(before) || !maps.Equal(sums, rows) {
		t.Errorf("%d objects became %d", len(before), len(all))
	}
	for key := range s.server.Bodies("kept", "r/.manifests/compacted/") {
		t.Errorf("there is %s", key)
	}
}
