package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

const testingPage = "../docs/testing.md"

var fenced = regexp.MustCompile("(?s)```(\\S+)( \\S+)?\n(.*?)```\n")

// The page's files and commands give what the page says; a line of `…` stands
// for any lines.
func TestTestingPage(t *testing.T) {
	page, err := os.ReadFile(testingPage)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	commands := 0
	for _, m := range fenced.FindAllStringSubmatch(string(page), -1) {
		name, text := strings.TrimSpace(m[2]), m[3]
		if name != "" {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		command, want, _ := strings.Cut(text, "\n")
		args, ok := strings.CutPrefix(command, "$ sluice ")
		if !ok {
			t.Fatalf("%q is neither a file nor a command", command)
		}
		commands++
		var out, messages bytes.Buffer
		Run(context.Background(), strings.Fields(args), Streams{strings.NewReader(""), &out, &messages}, func(string) string { return "" })
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…\n", "(?s:.*)")
		if !regexp.MustCompile("^" + pattern + "$").MatchString(out.String()) {
			t.Errorf("%s\n%s%s\nthe page has\n%s", command, out.String(), messages.String(), want)
		}
	}
	if commands < 3 {
		t.Errorf("only %d commands", commands)
	}
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
