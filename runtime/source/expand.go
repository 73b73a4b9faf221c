package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Expand turns the arguments of a command into inputs, in the order of the
// arguments: a file, a folder (read recursively, in the order of names, without
// hidden entries and whatever is not a file), a glob, or "-" for stdin. A name
// that exists is that file, even if it could be read as a glob. A symbolic link is
// followed when it is named itself: whoever may write in a folder could else have
// any file of this machine read. A file or folder that comes up again, under any
// name, is left out. A named pipe or device is read only when it is named itself.
//
// The error joins all faults of all arguments; there are no inputs then.
// Addresses of S3 are a fault here: whoever can read them removes them before.
func Expand(args []string, stdin io.Reader) ([]Input, error) {
	return Selection{}.Expand(args, stdin)
}

// Expand is the function Expand that leaves out what is not selected.
func (s Selection) Expand(args []string, stdin io.Reader) ([]Input, error) {
	x := expansion{selection: s, stdin: stdin}
	for _, arg := range args {
		x.argument(arg)
	}
	x.open()
	if len(x.faults) > 0 {
		return nil, errors.Join(x.faults...)
	}
	return x.inputs, nil
}

// noInput is the number of what is not a file to read from its name.
const noInput = -1

type expansion struct {
	selection  Selection
	stdin      io.Reader
	stdinTaken bool
	inputs     []Input
	seen       seenFiles // files by the place of their input, others as noInput
	faults     []error
	top        *folder // that was named, or in which a glob begins
}

func (x *expansion) fault(format string, args ...any) {
	x.faults = append(x.faults, fmt.Errorf(format, args...))
}

func (x *expansion) argument(arg string) {
	switch arg {
	case "":
		x.fault("an empty file name: name a file, a folder, a glob, or - for stdin")
		return
	case "-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0":
		x.standardInput()
		return
	}
	if strings.HasPrefix(arg, "s3://") {
		x.fault("%s: objects of S3 cannot be read here: copy the object to a local file and name that", arg)
		return
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice) != 0:
		x.stream(arg, info)
	case err == nil && info.Mode()&fs.ModeSocket != 0:
		x.fault("%s: a socket cannot be read as a file: pipe its data to sluice and name -", arg)
	case err == nil && info.Mode().IsRegular():
		x.file(arg, info, false)
	case err == nil:
		x.top = &folder{path: arg}
		x.entry(arg, "", info)
	case strings.ContainsAny(arg, `*?[`):
		x.glob(arg)
	default:
		x.faults = append(x.faults, pathFault(arg, err))
	}
}

// standardInput notes the file behind stdin too, so that `- FILE < FILE` is
// read once; but not one whose start somebody has already read, because then the
// two differ.
func (x *expansion) standardInput() {
	if x.stdin == nil {
		x.fault("-: there is no standard input here: name a file")
		return
	}
	if x.stdinTaken {
		return
	}
	x.stdinTaken = true
	if f, ok := x.stdin.(*os.File); ok {
		info, err := f.Stat()
		if err == nil && (!info.Mode().IsRegular() || atStart(f)) && !x.seen.add(info, noInput) {
			return
		}
	}
	x.inputs = append(x.inputs, stdinInput(x.stdin))
}

func atStart(f *os.File) bool {
	at, err := f.Seek(0, io.SeekCurrent)
	return err == nil && at == 0
}

// glob follows the shells: a wildcard at the start of a name matches no hidden
// name. What it finds counts like what a folder holds.
func (x *expansion) glob(pattern string) {
	if strings.Contains(pattern, "**") {
		x.fault("%s: ** is not supported in globs: name the folder, which is read with all folders in it", pattern)
		return
	}
	names, err := filepath.Glob(pattern)
	if err != nil {
		x.fault("%s: this glob is malformed (%w): close each [ with a ]", pattern, err)
		return
	}
	matched := false
	x.top = &folder{path: globFolder(pattern)}
	for _, name := range names {
		if hiddenMatch(pattern, name) {
			continue
		}
		matched = true
		if link := linkBelow(x.top.path, filepath.Dir(name)); link != "" {
			x.selection.leftOut(link)
			continue
		}
		x.stat(name, filepath.Base(name))
	}
	if !matched {
		x.fault("%s: no file matches this glob: check the folder and the pattern", pattern)
	}
}

// globFolder is the folder that a pattern names before its first wildcard.
func globFolder(pattern string) string {
	if i := strings.IndexAny(pattern, `*?[`); i >= 0 {
		pattern = pattern[:i] + "x"
	}
	return filepath.Dir(pattern)
}

// linkBelow returns the first link on the way from a folder to one below it, "" if
// there is none.
func linkBelow(top, dir string) string {
	inside, err := filepath.Rel(top, dir)
	if err != nil || inside == "." {
		return ""
	}
	at := top
	for _, step := range strings.Split(inside, string(filepath.Separator)) {
		at = filepath.Join(at, step)
		if info, err := os.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return at
		}
	}
	return ""
}

// hiddenMatch compares from the end, because Glob returns cleaned names, which
// may be shorter than the pattern at the front (./a*).
func hiddenMatch(pattern, name string) bool {
	p, n := strings.Split(filepath.ToSlash(pattern), "/"), strings.Split(filepath.ToSlash(name), "/")
	for len(p) > 0 && len(n) > 0 {
		if strings.HasPrefix(n[len(n)-1], ".") && !strings.HasPrefix(p[len(p)-1], ".") {
			return true
		}
		p, n = p[:len(p)-1], n[:len(n)-1]
	}
	return false
}

// stat takes what a folder or a glob found. below is its path below that.
func (x *expansion) stat(name, below string) {
	if x.selection.excludes(below) {
		return
	}
	info, err := os.Lstat(name)
	switch {
	case err != nil:
		x.faults = append(x.faults, pathFault(name, err))
	case info.Mode()&fs.ModeSymlink != 0:
		x.selection.leftOut(name)
	default:
		x.entry(name, below, info)
	}
}

func (x *expansion) entry(name, below string, info fs.FileInfo) {
	switch {
	case info.IsDir():
		x.folder(name, below, info)
	case info.Mode().IsRegular() && x.selection.includes(below):
		x.file(name, info, true)
	}
}

func (x *expansion) folder(name, below string, info fs.FileInfo) {
	if !x.seen.add(info, noInput) {
		return
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		x.faults = append(x.faults, pathFault(name, err))
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			x.stat(filepath.Join(name, e.Name()), filepath.Join(below, e.Name()))
		}
	}
}

func (x *expansion) file(name string, info fs.FileInfo, listed bool) {
	if !x.seen.add(info, len(x.inputs)) {
		if i, _ := x.seen.find(info); !listed && i != noInput && i < len(x.inputs) {
			x.inputs[i].Listed = false // it is named itself, too
		}
		return
	}
	open := os.Open
	if listed {
		open = x.top.open
	}
	in := fileInput(name, info.Size(), info.ModTime(), open)
	in.Listed = listed
	x.inputs = append(x.inputs, in)
}

// open opens each file once to see whether it can be opened, so that all faults are reported
// together and before anything is written, and how it begins.
func (x *expansion) open() {
	faults := make([]error, len(x.inputs))
	abreast(len(x.inputs), func(i int) {
		in := &x.inputs[i]
		if in.Size < 0 {
			return // a stream
		}
		f, err := in.Open(context.Background())
		if err != nil {
			faults[i] = pathFault(in.Name, err)
			return
		}
		in.object = in.Listed && beginsObject(f)
		f.Close() // only read
	})
	for _, err := range faults {
		if err != nil {
			x.faults = append(x.faults, err)
		}
	}
}

func (x *expansion) stream(name string, info fs.FileInfo) {
	if x.seen.add(info, noInput) {
		x.inputs = append(x.inputs, fileInput(name, -1, time.Now(), os.Open))
	}
}
