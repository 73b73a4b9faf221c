package feed

import (
	"context"
	"encoding/json"
	"fmt"
)

// State is how far every followed file is read. It is kept as JSON.
type State struct {
	Format int `json:"sluice_state"` // stateFormat
	// Files are the cursors by the path that was named.
	Files map[string]*Cursor `json:"files"`
}

const stateFormat = 1

// Cursor is the place up to which one followed file is read.
type Cursor struct {
	File File `json:"file"`
	// Offset is the number of bytes of the unpacked file that are in the lake.
	Offset int64 `json:"offset"`
	// Planned is the range that comes next, nil if nothing is planned. It may be in
	// the lake.
	Planned *Planned `json:"planned,omitempty"`
	// Lost counts files that were gone before they were read to their end.
	Lost int64 `json:"lost,omitempty"`
}

// Planned is a range that is being written. Its first byte is that at Cursor.Offset.
type Planned struct {
	To       int64  `json:"to"`
	Identity string `json:"identity"`
}

// File identifies a file whatever it is called: rotation renames and packs it.
type File struct {
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	// Head is a digest of the first HeadBytes bytes of the unpacked file.
	Head      string `json:"head"`
	HeadBytes int64  `json:"head_bytes"`
	// Day is where the file lies in the dated folders beside the one that is
	// followed, "" if it is in none.
	Day string `json:"day,omitempty"`
}

// Store keeps a State for one process at a time.
type Store interface {
	// Load returns what Save stored last, or nil.
	Load(ctx context.Context) ([]byte, error)
	// Save replaces it, durably.
	Save(ctx context.Context, text []byte) error
}

// ReadState returns the state in a store, an empty one if it has none.
func ReadState(ctx context.Context, s Store) (*State, error) {
	text, err := s.Load(ctx)
	if err != nil {
		return nil, err
	}
	state := &State{Format: stateFormat}
	if len(text) > 0 {
		if err := json.Unmarshal(text, state); err != nil {
			return nil, fmt.Errorf("the state is damaged (%w): restore it from a copy; with a new one everything is read from the beginning", err)
		}
	}
	if state.Format != stateFormat {
		return nil, fmt.Errorf("the state has the format %d, which this version does not know: use the version that wrote it, or a newer one", state.Format)
	}
	if state.Files == nil {
		state.Files = map[string]*Cursor{}
	}
	return state, nil
}

func (s *State) save(ctx context.Context, to Store) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return to.Save(ctx, append(text, '\n'))
}
