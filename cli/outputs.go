package cli

import (
	"context"
	"errors"
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
func (a *app) notOutputs(f *runFlags, args []string, inputs []source.Input) ([]source.Input, error) {
	places := make(map[string]string, len(inputs))
	for _, in := range inputs {
		places[in.Name] = place(in.Name)
	}
	for _, folder := range outputs(f) {
		out, named := place(folder), namedIn(folder, args)
		kept := inputs[:0:0]
		for _, in := range inputs {
			if at := places[in.Name]; in.Size < 0 || !within(at, out) || withinAny(at, named) {
				kept = append(kept, in)
			}
		}
		if n := len(inputs) - len(kept); n > 0 {
			printf(a.Err, "left out %s in %s, where this run writes; to read what is there, name it\n", plural(n, "file"), folder)
			if len(kept) == 0 {
				return nil, errors.New("nothing was read or written: there is no input except what runs have written")
			}
		}
		inputs = kept
	}
	return inputs, nil
}

// notForeign leaves out files that hold no JSON and were only found because a
// folder around them was named. It returns their names.
func (a *app) notForeign(ctx context.Context, s *source.Selection, inputs []source.Input) (kept []source.Input, foreign []string, err error) {
	if len(inputs) == 0 && len(s.Include)+len(s.Exclude) > 0 {
		return nil, nil, errors.New("nothing was read or written: --include and --exclude leave no file to read")
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
