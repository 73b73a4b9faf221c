package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write THIRD_PARTY_LICENSES.txt anew")

// license is what files with licenses and notices are called.
var license = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)(\.(txt|md|code))?$`)

// THIRD_PARTY_LICENSES.txt has every license and notice of every module that is
// compiled into the function or the command, and of Go itself, and no others.
func TestLicensesAreComplete(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	var all bytes.Buffer
	fmt.Fprint(&all, "The programs of sluice have parts of others in them. These are their licenses.\n")
	texts := &texts{of: map[string][]string{}}
	texts.add(t, "The Go programming language", goroot(t))
	for _, m := range modules(t) {
		texts.add(t, m[0]+" "+m[1], m[2])
	}
	for _, text := range texts.order {
		fmt.Fprintf(&all, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 78), strings.Join(texts.of[text], "\n"), text)
	}
	if *update {
		if err := os.WriteFile("THIRD_PARTY_LICENSES.txt", all.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(all.Bytes(), licenses) {
		t.Error("THIRD_PARTY_LICENSES.txt is not that of the modules: run go test ./lambda/pack -run Licenses -update")
	}
}

// modules are path, version and folder of what the programs are made of, on any system
// that they are built for.
func modules(t *testing.T) (all [][3]string) {
	t.Helper()
	for _, system := range []string{"linux/arm64", "linux/amd64", "darwin/arm64", "windows/amd64"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if .Version}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "../../cli/sluice", "../bootstrap")
		goos, arch, _ := strings.Cut(system, "/")
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(out), "\n") {
			if parts := strings.Split(line, "\t"); len(parts) == 3 && !slices.Contains(all, [3]string(parts)) {
				all = append(all, [3]string(parts))
			}
		}
	}
	slices.SortFunc(all, func(a, b [3]string) int { return strings.Compare(a[0], b[0]) })
	return all
}

// goroot is the folder of the Go that compiles.
func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// texts are licenses, each once, with the modules that have it.
type texts struct {
	order []string
	of    map[string][]string
}

// add adds the licenses in the folder of a module.
func (all *texts) add(t *testing.T, title, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !license.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found = found || !strings.HasPrefix(strings.ToLower(e.Name()), "notice")
		license := string(bytes.TrimSpace(text))
		if all.of[license] == nil {
			all.order = append(all.order, license)
		}
		all.of[license] = append(all.of[license], title+": "+e.Name())
	}
	if !found {
		t.Errorf("%s has no license in %s", title, dir)
	}
}
