package source

import (
	"io"
	"os"
	"path/filepath"
	"strings"
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
	x := expansion{seen: seenFiles{}}
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
	if len(x.faults) != 3 || len(x.inputs) != 0 {
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
