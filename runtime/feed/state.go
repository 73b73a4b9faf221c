package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// State is how far every file and shard is read. It is kept as JSON.
type State struct {
	Format int `json:"sluice_state"` // stateFormat
	// Files are the cursors by the path that was named.
	Files map[string]*Cursor `json:"files,omitempty"`
	// Indices are the cursors of indices by their uuid.
	Indices map[string]*IndexCursor `json:"indices,omitempty"`
	// Window is the cursor of a cluster that does not tell the numbers of its shards.
	Window *WindowCursor `json:"window,omitempty"`
}

const stateFormat = 1

// Cursor is the place up to which one followed file is read.
type Cursor struct {
	File File `json:"file"`
	// Offset is the number of bytes of the unpacked file that are in the lake.
	Offset int64 `json:"offset"`
	Intent
	// Lost counts files that were gone before they were read to their end.
	Lost int64 `json:"lost,omitempty"`
}

// Intent is the range that comes next.
type Intent struct {
	// Planned is nil if nothing is planned. It may be in the lake.
	Planned *Planned `json:"planned,omitempty"`
}

// Planned is a range that is being written. It begins where its cursor is.
type Planned struct {
	To       int64     `json:"to"`
	Identity string    `json:"identity"`
	At       time.Time `json:"at"`
}

// IndexCursor is how far the shards of an index are read.
type IndexCursor struct {
	Name string `json:"name"`
	// Gone is true after the index was deleted or closed.
	Gone   bool                 `json:"gone,omitempty"`
	Shards map[int]*ShardCursor `json:"shards"`
}

// ShardCursor is the place up to which a shard is read.
type ShardCursor struct {
	// Done is the last number that is in the lake, -1 for none.
	Done int64 `json:"done"`
	// Term is that of the primary which numbered the last document, History the name of
	// the sequence of numbers.
	Term    int64  `json:"term,omitempty"`
	History string `json:"history,omitempty"`
	// Rewound counts how often numbers came to mean other documents. It is part of the
	// names of ranges.
	Rewound int `json:"rewound,omitempty"`
	// Holes counts numbers without a document.
	Holes int64 `json:"holes,omitempty"`
	Intent
}

// WindowCursor is the place up to which a cluster is read by time.
type WindowCursor struct {
	// Done is the time up to which all is in the lake, in milliseconds since 1970.
	Done int64 `json:"done"`
	// Seen are digests of the documents that are in the lake and may be found again, by
	// their times in milliseconds.
	Seen map[int64][]string `json:"seen"`
	Intent
}

// File identifies a file whatever it is called: rotation renames and packs it.
type File struct {
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	// Head is a digest of the first HeadBytes bytes of the unpacked file.
	Head      string `json:"head"`
	HeadBytes int64  `json:"head_bytes"`
	// Born is when a file was made that is empty, in nanoseconds since 1970; 0 if it is not
	// known.
	Born int64 `json:"born,omitempty"`
	// Day is where the file lies in the dated folders beside the one that is
	// followed, "" if it is in none.
	Day string `json:"day,omitempty"`
}

// Store keeps a State for one process at a time.
type Store interface {
	// Load returns what Save stored last, or nil.
	Load(ctx context.Context) ([]byte, error)
	// Save replaces it, durably. An error that has a method Lost says that it never can
	// any more, since another process has the state.
	Save(ctx context.Context, text []byte) error
}

// ReadState returns the state in a store, an empty one if it has none.
func ReadState(ctx context.Context, s Store) (*State, error) {
	text, err := s.Load(ctx)
	if err != nil {
		return nil, err
	}
	return ParseState(text)
}

// ParseState reads what a Store keeps; of no text it makes an empty state.
func ParseState(text []byte) (*State, error) {
	state := &State{}
	if len(text) == 0 {
		state.Format = stateFormat
	} else if err := json.Unmarshal(text, state); err != nil {
		return nil, damaged(err)
	}
	switch {
	case state.Format == 0:
		return nil, errors.New("this is not a state of sluice, and would be overwritten: name another --state")
	case state.Format != stateFormat:
		return nil, fmt.Errorf("the state has the format %d, which this version does not know: use the version that wrote it, or a newer one", state.Format)
	}
	if err := state.sound(); err != nil {
		return nil, damaged(err)
	}
	if state.Files == nil {
		state.Files = map[string]*Cursor{}
	}
	if state.Indices == nil {
		state.Indices = map[string]*IndexCursor{}
	}
	return state, nil
}

func damaged(err error) error {
	return fmt.Errorf("the state is damaged (%w): restore it from a copy; with a new one everything is read from the beginning", err)
}

// sound returns an error if an entry cannot have been written by save.
func (s *State) sound() error {
	for path, c := range s.Files {
		if c == nil || c.Offset < 0 || c.Planned != nil && c.Planned.To < c.Offset {
			return fmt.Errorf("the entry of %s makes no sense", path)
		}
	}
	for uuid, index := range s.Indices {
		if index == nil || index.Shards == nil {
			return fmt.Errorf("the entry of the index %s makes no sense", uuid)
		}
		for number, c := range index.Shards {
			if c == nil || c.Done < -1 || c.Planned != nil && c.Planned.To < c.Done {
				return fmt.Errorf("the entry of the shard %s/%d makes no sense", index.Name, number)
			}
		}
	}
	if s.Window != nil && s.Window.Seen == nil {
		return errors.New("the entry of the window makes no sense")
	}
	return nil
}

func (s *State) save(ctx context.Context, to Store) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return to.Save(ctx, append(text, '\n'))
}
