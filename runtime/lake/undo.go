package lake

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Undone says where the rows of a plan's objects are after the plan was undone.
type Undone struct {
	// Attempt is that of who undid it, from 0. The objects of other attempts are left
	// over: their names begin with the mark of an attempt that is not this one.
	Attempt int `json:"attempt"`
	// Objects have the rows of each object of the plan, by its name.
	Objects map[string][]ManifestObject `json:"objects"`
}

// readUndo reads what the notes say of undoing the plan.
func (c *Compaction) readUndo(notes map[string][]byte) error {
	for notes[c.note(undoOf(c.Undos))] != nil {
		c.Undos++
	}
	text, ok := notes[c.note("undone")]
	if !ok {
		return nil
	}
	c.Undone = new(Undone)
	if err := json.Unmarshal(text, c.Undone); err != nil {
		return damagedNote(c.note("undone"), c.Folder, err)
	}
	return nil
}

func (c *Compaction) note(what string) string { return noteOf(c.Folder, c.Number, what) }

func undoOf(attempt int) string { return fmt.Sprintf("undo-%d", attempt) }

// BeginUndo notes that the plan is about to be undone, and returns the number of the
// attempt. From then on nobody joins the plan's results with others.
func (c *Compaction) BeginUndo(ctx context.Context, l Ledger, by string) (attempt int, err error) {
	for {
		attempt, c.Undos = c.Undos, c.Undos+1
		there, err := l.Note(ctx, c.note(undoOf(attempt)), []byte(by))
		if err != nil || string(there) == by {
			return attempt, err
		}
	}
}

// FinishUndo notes where the rows are, unless somebody has noted that before.
func (c *Compaction) FinishUndo(ctx context.Context, l Ledger, u Undone) error {
	text, _ := json.Marshal(u) // texts and numbers can always be marshalled
	there, err := l.Note(ctx, c.note("undone"), text)
	if err == nil {
		c.Undone = nil
		err = c.readUndo(map[string][]byte{c.note("undone"): there})
	}
	return err
}

// Part returns the name of an object that an attempt to undo the plan makes of the rows
// that an object of this name had. It begins with the Mark of the attempt.
func (c *Compaction) Part(attempt int, name string, ordinal int) string {
	return c.Mark(attempt) + Digest("part", name, fmt.Sprint(ordinal))[:markLength]
}

// Mark is what the names of all objects of an attempt begin with.
func (c *Compaction) Mark(attempt int) string {
	return Digest("undo", c.ID(), fmt.Sprint(attempt))[:markLength]
}

const markLength = 16

// RowDigests has the digests of the rows that each object of a plan had, in ascending
// order, by the object's name. They tell the rows apart once they are joined.
type RowDigests map[string][]uint64

const (
	rowsFormat = "sluice rows 1\n"
	// rowsPiece bounds the texts of a note.
	rowsPiece = 32 << 20
)

// rows is the folder of the notes with the RowDigests. It is apart from the other notes,
// since every run reads those.
func (c *Compaction) rows() string { return c.note("rows") }

// NoteRows notes the digests of the rows, before the Result.
func (c *Compaction) NoteRows(ctx context.Context, l Ledger, rows RowDigests) error {
	text := []byte(rowsFormat)
	for _, name := range c.Names {
		text = binary.AppendUvarint(text, uint64(len(rows[name])))
		for _, d := range rows[name] {
			text = binary.LittleEndian.AppendUint64(text, d)
		}
	}
	for piece := 0; len(text) > 0; piece++ {
		n := min(rowsPiece, len(text))
		if _, err := l.Note(ctx, fmt.Sprintf("%s/%03d", c.rows(), piece), text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// Rows returns what NoteRows noted, nil if a version noted nothing.
func (c *Compaction) Rows(ctx context.Context, l Ledger) (RowDigests, error) {
	notes, err := l.Notes(ctx, c.rows())
	if err != nil || len(notes) == 0 {
		return nil, err
	}
	var text []byte
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		text = append(text, notes[key]...)
	}
	rows, err := parseRows(text, c.Names)
	if err != nil {
		return nil, damagedNote(c.rows(), c.Folder, err)
	}
	return rows, nil
}

var errRows = errors.New("it ends early")

func parseRows(text []byte, names []string) (RowDigests, error) {
	rest, ok := strings.CutPrefix(string(text), rowsFormat)
	if !ok {
		return nil, errors.New("its format is not known")
	}
	text = []byte(rest)
	rows := RowDigests{}
	for _, name := range names {
		n, size := binary.Uvarint(text)
		if size <= 0 || n > uint64(len(text)-size)/8 {
			return nil, errRows
		}
		text = text[size:]
		all := make([]uint64, n)
		for i := range all {
			all[i] = binary.LittleEndian.Uint64(text[8*i:])
		}
		rows[name], text = all, text[8*n:]
	}
	if len(text) > 0 {
		return nil, errors.New("it continues past its end")
	}
	return rows, nil
}
