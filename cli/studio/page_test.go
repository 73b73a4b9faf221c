package studio_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pageFile reads a file of the page.
func pageFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("page", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func scripts(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("page/*.js")
	if err != nil || len(names) < 5 {
		t.Fatal(err, names)
	}
	all := map[string]string{}
	for _, name := range names {
		all[filepath.Base(name)] = pageFile(t, filepath.Base(name))
	}
	return all
}

// found are the first groups of all matches, sorted, each once.
func found(text, pattern string) []string {
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Law: what the scripts look for in the page is there, once, and nothing waits there for a
// script that does not come.
func TestIdentifiers(t *testing.T) {
	html := pageFile(t, "index.html")
	joined := ""
	for _, text := range scripts(t) {
		joined += text
	}
	given := found(html, `id="([^"]+)"`)
	if all := regexp.MustCompile(`id="`).FindAllString(html, -1); len(all) != len(given) {
		t.Errorf("%d identifiers, %d of them different", len(all), len(given))
	}
	for _, id := range found(joined, `byId\("([a-z-]+)"\)`) {
		if !slices.Contains(given, id) {
			t.Errorf("a script looks for #%s", id)
		}
	}
	for _, id := range found(html, `aria-(?:controls|labelledby|describedby)="([^"]+)"`) {
		if !slices.Contains(given, id) {
			t.Errorf("the page names #%s", id)
		}
	}
	panels := found(html, `aria-controls="([^"]+)"`)
	for _, id := range given {
		used := strings.Contains(joined, `"`+id+`"`) || strings.Contains(html, `labelledby="`+id+`"`) || slices.Contains(panels, id)
		if !used && !strings.HasPrefix(id, "tab-") && id != "list" && id != "mapping" && id != "result" && id != "editor" {
			t.Errorf("nothing uses #%s", id)
		}
	}
}

// Law: the routes that the scripts ask are those that the server has.
func TestRoutes(t *testing.T) {
	c := serve(t, bench(t))
	joined, server := "", ""
	for _, text := range scripts(t) {
		joined += text
	}
	text, err := os.ReadFile("serve.go")
	if err != nil {
		t.Fatal(err)
	}
	server = string(text)
	asked := found(joined, `\bask\(\s*"([a-z]+)"`)
	if routes := found(server, `"POST /api/([a-z]+)"`); !slices.Equal(asked, routes) {
		t.Errorf("the scripts ask %q, the server has %q", asked, routes)
	}
	for _, route := range asked {
		if status, body, _ := c.do(c.request(http.MethodPost, "/api/"+route, `{"nothing":1}`)); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", route, status, body)
		}
	}
}

// Law: each name that a script imports is exported there, and used.
func TestImports(t *testing.T) {
	all := scripts(t)
	imports := regexp.MustCompile(`import \{ ([^}]+) \} from "\./([a-z]+\.js)";`)
	imported := map[string]bool{"main.js": true}
	for name, text := range all {
		if n := strings.Count(text, "\nimport "); n != len(imports.FindAllString(text, -1)) {
			t.Errorf("%s has %d imports, not all of them of names from files beside it", name, n)
		}
		for _, m := range imports.FindAllStringSubmatch(text, -1) {
			imported[m[2]] = true
			exported := found(all[m[2]], `export (?:async )?(?:const|function|class) ([A-Za-z]+)`)
			for _, what := range strings.Split(m[1], ", ") {
				if !slices.Contains(exported, what) {
					t.Errorf("%s imports %s, which %s does not have", name, what, m[2])
				}
				if len(regexp.MustCompile(`\b`+what+`\b`).FindAllString(text, -1)) < 2 {
					t.Errorf("%s imports %s and does not use it", name, what)
				}
			}
		}
	}
	for name := range all {
		if !imported[name] {
			t.Errorf("nobody imports %s", name)
		}
	}
}

// Law: the page loads nothing from elsewhere, has no script or style in it, and no script
// makes HTML or code of a text.
func TestThePageTakesTextsAsTexts(t *testing.T) {
	html := pageFile(t, "index.html")
	for _, pattern := range []string{`\bon[a-z]+=`, `style=`, `<style`, `javascript:`, `https?:`, `//`, `<script[^>]*>[^<]`, `<iframe`, `<form`} {
		if m := regexp.MustCompile(pattern).FindString(html); m != "" {
			t.Errorf("index.html has %q", m)
		}
	}
	for name, text := range scripts(t) {
		if !strings.HasPrefix(text, "// ") {
			t.Errorf("%s does not say what it is", name)
		}
		for _, pattern := range []string{`innerHTML`, `outerHTML`, `insertAdjacentHTML`, `document\.write`, `\beval\b`, `new Function`, `createContextualFragment`, `DOMParser`, `srcdoc`, `https?://`, `import\(`, `localStorage`, `setAttribute\("(on|style|src|href)`, `console\.`} {
			if m := regexp.MustCompile(pattern).FindString(text); m != "" {
				t.Errorf("%s has %q", name, m)
			}
		}
		if n := strings.Count(text, "\n"); n > 300 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
	if css := pageFile(t, "studio.css"); strings.Contains(css, "url(") || strings.Contains(css, "@import") || !strings.Contains(css, "prefers-color-scheme: dark") {
		t.Error("studio.css loads something, or knows no dark")
	}
	for _, name := range found(html, `(?:src|href)="([^"]+)"`) {
		pageFile(t, name)
	}
}
