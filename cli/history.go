package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Bounds of the history: lines that are kept, and the bytes of one that is.
const (
	mostHistory    = 1000
	longestHistory = 4 << 10
)

// history is the lines that were typed, in memory and in a file that only the user
// can read: lines may quote alerts. It is the History of a term.Terminal.
type history struct {
	name  string   // of the file, "" to keep none
	lines []string // the oldest first
	err   error    // why the file is not kept
}

// historyFile is the file of the history of a prompt, "" if it is not known where
// the user keeps such things.
func historyFile(getenv func(string) string, prompt string) string {
	dir := getenv("XDG_STATE_HOME")
	switch {
	case filepath.IsAbs(dir):
	case runtime.GOOS == "windows":
		dir = getenv("LocalAppData")
	case getenv("HOME") != "":
		dir = filepath.Join(getenv("HOME"), ".local", "state")
	}
	if !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "sluice", prompt+"_history")
}

// openHistory reads a file of history, which need not exist. When it has grown to
// twice what is kept, it is rewritten.
func openHistory(name string) *history {
	h := &history{name: name}
	if name == "" {
		return h
	}
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.give(err)
		return h
	}
	lines := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
	h.lines = lines[max(0, len(lines)-mostHistory):]
	if len(lines) >= 2*mostHistory {
		h.rewrite()
	}
	return h
}

// rewrite replaces the file by what is kept.
func (h *history) rewrite() {
	temporary, err := os.CreateTemp(filepath.Dir(h.name), filepath.Base(h.name)+".") // 0600
	if err != nil {
		h.give(err)
		return
	}
	w := bufio.NewWriter(temporary)
	for _, line := range h.lines {
		fmt.Fprintln(w, line) // Flush returns the error
	}
	err = errors.Join(w.Flush(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), h.name)
	}
	if err != nil {
		h.give(errors.Join(err, os.Remove(temporary.Name())))
	}
}

// give up on the file.
func (h *history) give(err error) {
	h.name, h.err = "", err
}

// Len is how many lines there are.
func (h *history) Len() int { return len(h.lines) }

// At returns a line, by how many were typed after it.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }

// Add keeps a line, unless it is blank, the one before again, begins with a blank, or
// is too long.
func (h *history) Add(line string) {
	switch {
	case strings.TrimSpace(line) == "", line[0] == ' ', len(line) > longestHistory,
		len(h.lines) > 0 && h.At(0) == line:
		return
	}
	h.lines = append(h.lines, line)
	if len(h.lines) > mostHistory {
		h.lines = h.lines[1:]
	}
	if h.name == "" {
		return
	}
	if err := appendLine(h.name, line); err != nil {
		h.give(err)
	}
}

func appendLine(name, line string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}
