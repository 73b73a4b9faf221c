package lake

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/table"
)

// intentions is a Ledger that counts what is noted in it.
type intentions struct {
	notes
	count, bytes, looks int
	last                *Manifest
}

func (l *intentions) Intend(_ context.Context, m *Manifest) error {
	l.count++
	l.bytes += len(m.Encode())
	copied := *m.Pending
	l.last = &Manifest{Pending: &copied}
	return nil
}

// Law: thousands of objects of an input are noted in some dozens of notes, and all of them
// are.
func TestManyObjectsTakeFewNotes(t *testing.T) {
	const objects, open = 1000, 50
	tables := []Table{testTable(t, "wazuh")}
	limits := Limits{OpenObjects: open, RowGroupBytes: 1, HeldBytes: 1}
	l := &intentions{notes: notes{texts: map[string][]byte{}}}
	namer := Namer{Identity: "input"}
	out := newMemory()
	s := NewStore(StoreConfig{Limits: limits, Tables: tables, Out: out, Names: KnownNames(namer, Enter(NewCompacted(l), nil, Manifest{ID: "m"}, false, nil))})
	a, e := NewAppender(limits, "us-east-1", "external", tables), NewEncoder(tables, table.Options{}, false)
	groups, _ := a.Add(0, Runs(tables[0].batchOf(each(objects, func(i int) int64 { return testDay + int64(i)*dayMillis }), 0, 10)))
	for _, g := range append(groups, a.Finish()...) {
		encoded, err := e.Encode(g)
		if err == nil {
			err = s.Write(t.Context(), g, encoded)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(out.visible) != objects || l.count > 3*objects/open {
		t.Errorf("%d objects take %d notes of %d bytes", len(out.visible), l.count, l.bytes)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(out.visible)), l.last.Pending.Objects); diff != "" {
		t.Errorf("written and noted: %s", diff)
	}
}

func (l *intentions) Notes(context.Context, string) (map[string][]byte, error) {
	l.looks++
	return nil, nil
}

// Law: whether compactions have joined the objects that a run replaces and writes is looked
// up once in each of their folders after they were noted, however many objects there are.
func TestJoinedObjectsAreLookedUpOnce(t *testing.T) {
	const objects = 300
	l := &intentions{notes: notes{texts: map[string][]byte{}}}
	old := &Manifest{ID: "m", Digest: "before"}
	var keys []string
	for i := range objects {
		p := Partition{Source: "s", Region: "r", Account: "a", Day: int32(20_000 + i)}
		keys = append(keys, p.Key("new"))
		old.Objects = append(old.Objects, ManifestObject{Key: p.Key("old")})
	}
	e := Enter(NewCompacted(l), old, Manifest{ID: "m", Digest: "now"}, false, nil)
	if err := e.Intend(t.Context(), keys, nil); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := e.Intend(t.Context(), []string{key}, nil); err != nil || e.Joined(key) || e.Keeps(key) {
			t.Fatal(err)
		}
	}
	if l.looks == 0 || l.looks > 2*objects || l.count != 1 {
		t.Errorf("%d looks and %d notes for %d objects", l.looks, l.count, objects)
	}
}
