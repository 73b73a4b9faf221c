package syntax

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a position in a mapping file. Line and Col count from 1; Col counts
// characters (code points), not bytes. The zero Pos is not a position.
type Pos struct {
	File      string
	Line, Col int
	// Use is the use of a part that a rule of the part belongs to: each use makes
	// rules of its own from the same text. It is nil outside of parts.
	Use *Use
}

func posAt(file string, line, col int) Pos { return Pos{File: file, Line: line, Col: col} }

func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Fault is an error in a mapping: where it is, what it is and how to fix it, in
// one or two sentences.
type Fault struct {
	Pos     Pos
	Message string
}

func (f Fault) Error() string { return f.Pos.String() + ": " + f.Message }

// Faults are all faults that were found. Use Err to return them as an error.
type Faults []Fault

// Add appends a fault.
func (fs *Faults) Add(p Pos, format string, args ...any) {
	*fs = append(*fs, Fault{p, fmt.Sprintf(format, args...)})
}

// Err returns the faults sorted by position and without repeats, or nil if there
// are none.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	sorted := slices.Clone(fs)
	slices.SortStableFunc(sorted, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return slices.Compact(sorted)
}

// Placed adds to the faults in parts where the part is used. Of those that
// several uses of a part have in common it keeps the first.
func (fs Faults) Placed() Faults {
	var out Faults
	seen := map[Fault]bool{}
	for _, f := range fs {
		use := f.Pos.Use
		f.Pos.Use = nil
		if use != nil && seen[f] {
			continue
		}
		seen[f] = true
		if use != nil {
			f.Message += " (" + use.String() + ")"
		}
		out = append(out, f)
	}
	return out
}

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}
