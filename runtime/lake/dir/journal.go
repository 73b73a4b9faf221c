package dir

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// journal is the file of one process that has every manifest which the process intended
// or saved, one on each line. To make a line durable is one flush of the disk for all
// that wait, so manifests need none of their own. The process holds a lock on it; the next
// process on the same folder reads a journal that nobody locks, and removes it.
type journal struct {
	file    *os.File
	durable *shared
	disk    *disk // with which it is made durable where that is as good; nil for none

	mu   sync.Mutex
	open map[string]bool // IDs that were intended and not saved
}

const journalPattern = "journal-*.jsonl"

// startJournal creates a locked journal. Like startRun it tries again if another process took it
// for that of a dead one.
func startJournal(folder string) (*journal, error) {
	const attempts = 100
	var err error
	for range attempts {
		if err = makeFolder(folder); err != nil {
			return nil, err
		}
		var f *os.File
		if f, err = os.CreateTemp(folder, journalPattern); err != nil {
			return nil, err
		}
		if err = lock(f); busy(err) || !stillThere(f) {
			_ = f.Close()
			continue
		}
		if err = syncFolder(folder); err != nil {
			return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
		return &journal{file: f, open: map[string]bool{},
			durable: newShared(func(int) error { return f.Sync() })}, nil
	}
	return nil, err
}

// write appends the text of a manifest and waits until it is durable.
func (j *journal) write(m *lake.Manifest, text []byte) error {
	if err := j.append(m, text); err != nil {
		return err
	}
	if j.disk != nil && j.disk.pace.prefersAll() {
		return j.disk.sync(j.file, j.file.Sync)
	}
	return j.durable.sync(nil)
}

func (j *journal) append(m *lake.Manifest, text []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if m.Pending != nil {
		j.open[m.ID] = true
	} else {
		delete(j.open, m.ID)
	}
	_, err := j.file.Write(text)
	return err
}

// end closes the journal. It removes it if nothing in it is open.
func (j *journal) end() error {
	if len(j.open) > 0 {
		return j.file.Close()
	}
	removed := os.Remove(j.file.Name())
	err := j.file.Close()
	if removed != nil { // on a system that cannot remove an open file
		removed = os.Remove(j.file.Name())
	}
	return errors.Join(err, removed)
}

// deadJournals gives what journals that no process holds say, one by one, and removes
// each after apply succeeded. Only real files of our own user are journals.
func deadJournals(folder string, apply func(*recovered) error) error {
	info, err := os.Lstat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.IsDir() {
		err = errors.New("it is not a folder: move away what is there")
	}
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close() // nothing is written
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if is, _ := filepath.Match(journalPattern, e.Name()); !is {
			continue
		}
		if err := deadJournal(root, e.Name(), apply); err != nil {
			return err
		}
	}
	return nil
}

func deadJournal(root *os.Root, name string, apply func(*recovered) error) error {
	info, err := root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || !isOurs(info) {
		return nil // it is not a journal of ours, or is gone
	}
	// On a system where claim removes the file, what it held is known before. Where
	// it locks, the process may have written more until then.
	found, err := readJournal(root, name, info)
	if err != nil {
		return err
	}
	release, dead := claim(root, name, info)
	if !dead {
		return nil
	}
	if again, err := readJournal(root, name, info); err == nil {
		found = again
	}
	if err := apply(found); err != nil {
		return err
	}
	release()
	return nil
}

// recovered is what a journal says of each ID in the end.
type recovered struct {
	saved, intended map[string]*lake.Manifest
	ended           time.Time // when the journal was written last
}

// readJournal reads a journal. Its last line may be torn, if the process was killed while
// it wrote: then nothing has followed from it.
func readJournal(root *os.Root, name string, listed fs.FileInfo) (*recovered, error) {
	r := &recovered{saved: map[string]*lake.Manifest{}, intended: map[string]*lake.Manifest{}}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	info, err := f.Stat()
	if err == nil && !os.SameFile(info, listed) {
		err = errors.New("another file has taken its place")
	}
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	r.ended = info.ModTime()
	for line := range bytes.Lines(text) {
		m, err := lake.ParseManifest(line)
		switch {
		case err != nil:
			return r, nil
		case m.Pending != nil:
			r.intended[m.ID] = m
		default:
			r.saved[m.ID] = m
			delete(r.intended, m.ID)
		}
	}
	return r, nil
}
