package studio_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// moduleLines are what only modules have: the engine of the tests runs scripts.
var moduleLines = regexp.MustCompile(`(?m)^import .*$|^export `)

// Law: every script is JavaScript.
func TestScriptsParse(t *testing.T) {
	for name, text := range scripts(t) {
		if _, err := parser.ParseFile(nil, name, moduleLines.ReplaceAllString(text, ""), 0); err != nil {
			t.Error(err)
		}
	}
	if _, err := parser.ParseFile(nil, "x.js", "const f = (a) => { return a?.b ?? ; };", 0); err == nil {
		t.Error("a fault is not found")
	}
}

// model runs model.js, and gives a func that evaluates an expression with its functions.
func model(t *testing.T) func(expression string) any {
	t.Helper()
	vm := goja.New()
	if _, err := vm.RunString(moduleLines.ReplaceAllString(pageFile(t, "model.js"), "")); err != nil {
		t.Fatal(err)
	}
	return func(expression string) any {
		t.Helper()
		v, err := vm.RunString(expression)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return v.Export()
	}
}

// The page finds places in texts as check counts them: lines from 1, columns in characters.
func TestPlacesInTexts(t *testing.T) {
	run := model(t)
	for expression, want := range map[string]any{
		`JSON.stringify(placeOf("C:\\a b:1.yaml:12:3"))`: `{"file":"C:\\a b:1.yaml","line":12,"column":3}`,
		`placeOf("a.yaml:12")`:                           nil,
		`offsetOf("ab\ncd\n", 1, 1)`:                     int64(0),
		`offsetOf("ab\ncd\n", 2, 2)`:                     int64(4),
		`offsetOf("ab\n😀d\n", 2, 2)`:                     int64(5), // one character, two units
		`offsetOf("ab\ncd", 2, 99)`:                      int64(5),
		`offsetOf("ab\ncd\nef", 1, 99)`:                  int64(2),
		`offsetOf("ab", 9, 1)`:                           int64(0),
		`lineAt("ab\ncd", 2)`:                            int64(1), // the line's end belongs to it
		`lineAt("ab\ncd", 3)`:                            int64(2),
		`lineAt("", 0)`:                                  int64(1),
		`lineCount("")`:                                  int64(1),
		`lineCount("a\n")`:                               int64(2),
		`lineCount("a\n\nb")`:                            int64(3),
		`indentOf("a:\n    b: c", 12)`:                   "    ",
		`indentOf("a:\n    b: c", 5)`:                    "  ", // the cursor is in the indentation
		`indentOf("    a", 0)`:                           "",
	} {
		if got := run(expression); got != want {
			t.Errorf("%s is %v, want %v", expression, got, want)
		}
	}
}

// Law: a text that is shown and not edited is stored as it was.
func TestLineEndsStay(t *testing.T) {
	run := model(t)
	for _, text := range []string{``, `a\nb\n`, `a\r\nb\r\n`, `\ufeffa\r\n\r\n`, `a`} {
		if got := run(`stored(shown("` + text + `"), "` + text + `") === "` + text + `"`); got != true {
			t.Errorf("%q is stored differently", text)
		}
	}
	if got := run(`stored("a\nb\nc\n", "a\r\nb\r\n") === "a\r\nb\r\nc\r\n"`); got != true {
		t.Error("a new line ends differently from the others")
	}
}

// Law: nothing hidden in a text stays hidden, and no other character changes.
func TestHiddenCharactersAreSeen(t *testing.T) {
	run := model(t)
	for text, want := range map[string]any{
		`a\u202eb\u2066`: `a\u202eb\u2066`, `\u0000\u001b[2J\u007f\u009b`: `\u0000\u001b[2J\u007f\u009b`, `\u200b\u2028\u2029\ufeff\u00ad`: `\u200b\u2028\u2029\ufeff\u00ad`,
		`\u{e0041}`: `\udb40\udc41`, `a\n\tb`: "a\n\tb", `ä 世 😀 <b>&`: `ä 世 😀 <b>&`,
	} {
		if got := run(`visible("` + text + `")`); got != want {
			t.Errorf("%s is shown as %q, want %q", text, got, want)
		}
	}
}

// The filters list what they say.
func TestFilters(t *testing.T) {
	run := model(t)
	run(`var alert = {title: "A Log-in", origin: "alerts.json", line: 7}; var plain = {text: "", kind: "", found: null};
	     var is = (outcome, filter, n = 0) => matches(alert, n, outcome, {...plain, ...filter});`)
	var listed []string
	all := []string{
		`is(undefined, {})`, `is(undefined, {text: "log-IN"})`, `is(undefined, {text: "json:7"})`, `is({outcome: "reject", reason: "No time"}, {text: "no time"})`,
		`is({outcome: "event", mapping: "m/x"}, {text: "m/x", kind: "event"})`, `is({outcome: "event", changed: true}, {kind: "changed"})`, `is({outcome: "event", failed: 2}, {kind: "failed"})`,
		`is({outcome: "event"}, {text: "only in the text", found: new Set([3])}, 3)`,
	}
	none := []string{
		`is(undefined, {kind: "event"})`, `is({outcome: "event"}, {kind: "reject"})`, `is({outcome: "event"}, {kind: "changed"})`, `is({outcome: "event"}, {kind: "failed"})`,
		`is({outcome: "event"}, {text: "elsewhere"})`, `is({outcome: "event"}, {text: "elsewhere", found: new Set([3])}, 4)`, `is({outcome: "reject"}, {text: "log-in", kind: "event"})`,
	}
	for _, expression := range slices.Concat(all, none) {
		if run(expression) == true {
			listed = append(listed, expression)
		}
	}
	if !slices.Equal(listed, all) {
		t.Errorf("%q are listed, want %q", listed, all)
	}
	for expression, want := range map[string]string{`share(0, 0)`: "0.0 %", `share(0, 9)`: "0.0 %", `share(1, 100000)`: "<0.1 %", `share(99999, 100000)`: ">99.9 %", `share(9, 9)`: "100.0 %", `share(1, 3)`: "33.3 %", `counted(1, "alert")`: "1 alert", `counted(2345678, "alert")`: "2,345,678 alerts", `grouped(999)`: "999"} {
		if got := run(expression); got != want {
			t.Errorf("%s is %v, want %v", expression, got, want)
		}
	}
}
