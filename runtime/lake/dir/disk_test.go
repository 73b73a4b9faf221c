package dir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// Law: objects and manifests of Sinks that share a disk are all there, however many wait for it
// at a time; when the last of them ends, the disk is given back.
func TestSinksShareADisk(t *testing.T) {
	disks, root := new(Disks), t.TempDir()
	var sinks []*Sink
	for _, name := range []string{"lake", "rejects"} {
		s, err := Open(filepath.Join(root, name), Shared)
		if err != nil {
			t.Fatal(err)
		}
		s.Share(disks)
		sinks = append(sinks, s)
	}
	ledger, err := sinks[1].Ledger()
	if err != nil {
		t.Fatal(err)
	}
	const inputs = 200
	var all sync.WaitGroup
	for i := range inputs {
		all.Go(func() {
			m := &lake.Manifest{ID: fmt.Sprintf("%032x", i), Pending: &lake.Pending{}}
			err := ledger.Intend(t.Context(), m)
			for _, s := range sinks {
				err = errors.Join(err, commit(t, s, fmt.Sprintf("day/%d", i)))
			}
			m.Pending = nil
			if err := errors.Join(err, ledger.Save(t.Context(), m)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if shared := sinks[0].run.disk; shared != sinks[1].run.disk || shared != ledger.journal.disk || shared != nil && shared.runs != 2 {
		t.Error("the sinks of one file system do not share its disk")
	}
	for _, s := range sinks {
		found, err := os.ReadDir(filepath.Join(s.root, "day"))
		if err != nil || len(found) != inputs {
			t.Errorf("%s has %d objects: %v", s.root, len(found), err)
		}
	}
	if ids, err := ledger.IDs(t.Context()); err != nil || len(ids) != inputs {
		t.Errorf("there are %d manifests: %v", len(ids), err)
	}
	if err := errors.Join(ledger.Close(), sinks[0].Close(), sinks[1].Close()); err != nil {
		t.Error(err)
	}
	if len(disks.of) > 0 {
		t.Errorf("%d disks are still in use", len(disks.of))
	}
}

// commit writes an object.
func commit(t *testing.T, s *Sink, key string) error {
	t.Helper()
	o, err := s.Create(t.Context(), "")
	if err != nil {
		return err
	}
	_, err = o.Write([]byte(key))
	return errors.Join(err, o.Close(), o.Commit(t.Context(), key))
}
