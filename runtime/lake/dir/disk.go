package dir

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// Disks lets Sinks that write to the same file system make their small files durable
// together. The zero value is ready to use.
type Disks struct {
	mu sync.Mutex
	of map[uint64]*disk // by device
}

// disk makes small files of one file system durable, where a flush of all of its files is as
// good as one of each.
type disk struct {
	device uint64
	root   *os.File // any folder of it
	runs   int      // that use it
	all    *shared
	pace   pace
	atWork chan struct{} // has an element for each goroutine that makes or moves a file
}

// at returns the disk of a file, nil if a flush of all is not as good there. The caller gives it
// back with leave.
func (d *Disks) at(f *os.File) *disk {
	device, ok := deviceOf(f)
	if !ok {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if k := d.of[device]; k != nil {
		k.runs++
		return k
	}
	root, err := os.Open(filepath.Dir(f.Name()))
	if err != nil {
		return nil
	}
	k := &disk{device: device, root: root, runs: 1, atWork: make(chan struct{}, runtime.GOMAXPROCS(0))}
	k.all = newShared(func(calls int) error {
		return k.pace.measure(&k.pace.ofAll, calls, func() error { return flushAll(k.root) })
	})
	if d.of == nil {
		d.of = map[uint64]*disk{}
	}
	d.of[device] = k
	return k
}

func (d *Disks) leave(k *disk) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k.runs--; k.runs == 0 {
		delete(d.of, k.device)
		_ = k.root.Close() // nothing is written
	}
}

// work makes or moves a file. No more do at the same time than there are processors: of hundreds the
// kernel has each wait with a thread of its own, for the lock of the folder, or look for the same
// free place. Without a disk, as where a network is the file system, they do not wait for each other.
func (k *disk) work(do func() error) error {
	if k == nil {
		return do()
	}
	k.atWork <- struct{}{}
	defer func() { <-k.atWork }()
	return do()
}

// has reports whether a file is on this disk.
func (k *disk) has(f *os.File) bool {
	device, ok := deviceOf(f)
	return ok && device == k.device
}

// sync makes a file durable, with one flush for all that wait at this time. Own, if not nil, does
// that for this file alone, and is called where no other waits.
func (k *disk) sync(f *os.File, own func() error) error {
	alone := false
	var each func() error
	if own != nil {
		each = func() error { alone = true; return own() }
	}
	switch err := k.all.sync(each); {
	case alone:
		return err
	case err != nil: // which may be about another file
		return f.Sync()
	}
	return flushed(f)
}
