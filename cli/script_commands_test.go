package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands are what the scripts know beyond testscript's own commands.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"exits": exits, "summary": summary, "pack": pack, "cut": cut, "write": write, "line": longLine,
	"lake": lakeHas, "same": same, "lines": linesOf, "match": match,
}

func need(ts *testscript.TestScript, neg bool, args []string, n int, how string) {
	if neg || len(args) < n {
		ts.Fatalf("usage: %s", how)
	}
}

// exits runs a program that must end with an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "exits CODE PROGRAM ARGUMENT…")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("the exit code is %d, not %d", got, want)
	}
}

// summary holds what --json printed last to numbers: summary events=3 rejects=0.
func summary(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "summary stdout|stderr NAME=NUMBER…")
	s := map[string]any{}
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	ts.Check(json.Unmarshal([]byte(lines[len(lines)-1]), &s))
	for _, arg := range args[1:] {
		name, want, _ := strings.Cut(arg, "=")
		if got := fmt.Sprint(s[name]); got != want {
			ts.Fatalf("%s is %s, not %s", name, got, want)
		}
	}
}

// pack compresses a file and appends that to another.
func pack(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, "pack gzip|zstd FILE PACKED")
	var packed bytes.Buffer
	switch args[0] {
	case "gzip":
		w := gzip.NewWriter(&packed)
		_, err := w.Write([]byte(ts.ReadFile(args[1])))
		ts.Check(errors.Join(err, w.Close()))
	case "zstd":
		w, err := zstd.NewWriter(&packed)
		ts.Check(err)
		_, err = w.Write([]byte(ts.ReadFile(args[1])))
		ts.Check(errors.Join(err, w.Close()))
	default:
		ts.Fatalf("no packing is called %s", args[0])
	}
	appendTo(ts, args[2], packed.Bytes())
}

func appendTo(ts *testscript.TestScript, name string, data []byte) {
	f, err := os.OpenFile(ts.MkAbs(name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	ts.Check(err)
	_, err = f.Write(data)
	ts.Check(errors.Join(err, f.Close()))
}

// cut takes bytes off the end of a file.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "cut BYTES FILE")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text[:len(text)-n]), 0o666))
}

// write appends texts with Go's escapes to a file.
func write(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "write FILE TEXT…")
	appendTo(ts, args[0], nil)
	for _, arg := range args[1:] {
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(arg, `"`, `\"`) + `"`)
		ts.Check(err)
		appendTo(ts, args[0], []byte(text))
	}
}

// longLine appends an alert of that many MiB, as one line.
func longLine(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "line MIB FILE")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	appendTo(ts, args[1], []byte(`{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"},"full_log":"`+strings.Repeat("x", n<<20)+`"}`+"\n"))
}

// linesOf counts the lines of all files that a glob matches.
func linesOf(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "lines NUMBER GLOB")
	n := 0
	for _, name := range glob(ts, args[1]) {
		n += strings.Count(ts.ReadFile(name), "\n")
	}
	if strconv.Itoa(n) != args[0] {
		ts.Fatalf("%s has %d lines, not %s", args[1], n, args[0])
	}
}

// match wants (or, with !, does not want) a text in the files of a glob.
func match(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] match GLOB TEXT")
	}
	var all strings.Builder
	for _, name := range glob(ts, args[0]) {
		all.WriteString(ts.ReadFile(name))
	}
	if strings.Contains(all.String(), args[1]) == neg {
		ts.Fatalf("%s holds\n%s", args[0], all.String())
	}
}

func glob(ts *testscript.TestScript, pattern string) []string {
	names, err := filepath.Glob(ts.MkAbs(pattern))
	ts.Check(err)
	return names
}

// lakeHas counts objects and rows of a lake and holds each object to the
// demands of Security Lake; anything else below ext is a fault.
func lakeHas(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, "lake FOLDER OBJECTS ROWS")
	objects, rows, err := lakeFacts(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := []string{strconv.Itoa(objects), strconv.FormatInt(rows, 10)}; !slices.Equal(got, args[1:3]) {
		ts.Fatalf("the lake has %s objects and %s rows", got[0], got[1])
	}
}

// same wants two folders to hold the same files with the same bytes.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] same FOLDER FOLDER")
	}
	difference := differ(treeOf(ts.MkAbs(args[0])), treeOf(ts.MkAbs(args[1])))
	if (difference != "") != neg {
		ts.Fatalf("the folders differ: %q", difference)
	}
}
