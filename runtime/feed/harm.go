package feed

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// harm is that a packed file is damaged.
type harm struct {
	err   error // nil for none
	bytes int64 // of the file
	since time.Time
}

// harmed waits for a packed file that is damaged, if it is, as it may be written still: for as long as it
// grows, and a minute more. Then it counts as it is. Another file in its place is opened by the
// next look.
func (t *tail) harmed(damaged error) error {
	if damaged == nil {
		t.harm = harm{}
		return nil
	}
	info, err := t.file.file.Stat()
	if err != nil {
		return err
	}
	if now, err := os.Stat(t.file.path); err == nil && !os.SameFile(now, info) {
		path := t.file.path
		err = t.file.close()
		t.file, t.harm = nil, harm{}
		return errors.Join(fmt.Errorf("%s was damaged (%w), and another file has its place: that is looked at next", path, damaged), err)
	}
	if t.harm.err == nil || t.harm.bytes != info.Size() {
		t.harm.bytes, t.harm.since = info.Size(), time.Now()
	}
	t.harm.err = damaged
	if time.Since(t.harm.since) >= copyPolls*t.config.Poll {
		return nil
	}
	return fmt.Errorf("%s is damaged (%w), or is written still: if it does not grow for a minute, what can be unpacked of it is written, and the next file comes; put a whole one in its place if there is one", t.file.path, damaged)
}
