package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// Ledger keeps manifests as files in a hidden folder beside the rejects. A journal makes
// them durable, many at a time, until Close makes the files so.
type Ledger struct {
	sink   *Sink
	folder string

	mu      sync.Mutex
	journal *journal // nil before the first manifest
	saved   []string // paths of the files that are not durable yet
}

// Ledger opens the ledger of a reject store, and takes over what killed processes left in
// their journals. It creates nothing before the first manifest. Close the Ledger before
// the Sink.
func (s *Sink) Ledger() (*Ledger, error) {
	l := &Ledger{sink: s, folder: filepath.Join(s.root, lake.LedgerFolder)}
	if err := deadJournals(l.folder, l.recover); err != nil {
		return nil, advise("take over the manifests of an interrupted run in", l.folder, err)
	}
	return l, nil
}

// recover writes what a journal has and the files lack. A file that another process
// wrote after the journal's end counts more.
func (l *Ledger) recover(r *recovered) error {
	for id, m := range r.saved {
		info, err := os.Stat(l.path(id))
		if err == nil && info.ModTime().After(r.ended) {
			if _, err := l.Load(context.Background(), id); err == nil {
				continue // else a power cut took its content
			}
		}
		if err := l.replace(m.ID, m.Encode()); err != nil {
			return err
		}
	}
	for id, m := range r.intended {
		now, err := l.Load(context.Background(), id)
		if err != nil {
			return err
		}
		if now != nil {
			now.Pending = now.Pending.Join(m.Pending)
			m = now
		}
		if err := l.replace(m.ID, m.Encode()); err != nil {
			return err
		}
	}
	return l.flush()
}

func (l *Ledger) path(id string) string {
	return filepath.Join(l.sink.root, filepath.FromSlash(lake.ManifestKey(id)))
}

// Load reads the file of a manifest.
func (l *Ledger) Load(_ context.Context, id string) (*lake.Manifest, error) {
	text, err := os.ReadFile(l.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, advise("read the manifest", l.path(id), err)
	}
	m, err := lake.ParseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.path(id), err)
	}
	return m, nil
}

// Intend writes the manifest into the journal.
func (l *Ledger) Intend(_ context.Context, m *lake.Manifest) error { return l.note(m, m.Encode()) }

// Save writes the manifest into the journal, and then its file.
func (l *Ledger) Save(_ context.Context, m *lake.Manifest) error {
	text := m.Encode()
	if err := l.note(m, text); err != nil {
		return err
	}
	return l.replace(m.ID, text)
}

// SaveIf is Save, and looks right before it writes the file: it took a while until the journal
// was durable.
func (l *Ledger) SaveIf(_ context.Context, m *lake.Manifest, still func() (bool, error)) (saved bool, err error) {
	text := m.Encode()
	if err := l.note(m, text); err != nil {
		return false, err
	}
	if ok, err := still(); !ok || err != nil {
		return false, err
	}
	return true, l.replace(m.ID, text)
}

// note writes a manifest, and its text, into the journal.
func (l *Ledger) note(m *lake.Manifest, text []byte) error {
	j, err := l.started()
	if err == nil {
		err = j.write(m, text)
	}
	if err != nil {
		return advise("note what is written in", l.folder, err)
	}
	return nil
}

func (l *Ledger) started() (j *journal, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal != nil {
		return l.journal, nil
	}
	k, err := l.sink.disk()
	if err != nil {
		return nil, err
	}
	if l.journal, err = startJournal(l.folder); err == nil && k != nil && k.has(l.journal.file) {
		l.journal.disk = k
	}
	return l.journal, err
}

// replace writes the file of a manifest, which flush makes durable.
func (l *Ledger) replace(id string, text []byte) error {
	temp, number, err := l.sink.tempFolder()
	if err != nil {
		return advise("write to", l.sink.root, err)
	}
	name := filepath.Join(temp, fmt.Sprintf("%06d", number))
	path := l.path(id)
	err = l.sink.run.disk.work(func() error {
		if err := os.WriteFile(name, text, l.sink.mode); err != nil {
			return err
		}
		return l.sink.folder(l.folder).add(name, path)
	})
	if err != nil {
		return advise("write the manifest", path, err)
	}
	l.mu.Lock()
	l.saved = append(l.saved, path)
	many := len(l.saved) >= mostSaved
	l.mu.Unlock()
	if many {
		return l.flush()
	}
	return nil
}

// mostSaved is how many paths of files are kept until they are made durable together.
const mostSaved = 4096

// flush makes the files of manifests durable.
func (l *Ledger) flush() error {
	l.mu.Lock()
	saved := l.saved
	l.saved = nil
	l.mu.Unlock()
	if len(saved) == 0 {
		return nil
	}
	err := flushFiles(l.folder, saved)
	if err == nil {
		err = syncFolder(l.folder)
	}
	if err != nil {
		return advise("make the manifests durable in", l.folder, err)
	}
	return nil
}

// flushEach flushes files one by one. One that is gone has been replaced or removed.
func flushEach(paths []string) error {
	for _, path := range paths {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		err = f.Sync()
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Intended reads the journals of all processes.
func (l *Ledger) Intended(context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	root, err := os.OpenRoot(l.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return ids, nil
	}
	if err != nil {
		return nil, advise("read the journals in", l.folder, err)
	}
	defer root.Close() // nothing is written
	entries, err := fs.ReadDir(root.FS(), ".")
	for i := 0; err == nil && i < len(entries); i++ {
		if is, _ := filepath.Match(journalPattern, entries[i].Name()); !is {
			continue
		}
		info, gone := root.Lstat(entries[i].Name())
		if gone != nil || !info.Mode().IsRegular() {
			continue // its process has ended
		}
		var r *recovered
		if r, err = readJournal(root, entries[i].Name(), info); errors.Is(err, fs.ErrNotExist) {
			r, err = &recovered{}, nil
		}
		if err == nil {
			for id := range r.intended {
				ids[id] = true
			}
		}
	}
	if err != nil {
		return nil, advise("read the journals in", l.folder, err)
	}
	return ids, nil
}

// Since is IDs: files are quick to read.
func (l *Ledger) Since(ctx context.Context, _ time.Time) ([]string, error) { return l.IDs(ctx) }

// IDs lists the files of manifests.
func (l *Ledger) IDs(context.Context) ([]string, error) {
	entries, err := os.ReadDir(l.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, advise("list the manifests in", l.folder, err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".json"); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Close makes all manifests durable, and removes the journal unless a run was interrupted
// between an intention and its end.
func (l *Ledger) Close() error {
	err := l.flush()
	if l.journal == nil {
		return err
	}
	if err != nil {
		return errors.Join(err, l.journal.file.Close()) // the journal still has them
	}
	if err := l.journal.end(); err != nil {
		return advise("close the journal in", l.folder, err)
	}
	return nil
}
