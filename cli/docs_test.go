package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

const testingPage = "../docs/testing.md"

var fenced = regexp.MustCompile("(?s)```(\\S+)( \\S+)?\n(.*?)```\n")

// The files of the page and its commands do what the page says.
func TestTestingPage(t *testing.T) {
	if commands := followPage(t, testingPage); commands < 3 {
		t.Errorf("only %d commands", commands)
	}
}

// So do the test and the commands of the page for users of VRL and Bloblang.
func TestFromPage(t *testing.T) {
	if commands := followPage(t, "../docs/from-vrl-and-bloblang.md"); commands < 2 {
		t.Errorf("only %d commands", commands)
	}
}

// The recipes do what they say, one after another.
func TestRecipes(t *testing.T) {
	if commands := followPage(t, "../docs/recipes.md"); commands < 12 {
		t.Errorf("only %d commands", commands)
	}
}

// README's commands print what README shows.
func TestReadme(t *testing.T) {
	if commands := followPage(t, "../README.md"); commands < 6 {
		t.Errorf("only %d commands", commands)
	}
}

// followPage does what a reader does, in an empty folder: it writes the blocks
// that have a file name, and the here-documents, and runs the commands of the
// console blocks. It returns how many it ran.
func followPage(t *testing.T, name string) int {
	t.Helper()
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	commands := 0
	for _, m := range fenced.FindAllStringSubmatch(string(page), -1) {
		language, file, text := m[1], strings.TrimSpace(m[2]), m[3]
		switch {
		case file != "":
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		case language == "sh" && strings.Contains(text, "<<'END'"):
			shell(t, text)
		case language == "console":
			for _, part := range strings.Split("\n"+text, "\n$ ")[1:] {
				command, want, _ := strings.Cut(part, "\n")
				commands++
				prints(t, command, strings.TrimSuffix(want, "\n"))
			}
		}
	}
	return commands
}

// shell runs what is not a command of sluice and returns what it prints.
func shell(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// prints runs a command and compares. A line of `…` stands for any lines, `…`
// inside a line for the rest of a word or more. An event may be laid out, and
// messages may be shown behind the output or left out.
func prints(t *testing.T, command, want string) {
	t.Helper()
	var out, messages bytes.Buffer
	if args, ok := strings.CutPrefix(command, "sluice "); ok {
		Run(context.Background(), words(args), Streams{strings.NewReader(""), &out, &messages}, func(string) string { return "" })
	} else {
		out.WriteString(shell(t, command))
	}
	got := strings.TrimSuffix(out.String(), "\n")
	if strings.HasPrefix(want, "{") {
		if !sameJSON(t, want, got) {
			t.Errorf("%s\n%s%s\nthe page has\n%s", command, got, messages.String(), want)
		}
		return
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want+"\n"), "…\n", "(?s:.*)")
	pattern = "^" + strings.ReplaceAll(pattern, "…", ".*") + "$"
	all := strings.TrimPrefix(got+"\n"+strings.TrimSuffix(messages.String(), "\n"), "\n")
	if like := regexp.MustCompile(pattern); !like.MatchString(got+"\n") && !like.MatchString(all+"\n") {
		t.Errorf("%s\n%s\nthe page has\n%s", command, all, want)
	}
}

var word = regexp.MustCompile(`(?:[^\s']|'[^']*')+`)

// words splits a command as a shell does that knows single quotes and nothing else.
func words(command string) []string {
	all := word.FindAllString(command, -1)
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], "'", "")
	}
	return all
}

func sameJSON(t *testing.T, want, got string) bool {
	t.Helper()
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("the page: %v", err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	return reflect.DeepEqual(w, g)
}

// Law: every field of the JSON that explain and test print is on the page.
func TestTestingPageHasEveryField(t *testing.T) {
	page, err := os.ReadFile(testingPage)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	fields := 0
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				fields++
				if !strings.Contains(string(page), "`"+name+"`") {
					t.Errorf("%s has no field %s", testingPage, name)
				}
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[explanationJSON]())
	walk(reflect.TypeFor[reportJSON]())
	if fields < 40 {
		t.Errorf("only %d fields", fields)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	code    = regexp.MustCompile("(?s)```.*?\n```|`[^`\n]*`")
)

// Every link of every page leads to a file of the repository, and its anchor
// to a heading there. Addresses on the network are not tried.
func TestLinks(t *testing.T) {
	links := 0
	err := filepath.WalkDir("..", func(name string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := entry.Name(); entry.IsDir() && (base == "node_modules" || len(base) > 2 && base[0] == '.') {
			return filepath.SkipDir
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		page, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(page), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			if why := leadsNowhere(name, m[1]); why != "" {
				t.Errorf("%s: the link %s %s", name, m[1], why)
			}
		}
		return nil
	})
	if err != nil || links < 40 {
		t.Errorf("only %d links: %v", links, err)
	}
}

func leadsNowhere(page, target string) string {
	file, anchor, _ := strings.Cut(target, "#")
	if file != "" {
		page = filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
	}
	info, err := os.Stat(page)
	if err != nil {
		return "leads to no file"
	}
	if anchor == "" {
		return ""
	}
	if info.IsDir() {
		return "has an anchor in a folder"
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err.Error()
	}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		if anchorOf(m[1]) == anchor {
			return ""
		}
	}
	return "leads to no heading"
}

// anchorOf makes an anchor of a heading as GitHub does.
func anchorOf(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// The tour names every package that the import rules have, by its path or the
// last two parts of it, but for programs and what only tests use.
func TestArchitecturePage(t *testing.T) {
	page, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile("../.ci/imports.sh")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(rules), "\npackages='\n")
	table, _, ok := strings.Cut(table, "\n'\n")
	if !ok {
		t.Fatal(".ci/imports.sh has no table of packages")
	}
	small := regexp.MustCompile(`^(engine/ocsf/gen|.*/s3test|cli/sluice|lambda/bootstrap|lambda/pack|runtime/wasm/guest)$`)
	for _, line := range strings.Split(table, "\n") {
		name, _, _ := strings.Cut(line, " ")
		short := name
		if parts := strings.Split(name, "/"); len(parts) > 2 {
			short = strings.Join(parts[len(parts)-2:], "/")
		}
		if !small.MatchString(name) && !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), "`"+short+"`") {
			t.Errorf("docs/architecture.md does not say what %s does", name)
		}
	}
}
