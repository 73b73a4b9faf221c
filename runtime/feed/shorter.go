package feed

import "time"

const (
	// shortPolls is for how many looks a file stays shorter than what was read of it, and too
	// short to be known again, until it counts as begun anew.
	shortPolls = 4
	// copyPolls is the same for one that begins as before: a copy that is being written, or what
	// was cut off is gone.
	copyPolls = 120
)

// shorter waits while the file is shorter than what was read of it: whoever brings a copy in
// its place, as scp does, begins with an empty file and writes the same again. A file that
// begins otherwise was begun anew.
func (t *tail) shorter(size, waited int64) error {
	id, polls := &t.cursor.File, shortPolls
	if id.HeadBytes > 0 && size >= id.HeadBytes {
		if polls = copyPolls; !t.file.is(id) {
			return t.truncated(waited)
		}
	}
	if t.final {
		return t.truncated(waited)
	}
	if t.shortSince.IsZero() || t.short != size {
		t.short, t.shortSince = size, time.Now()
	}
	switch {
	case time.Since(t.shortSince) < time.Duration(polls)*t.config.Poll:
		return nil
	case polls == shortPolls:
		return t.truncated(waited)
	}
	t.report("truncated", "the file was cut to its first %d bytes, which are read; following goes on behind them", size)
	t.cursor.Offset, t.cursor.Planned, t.moved = size, nil, true
	t.searched, t.shortSince = 0, time.Time{}
	return nil
}
