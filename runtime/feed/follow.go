package feed

import (
	"context"
	"fmt"
	"time"
)

// Files are files that grow and are rotated.
type Files struct {
	// Paths are followed each by itself.
	Paths []string
	// Most is how many bytes are written at a time; 256 MiB if it is 0. A longer line
	// is written whole.
	Most int64
	// Adopt is the path under which the state knows the only file, "" for its own.
	Adopt string
}

// Follower follows files.
type Follower struct {
	Feed
	tails []*tail
}

// NewFollower makes a Follower and reads its state.
func NewFollower(ctx context.Context, c Config, files Files) (*Follower, error) {
	c.defaults(500 * time.Millisecond)
	if files.Most <= 0 {
		files.Most = 256 << 20
	}
	state, err := ReadState(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	if err := state.adopt(files); err != nil {
		return nil, err
	}
	f := &Follower{}
	for _, path := range files.Paths {
		if state.Files[path] == nil {
			state.Files[path] = &Cursor{}
		}
		f.tails = append(f.tails, &tail{lane: lane{name: path, config: &c}, cursor: state.Files[path], most: files.Most})
	}
	f.Feed = Feed{config: &c, state: state, origin: f, origins: lane{config: &c}}
	return f, nil
}

// adopt gives the cursor of a file to the path that it has now.
func (s *State) adopt(files Files) error {
	path, old := files.Paths[0], s.Files[files.Adopt]
	if files.Adopt == "" || files.Adopt == path || old == nil && s.Files[path] != nil { // as at the last start
		return nil
	}
	switch {
	case old == nil:
		return fmt.Errorf("the state has no file %s: `sluice state show` lists those it has", files.Adopt)
	case s.Files[path] != nil:
		return fmt.Errorf("the state has %s as well as %s: leave out --adopt to go on in the first", path, files.Adopt)
	}
	s.Files[path] = old
	delete(s.Files, files.Adopt)
	return nil
}

func (f *Follower) streams(context.Context) ([]stream, error) {
	all := make([]stream, len(f.tails))
	for i, t := range f.tails {
		all[i] = t
	}
	return all, nil
}

func (f *Follower) changed() bool { return false }

// Lag returns that of a file. Any goroutine may call it.
func (f *Follower) Lag(path string) Lag {
	for _, t := range f.tails {
		if t.name == path {
			return t.lag.get()
		}
	}
	return Lag{}
}

func (f *Follower) close() {
	for _, t := range f.tails {
		if t.file != nil {
			_ = t.file.close() // nothing is written
		}
	}
}
