package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/source"
)

// notOutputs leaves out inputs that lie where this run writes and were found only
// because a folder around them was named: `sluice run .` must not read the lake in
// ./lake, nor its rejects. An output, or something in it, that is named itself is
// meant: rejects are run again that way.
func (a *app) notOutputs(ctx context.Context, f *runFlags, args []string, inputs []source.Input) ([]source.Input, error) {
	folders := outputs(f)
	outs, named := make([]string, len(folders)), make([][]string, len(folders))
	for i, folder := range folders {
		outs[i], named[i] = place(folder), namedIn(folder, args)
	}
	placeOf := placer()
	// lies returns the folder that an input is left out for, -1 for none.
	lies := func(in source.Input) int {
		if in.Size < 0 {
			return -1
		}
		at := placeOf(in)
		for i := range folders {
			if within(at, outs[i]) && !withinAny(at, named[i]) {
				return i
			}
		}
		return -1
	}
	found := leftOut{folders: folders, files: make([]int, len(folders))}
	f.leftOut = leftOut{folders: folders, files: make([]int, len(folders))}
	kept := inputs[:0:0]
	for _, in := range inputs {
		if in.Listing != nil {
			in.Listing = in.Listing.Select(func(in source.Input) bool { return f.leftOut.keeps(lies(in)) })
			kept = append(kept, in)
		} else if found.keeps(lies(in)) {
			kept = append(kept, in)
		}
	}
	found.say(a)
	return kept, a.someInput(ctx, f, inputs, kept)
}

// someInput returns an error if no input is left to read.
func (a *app) someInput(ctx context.Context, f *runFlags, inputs, kept []source.Input) error {
	some, err := source.AnyIn(ctx, kept)
	if !some && err == nil {
		if some, err = source.AnyIn(ctx, inputs); some {
			f.leftOut.say(a)
			return errors.New("nothing was read or written: there is no input except what runs have written")
		}
	}
	f.leftOut.files = make([]int, len(f.leftOut.files)) // the run lists them again
	if err != nil {
		return fmt.Errorf("nothing was read or written: %w", err)
	}
	return nil
}

// leftOut counts files that lie where a run writes.
type leftOut struct {
	folders []string
	files   []int // of each folder
}

// keeps counts an input that lies in one of the folders, and reports whether it lies in none.
func (l *leftOut) keeps(folder int) bool {
	if folder >= 0 {
		l.files[folder]++
	}
	return folder < 0
}

func (l *leftOut) say(a *app) {
	for i, n := range l.files {
		if n > 0 {
			printf(a.Err, "left out %s in %s, where this run writes; to read what is there, name it\n", plural(n, "file"), l.folders[i])
		}
	}
}

// notForeign leaves out files that hold no JSON and were only found because a
// folder around them was named. It returns their names.
func (a *app) notForeign(ctx context.Context, s *source.Selection, inputs []source.Input) (kept []source.Input, foreign []string, err error) {
	if len(s.Include)+len(s.Exclude) > 0 {
		switch some, err := source.AnyIn(ctx, inputs); {
		case err != nil:
			return nil, nil, fmt.Errorf("nothing was read or written: %w", err)
		case !some:
			return nil, nil, errors.New("nothing was read or written: --include and --exclude leave no file to read")
		}
	}
	kept, foreign = source.Foreign(ctx, inputs)
	if len(foreign) > 0 {
		printf(a.Err, "skipped %s without JSON: %s; name a file to read it anyway\n", plural(len(foreign), "file"), shorten(foreign))
		if len(kept) == 0 {
			return nil, nil, errors.New("nothing was read or written: no file holds JSON")
		}
	}
	return kept, foreign, nil
}

// outputs are the folders that the run fills.
func outputs(f *runFlags) []string {
	folders := []string{f.Rejects}
	for _, root := range []string{f.Out, f.OCSFJSON} {
		switch {
		case root == "" || root == "-":
		case s3.Is(root):
			folders = append(folders, strings.TrimSuffix(root, "/")+"/ext")
		default:
			folders = append(folders, filepath.Join(root, "ext"))
		}
	}
	return folders
}

// namedIn returns the arguments that lie in a folder. Of a glob the part before its
// first wildcard counts.
func namedIn(folder string, args []string) (named []string) {
	for _, arg := range args {
		if i := strings.IndexAny(arg, "*?["); i >= 0 && !s3.Is(arg) {
			arg = filepath.Dir(arg[:i] + "x")
		}
		if at := place(arg); within(at, place(folder)) {
			named = append(named, at)
		}
	}
	return named
}

// place is the one name of a path, whatever links lead to it. A part that does not
// exist yet stays as it is.
func place(path string) string {
	if s3.Is(path) {
		return strings.TrimSuffix(path, "/")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(place(parent), filepath.Base(path))
}

// placer returns what gives the place of one input after another. A file that a folder
// contributed is not a link, so it lies where the one before it in that folder does. Only one
// goroutine at a time may call it.
func placer() func(source.Input) string {
	var folder, at string
	return func(in source.Input) string {
		if !in.Listed || in.Remote {
			return place(in.Name)
		}
		if dir := filepath.Dir(in.Name); at == "" || dir != folder {
			folder, at = dir, place(dir)
		}
		return filepath.Join(at, filepath.Base(in.Name))
	}
}

func within(path, folder string) bool {
	if path == folder {
		return true
	}
	rest, ok := strings.CutPrefix(path, strings.TrimRight(folder, `/\`))
	return ok && (rest[0] == '/' || rest[0] == filepath.Separator)
}

func withinAny(path string, folders []string) bool {
	for _, folder := range folders {
		if within(path, folder) {
			return true
		}
	}
	return false
}

// emptyFolders warns about folders among the arguments that gave no inputs. A
// folder whose files were all named before is not empty.
func emptyFolders(args []string, inputs []source.Input) []string {
	var warnings []string
	for _, arg := range args {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			continue
		}
		if slices.ContainsFunc(inputs, func(in source.Input) bool { return within(filepath.Clean(in.Name), filepath.Clean(arg)) }) {
			continue
		}
		if found, err := source.Expand([]string{arg}, nil); err == nil && len(found) == 0 {
			warnings = append(warnings, arg+": there are no files in this folder; hidden ones are not read")
		}
	}
	return warnings
}
