package dir

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
)

func openLedger(t *testing.T, root string) (*Sink, *Ledger) {
	t.Helper()
	s, err := Open(root, Private)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

func closeLedger(t *testing.T, s *Sink, l *Ledger) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func manifest(id string, pending ...string) *lake.Manifest {
	m := &lake.Manifest{ID: id, Name: "input " + id}
	if len(pending) > 0 {
		m.Pending = &lake.Pending{Digest: "d", Objects: pending}
	}
	return m
}

func journals(t *testing.T, root string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, lake.LedgerFolder, journalPattern))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

func TestLedgerKeepsManifests(t *testing.T) {
	root := filepath.Join(t.TempDir(), "rejects")
	s, l := openLedger(t, root)
	if m, err := l.Load(t.Context(), "x"); m != nil || err != nil {
		t.Errorf("what nobody wrote is %+v, %v", m, err)
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("reading made the folder")
	}
	var ids []string
	for i := range 2*32 + 1 { // more than are flushed one by one
		id := fmt.Sprintf("%03d", i)
		ids = append(ids, id)
		if err := l.Intend(t.Context(), manifest(id, "k")); err != nil {
			t.Fatal(err)
		}
		if err := l.Save(t.Context(), manifest(id)); err != nil {
			t.Fatal(err)
		}
	}
	closeLedger(t, s, l)
	if n := journals(t, root); n > 0 {
		t.Errorf("%d journals are left", n)
	}
	s, l = openLedger(t, root)
	defer closeLedger(t, s, l)
	for _, id := range ids {
		if m, err := l.Load(t.Context(), id); err != nil || !bytes.Equal(m.Encode(), manifest(id).Encode()) {
			t.Errorf("%s is %+v, %v", id, m, err)
		}
	}
	if got, err := l.IDs(t.Context()); !slices.Equal(got, ids) || err != nil {
		t.Errorf("the IDs are %v, %v", got, err)
	}
	for _, owner := range []string{"first", "second", "first"} {
		if holder, err := l.Claim(t.Context(), "name", owner); holder != "first" || err != nil {
			t.Errorf("%s asks, and %s has it: %v", owner, holder, err)
		}
	}
}

// What a process intended or saved before it was killed is what the next one finds: with
// the files as they were, without them, and with files that a power cut emptied. A
// journal of a process that is alive is left alone.
func TestAJournalIsTakenOver(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"killed":               func(string) error { return nil },
		"files lost":           os.Remove,
		"files cut to nothing": func(path string) error { return os.WriteFile(path, nil, 0o666) },
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "rejects")
			_, l := openLedger(t, root)
			ctx := context.Background()
			for _, err := range []error{
				l.Save(ctx, manifest("saved")),
				l.Save(ctx, manifest("again")), l.Intend(ctx, manifest("again", "k1")), l.Intend(ctx, manifest("again", "k1", "k2")),
				l.Intend(ctx, manifest("new", "k3")),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			s2, alive := openLedger(t, root)
			if journals(t, root) != 1 {
				t.Error("the journal of a process that is alive was taken over")
			}
			closeLedger(t, s2, alive)
			// The process dies: the kernel closes its files.
			if _, err := l.journal.file.WriteString(`{"manifest":1,"id":"torn`); err != nil {
				t.Fatal(err)
			}
			l.journal.file.Close()
			for _, id := range []string{"saved", "again"} {
				if err := lose(l.path(id)); err != nil {
					t.Fatal(err)
				}
			}
			s, next := openLedger(t, root)
			defer closeLedger(t, s, next)
			if n := journals(t, root); n > 0 {
				t.Errorf("%d journals are left", n)
			}
			for id, pending := range map[string]string{"saved": "", "again": "k1 k2", "new": "k3"} {
				m, err := next.Load(ctx, id)
				if err != nil || m == nil {
					t.Fatalf("%s is %+v, %v", id, m, err)
				}
				var got string
				if m.Pending != nil {
					got = strings.Join(m.Pending.Objects, " ")
				}
				if m.Name != "input "+id || got != pending {
					t.Errorf("%s is %+v, pending %q", id, m, got)
				}
			}
		})
	}
}

// A ledger that is closed with intentions open keeps them for the next one.
func TestOpenIntentionsOutliveTheLedger(t *testing.T) {
	root := filepath.Join(t.TempDir(), "rejects")
	s, l := openLedger(t, root)
	if err := l.Intend(t.Context(), manifest("a", "k")); err != nil {
		t.Fatal(err)
	}
	closeLedger(t, s, l)
	s, l = openLedger(t, root)
	defer closeLedger(t, s, l)
	if m, err := l.Load(t.Context(), "a"); err != nil || m == nil || m.Pending == nil {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestRemoveTakesEmptyFolders(t *testing.T) {
	root := t.TempDir()
	s, err := Open(root, Private)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a/b/one", "a/two"} {
		o, err := s.Create(t.Context(), key)
		if err == nil {
			err = o.Commit(t.Context(), key)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"a/b/one", "a/b/one", "none/x"} {
		if err := s.Remove(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "a", "b")); err == nil {
		t.Error("the empty folder is left")
	}
	if _, err := os.Stat(filepath.Join(root, "a", "two")); err != nil {
		t.Error(err)
	}
	if err := s.Remove(t.Context(), "../x"); err == nil {
		t.Error("a key outside is removed")
	}
	o, err := s.Create(t.Context(), "a/b/one")
	if err == nil {
		err = o.Commit(t.Context(), "a/b/one")
	}
	if err != nil {
		t.Errorf("the folder is not made again: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Paths of manifests that are not durable yet do not pile up.
func TestManifestsAreMadeDurableOnTheWay(t *testing.T) {
	s, l := openLedger(t, filepath.Join(t.TempDir(), "rejects"))
	most := 0
	for i := range mostSaved + 100 {
		m := manifest(fmt.Sprintf("%032d", i))
		if err := l.replace(m.ID, m.Encode()); err != nil {
			t.Fatal(err)
		}
		most = max(most, len(l.saved))
	}
	if most >= mostSaved || len(l.saved) != 100 {
		t.Errorf("%d paths were kept, and %d are", most, len(l.saved))
	}
	if ids, err := l.IDs(t.Context()); err != nil || len(ids) != mostSaved+100 {
		t.Errorf("%d manifests, %v", len(ids), err)
	}
	closeLedger(t, s, l)
}
