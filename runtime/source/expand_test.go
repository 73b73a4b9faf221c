package source

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree makes files under a new folder and works in that: a name that ends with
// a slash is a folder, and `name -> target` a link.
func tree(t *testing.T, names ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range names {
		name, target, link := strings.Cut(name, " -> ")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case link:
			err = os.Symlink(target, name)
		case !strings.HasSuffix(name, "/"):
			err = os.WriteFile(name, []byte(name), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func names(ins []Input) (names []string) {
	for _, in := range ins {
		names = append(names, in.Name)
	}
	return names
}

func TestExpand(t *testing.T) {
	all := []string{
		"b.json", "b/z.json", "b/a.json.gz", "b/.hidden", "b/.git/x", "a.json", "[1].json", "1.json", ".own", "empty/",
		"deep/2/x", "deep/10/x", "deep/10.json", "deep/up -> ..", "deep/self -> .", "deep/b -> ../b", "deep/c.json -> ../a.json",
	}
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"nothing", nil, nil},
		{"a file", []string{"./a.json"}, []string{"./a.json"}},
		{"a folder", []string{"b"}, []string{"b/a.json.gz", "b/z.json"}},
		{"an empty folder", []string{"empty"}, nil},
		{"hidden, but named", []string{"b/.hidden", "b/.git"}, []string{"b/.hidden", "b/.git/x"}},
		{"order of arguments", []string{"b.json", "a.json"}, []string{"b.json", "a.json"}},
		{"a glob", []string{"*.json"}, []string{"1.json", "[1].json", "a.json", "b.json"}},
		{"a glob with a folder", []string{"./b*"}, []string{"b/a.json.gz", "b/z.json", "b.json"}},
		{"hidden in a glob", []string{"b/*"}, []string{"b/a.json.gz", "b/z.json"}},
		{"hidden wanted by a glob", []string{".o*", "b/.h*"}, []string{".own", "b/.hidden"}},
		{"a file named like a glob", []string{"[1].json"}, []string{"[1].json"}},
		{"named twice", []string{"a.json", "../*/a.json", "./a.json", "b", "b/z.json"}, []string{"a.json", "b/a.json.gz", "b/z.json"}},
		{"links and loops", []string{"deep", "b", "a.json"}, []string{
			"deep/10/x", "deep/10.json", "deep/2/x", "b/a.json.gz", "b/z.json", "a.json",
		}},
		{"links that are named", []string{"deep/c.json", "deep/b", "deep/b/*.gz", "deep/up/empty"}, []string{"deep/c.json", "deep/b/a.json.gz", "deep/b/z.json"}},
		{"links in a glob", []string{"deep/*.json", "deep/*/*.json", "*/b/z.json"}, []string{"deep/10.json"}},
		{"stdin among files", []string{"a.json", "-", "b.json", "/dev/stdin"}, []string{"a.json", "stdin", "b.json"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree(t, all...)
			ins, err := Expand(test.args, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, names(ins)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, in := range ins {
				if info, err := os.Stat(in.Name); err == nil && in.Size != info.Size() || err != nil && in.Size != -1 {
					t.Errorf("%s has the size %d", in.Name, in.Size)
				}
			}
		})
	}
}

func TestHardLinkIsReadOnce(t *testing.T) {
	tree(t, "alerts.json")
	if err := os.Link("alerts.json", "today.json"); err != nil {
		t.Fatal(err)
	}
	ins, err := Expand([]string{"."}, nil)
	if diff := cmp.Diff([]string{"alerts.json"}, names(ins)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestStdinThatIsANamedFile(t *testing.T) {
	for _, start := range []int64{0, 3} {
		tree(t, "alerts.json")
		stdin, err := os.Open("alerts.json")
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		if _, err := stdin.Seek(start, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		ins, err := Expand([]string{"-", "alerts.json"}, stdin)
		want := []string{"stdin"}
		if start > 0 { // then what stdin gives is not what the file holds
			want = append(want, "alerts.json")
		}
		if diff := cmp.Diff(want, names(ins)); err != nil || diff != "" {
			t.Errorf("start %d: %v (-want +got):\n%s", start, err, diff)
		}
	}
}

func TestAllFaultsTogether(t *testing.T) {
	tree(t, "a.json", "links/dead -> nowhere", "loop/self -> self")
	faults := map[string]string{
		"missing.json":   "missing.json: no such file or directory: check the name",
		"a.json/x":       "a.json/x: not a directory: check that it is",
		"*.gz":           "*.gz: no file matches this glob: check",
		"a.json/*":       "a.json/*: no file matches this glob",
		"[":              "[: this glob is malformed (syntax error in pattern): close",
		"**/*.json":      "**/*.json: ** is not supported in globs: name the folder",
		"s3://b/k":       "s3://b/k: objects of S3 cannot be read here",
		"":               "an empty file name: name a file",
		"links/dead":     "links/dead: no such file or directory: check the name",
		"loop/self":      "loop/self: too many levels of symbolic links: check",
		"-":              "-: there is no standard input here",
		"bad\x00name":    "invalid argument",
		"a.json/../none": "check",
	}
	args := []string{"a.json"}
	for arg := range faults {
		args = append(args, arg)
	}
	ins, err := Expand(args, nil)
	if err == nil || ins != nil {
		t.Fatalf("inputs %v, error %v", names(ins), err)
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != len(faults) {
		t.Errorf("%d faults, want %d:\n%v", got, len(faults), err)
	}
	for arg, want := range faults {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: no fault %q in:\n%v", arg, want, err)
		}
	}
}

func TestFileThatWentAway(t *testing.T) {
	tree(t, "a.json")
	ins, err := Expand([]string{"a.json"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove("a.json"); err != nil {
		t.Fatal(err)
	}
	want := "a.json: no such file or directory: check the name"
	if _, err := NewReader(t.Context(), ins[0], Options{}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestFolderThatCannotBeRead takes the folder and the file away after they were
// looked at, which simulates a missing permission and works for root too.
func TestFolderThatCannotBeRead(t *testing.T) {
	tree(t, "folder/a.json")
	x := expansion{top: &folder{path: "folder"}}
	folder, err := os.Stat("folder")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Stat("folder/a.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll("folder"); err != nil {
		t.Fatal(err)
	}
	x.entry("folder", "", folder)
	x.entry("folder/a.json", "a.json", file)
	x.stat("folder/a.json", "a.json")
	x.open()
	if len(x.faults) != 3 {
		t.Fatalf("faults %v", x.faults)
	}
	for i, name := range []string{"folder", "folder/a.json", "folder/a.json"} {
		if want := name + ": no such file or directory: check the name"; x.faults[i].Error() != want {
			t.Errorf("fault %v, want %s", x.faults[i], want)
		}
	}
	if got := pathFault("f", &os.PathError{Op: "open", Path: "x", Err: os.ErrPermission}).Error(); got != "f: permission denied: give this user the right to read it" {
		t.Errorf("a missing permission is reported as %s", got)
	}
}

// What folders and globs bring along by links is said and not read, also when a link
// takes the place of a file, or of a folder, behind the listing.
func TestLinksAreNotFollowed(t *testing.T) {
	tree(t, "secret/x", "in/a.json", "in/b/c.json", "in/link.json -> ../secret/x", "in/far -> ../secret", "in/dead -> nowhere")
	var links []string
	ins, err := Selection{Exclude: []string{"dead"}, Links: func(name string) { links = append(links, name) }}.Expand([]string{"in", "in/*/*"}, nil)
	if diff := cmp.Diff([]string{"in/a.json", "in/b/c.json"}, names(ins)); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"in/far", "in/link.json", "in/far"}, links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	for _, swap := range [][2]string{{"in/a.json", "../secret/x"}, {"in/b", "../secret"}, {"in/a.json", "b/c.json"}} {
		if err := os.RemoveAll(swap[0]); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(swap[1], swap[0]); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("secret/c.json", []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, in := range ins {
		if f, err := in.Open(t.Context()); err == nil {
			f.Close()
			t.Errorf("%s is read through a link", in.Name)
		}
	}
}

// What is read of a folder is what was found there, also when a link takes the place of the
// folder itself.
func TestAFolderIsTheOneThatWasListed(t *testing.T) {
	tree(t, "secret/a.json", "in/a.json")
	ins, err := Expand([]string{"in"}, nil)
	if err != nil || len(ins) != 1 {
		t.Fatal(ins, err)
	}
	write := func(name, text string) error { return os.WriteFile(name, []byte(text), 0o644) }
	if err := errors.Join(write("secret/a.json", "secret"), write("in/a.json", "mine"), os.Rename("in", "moved"), os.Symlink("secret", "in")); err != nil {
		t.Fatal(err)
	}
	f, err := ins[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := io.ReadAll(f); err != nil || string(text) != "mine" {
		t.Errorf("%q is read (%v)", text, err)
	}
}

// To tell alerts from what else a folder holds, nothing is opened that was seen to begin like an alert.
func TestAlertsAreOpenedOnceToBeFound(t *testing.T) {
	tree(t, "in/a.json", "in/b.json", "in/c.log", "in/d.json", "in/e.json")
	texts := map[string]string{"in/a.json": `{"id":"1"}`, "in/b.json": `[{"id":"1"}]`, "in/c.log": "a log\n", "in/d.json": "\n { \n\"id\":\"1\"}", "in/e.json": "{}"}
	for name, text := range texts {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ins, err := Expand([]string{"in"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	opened := map[string]bool{}
	for i := range ins {
		open, name := ins[i].Open, ins[i].Name
		ins[i].Open = func(ctx context.Context) (io.ReadCloser, error) {
			mu.Lock()
			defer mu.Unlock()
			opened[name] = true
			return open(ctx)
		}
	}
	read, foreign := Foreign(t.Context(), ins)
	if diff := cmp.Diff([]string{"in/c.log"}, foreign); diff != "" || len(read) != 4 {
		t.Errorf("%d are read; foreign (-want +got):\n%s", len(read), diff)
	}
	if diff := cmp.Diff(map[string]bool{"in/b.json": true, "in/c.log": true, "in/e.json": true}, opened); diff != "" {
		t.Errorf("opened again (-want +got):\n%s", diff)
	}
}
