package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// printFaults shows each fault with the line it is on and a caret under the
// place.
func printFaults(w io.Writer, faults syntax.Faults, files []engine.File) {
	lines := sourceLines(files)
	for _, f := range faults {
		printf(w, "%s\n", f)
		lines.show(w, f.Pos)
	}
}

// sources are the lines of mapping files and of what they include.
type sources map[string][]string

func sourceLines(files []engine.File) sources {
	lines := sources{}
	for _, f := range files {
		lines[f.Name] = syntax.Lines(string(f.Text))
		for name, included := range f.Includes {
			lines[name] = syntax.Lines(string(included.Text))
		}
	}
	return lines
}

// show prints the line of a place with a caret under it.
func (s sources) show(w io.Writer, at syntax.Pos) {
	if n := at.Line; n >= 1 && n <= len(s[at.File]) {
		printCaret(w, s[at.File][n-1], at.Col)
	}
}

// printCaret shows a line and puts a caret under the character at a column.
func printCaret(w io.Writer, line string, col int) {
	const widest = 200
	if len(line) > widest*utf8.UTFMax {
		return
	}
	runes := []rune(line)
	if len(runes) > widest || strings.TrimSpace(line) == "" {
		return
	}
	before := min(max(col-1, 0), len(runes))
	margin := utf8.RuneCountInString(string(cleaned(string(runes[:before])))) + max(col-1-before, 0)
	printf(w, "    %s\n    %s^\n", line, strings.Repeat(" ", margin))
}

// compile compiles mappings. It prints faults and returns an error of exit code 2.
func (a *app) compile(files []engine.File, o engine.Options) (*engine.Engine, error) {
	o.Lean = true
	e, err := engine.Compile(files, o)
	var faults syntax.Faults
	if errors.As(err, &faults) {
		printFaults(a.Err, faults, files)
		return nil, usagef("the mapping has %s: nothing was read or written", plural(len(faults), "fault"))
	}
	return e, usage(err)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
