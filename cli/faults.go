package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// printFaults shows each fault with the line it is on and a caret under the
// place.
func printFaults(w io.Writer, faults syntax.Faults, files []engine.File) {
	lines := map[string][]string{}
	for _, f := range files {
		lines[f.Name] = strings.Split(strings.TrimPrefix(string(f.Text), "\ufeff"), "\n")
	}
	for _, f := range faults {
		fmt.Fprintln(w, f.Error())
		if n := f.Pos.Line; n >= 1 && n <= len(lines[f.Pos.File]) {
			printCaret(w, strings.TrimRight(lines[f.Pos.File][n-1], "\r"), f.Pos.Col)
		}
	}
}

// printCaret keeps tabs in the margin, so that the caret stands under its place
// whatever their width.
func printCaret(w io.Writer, line string, col int) {
	const widest = 200
	runes := []rune(line)
	if len(runes) > widest {
		return
	}
	margin := make([]rune, 0, col)
	for i := 0; i < col-1; i++ {
		if i < len(runes) && runes[i] == '\t' {
			margin = append(margin, '\t')
		} else {
			margin = append(margin, ' ')
		}
	}
	fmt.Fprintf(w, "    %s\n    %s^\n", line, string(margin))
}

// compile compiles mappings; faults are printed and end the command with 2.
func (a *app) compile(files []engine.File, o engine.Options) (*engine.Engine, error) {
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
