package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
)

// typed are keys that somebody types: every Read gives one, as a terminal in raw
// mode does.
type typed struct{ keys []string }

func keysOf(text string) *typed {
	return &typed{regexp.MustCompile("(?s)\x1b\\[[A-D]|.").FindAllString(text, -1)}
}

func (k *typed) Read(b []byte) (int, error) {
	if len(k.keys) == 0 {
		return 0, io.EOF
	}
	n := copy(b, k.keys[0])
	k.keys = k.keys[1:]
	return n, nil
}

// conversation gives what a terminal shows when somebody types keys, with state for
// the user's folder of state.
func conversation(t *testing.T, state, keys string, mappings ...string) string {
	t.Helper()
	var shown bytes.Buffer
	a := &app{Streams: Streams{In: strings.NewReader(""), Out: &shown, Err: &shown}, showGuests: true, getenv: func(name string) string {
		return map[string]string{"XDG_STATE_HOME": state}[name]
	}}
	a.newGuests(context.Background())
	if err := a.converse(context.Background(), struct {
		io.Reader
		io.Writer
	}{keysOf(keys), &shown}, mappings); err != nil {
		t.Fatal(err)
	}
	return moves.ReplaceAllString(strings.ReplaceAll(shown.String(), "\r\n", "\n"), "")
}

// moves move the cursor and clear.
var moves = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\r")

const promptAlerts = `{"rule":{"level":3,"id":"1"},"data":{"my-field":"f","srcip":"192.0.2.1"}}

{"rule":{"level":9},"agent":{"name":"web"}}
{"rule":{"level":12}}
`

// What is typed is answered: expressions, alerts, mappings, faults, completion.
func TestPrompt(t *testing.T) {
	t.Chdir(t.TempDir())
	files := map[string]string{"alerts.ndjson": promptAlerts, "m.yaml": "mapping: m\nschema: 1.1.0\nclass: security_finding\nlet:\n  urgency: =rule.level * 10\nevent: {}\n", "empty": "\n"}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const file = ":alert alerts.ndjson\r"
	for _, c := range []struct{ keys, want string }{
		{"=1 + 1\r", "\n2  (integer)\n"},
		{"rule.level\r", "\nnil\n      rule.level: not in the alert\n"},
		{file + "rule.level\r", "alerts.ndjson:1> rule.level\n3  (integer)\n"},
		{file + ":next\rrule.level\r", "alerts.ndjson:3> rule.level\n9  (integer)\n"},
		{file + ":n\r:n\r:n\r", "\nthere is no alert after this one\n"},
		{file + ":n\r:n\r:p\ragent.name\r", "alerts.ndjson:3> agent.name\n\"web\"  (text)\n"},
		{file + ":previous\r", "\nthere is no alert before this one\n"},
		{":alert alerts.ndjson:4\rrule.level\r", "alerts.ndjson:4> rule.level\n12  (integer)\n"},
		{":alert alerts.ndjson:5\r", "\nalerts.ndjson has no alert on line 5 or after it\n> "},
		{":alert empty\r", "\nempty is empty: there is no alert in it\n> "},
		{":alert none\r", "none: "},
		{":alert -\r", "\nstandard input is the terminal here: name a file\n"},
		{":next\r", "\nthere is no file of alerts: name one with :alert FILE\n"},
		{":alert {\"a\":5}\ra\r:a\r", "\n{\"a\":5}\n"},
		{":mapping m.yaml\r" + file + "urgency\r", "\n30  (integer)\n      urgency = 30  (m.yaml:5:12: =rule.level * 10)\n      rule.level = 3\n"},
		{":m\r", "\nno mapping\n"},
		{":m m.yaml\r:m\r:m -\r:m\r", "\nm.yaml\n> :m -\n> :m\nno mapping\n"},
		{":m none\r", "there is no mapping \"none\""},
		{"uper(1)\r", "\ninput:1:1: there is no function `uper`; did you mean `upper`?\n    uper(1)\n    ^\n1 fault: nothing was evaluated\n"},
		{"1/rule.level\r", "> "},
		{":alert {\"z\":0}\r1/z\r", "\n      z = 0\nthe expression failed: division by zero\n"},
		{":help\r", "\n" + promptHelp},
		{":help upper\r", "\nupper(text)\n    "},
		{":h spl\t\r", "\nsplit("},
		{":help uper\r", "\nthere is no function `uper` in the language; did you mean `upper`?\n"},
		{":nonsense\r", "\nthere is no command :nonsense; :help lists them\n"},
		{"1\x032\r", "\n2  (integer)\n"}, // Ctrl-C clears the line
		{":quit\r1 + 1\r", ":quit\n"},
		{"upp\t\"a\")\r", "\n\"A\"  (text)\n"},
		{file + "ru\t.lev\t\r", "rule.level\n3  (integer)\n"},
		{file + "data\t\r", "data              data.srcip        data[\"my-field\"]  data_stream\n"},
		{":al\talerts.nd\t\rrule.id\r", "\n\"1\"  (text)\n"},
		{"syscheck.sha256_a\t\r", "\n      syscheck.sha256_after: not in the alert\n"},
		{":m wazuh/sec\t\r:alert {\"rule\":{\"level\":5}}\rseverity_id\r", "\n2  (integer)\n"},
		{":m m.yaml\rurg\t\r", "urgency\nnil\n"},
		{"1 + 2\r\x1b[A\r", "\n3  (integer)\n> 1 + 2\n3  (integer)\n"}, // the line above
		{":alert {\"a\":\"\\u001b[2J\"}\ra\r", "\"\\u001b[2J\"  (text)\n"},
	} {
		got := conversation(t, t.TempDir(), c.keys)
		if !strings.Contains(got, c.want) {
			t.Errorf("%q shows\n%s\nwithout\n%s", c.keys, got, c.want)
		}
		if strings.HasPrefix(c.keys, ":quit") && strings.Contains(got, "(integer)") {
			t.Error("it goes on after :quit")
		}
	}
}

// Law: every name that is offered for an alert is an expression, and its value is
// what the alert has there.
func TestNamesOfAlerts(t *testing.T) {
	alerts, err := filepath.Glob("../testdata/alerts/*.ndjson")
	if err != nil || len(alerts) < 20 {
		t.Fatal(err, len(alerts))
	}
	lines := []string{`{"in":{"not":1,"a b":{"let":2}},"_source":{"x":{"matches":1}}}`, `{"tables":{"line":1},"it":2,"upper":{"map":3},"nil":4,"true":{"nil":5},"alert":{"alert":6},"if":7}`}
	for _, name := range alerts {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSpace(string(text)), "\n")...)
	}
	tried := map[string]bool{}
	for _, line := range lines {
		var n names
		n.ofAlert(line)
		for _, name := range n.alert {
			if tried[name] {
				continue
			}
			tried[name] = true
			x, err := engine.CompileExpression("argument", name, nil, engine.Options{})
			if err != nil {
				t.Errorf("%s of %.200s: %v", name, line, err)
				continue
			}
			got, err := x.Evaluate(line)
			if err != nil || got.Error != "" || got.Value == "" && !strings.Contains(line, "null") {
				t.Errorf("%s of %.200s is %+v (%v)", name, line, got, err)
			}
		}
	}
	for _, name := range knownFields("", nil) {
		x, err := engine.CompileExpression("argument", name, nil, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Evaluate("{}")
		if err != nil || len(got.From.Reads) != 1 || got.From.Reads[0].Name == "" || got.Error != "" {
			t.Errorf("%s reads %+v (%v)", name, got, err)
		}
		tried[name] = true
	}
	if len(tried) < 600 {
		t.Errorf("only %d names", len(tried))
	}
}

// Law: a completion keeps what is around the cursor and only adds to the word
// before it.
func FuzzComplete(f *testing.F) {
	f.Add("upper(rul", 9)
	f.Add("a + dat + 1", 7)
	f.Add(":al", 3)
	f.Add("ö + le", 7)
	a := &app{Streams: Streams{Out: io.Discard}, getenv: func(string) string { return "" }}
	f.Fuzz(func(t *testing.T, line string, at int) {
		if at < 0 || at > len(line) || strings.HasPrefix(line, ":a") || strings.HasPrefix(line, ":m") {
			return
		}
		p := &prompt{app: a, terminal: newTerminal(struct {
			io.Reader
			io.Writer
		}{strings.NewReader(""), io.Discard})}
		p.names.ofAlert(strings.SplitN(promptAlerts, "\n", 2)[0])
		got, now, ok := p.complete(line, at, '\t')
		if !ok || now < at || now > len(got) || !strings.HasPrefix(got, line[:at]) || got[now:] != line[at:] {
			t.Fatalf("%q at %d became %q at %d", line, at, got, now)
		}
	})
}

// Law: the history has what was typed, in order and bounded, in a file that only the
// user can read, over any number of sessions; nothing twice in a row, and nothing
// that began with a blank.
func TestHistory(t *testing.T) {
	state := t.TempDir()
	name := filepath.Join(state, "sluice", "eval_history")
	conversation(t, state, "1\r1\r 2\r\r:help\r")
	conversation(t, state, "3\r")
	text, err := os.ReadFile(name)
	if err != nil || string(text) != "1\n:help\n3\n" {
		t.Fatalf("%q: %v", text, err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v: %v", info.Mode(), err)
	}
	if got := conversation(t, state, "\x1b[A\x1b[A\x1b[A\r"); !strings.Contains(got, "\n1  (integer)\n") {
		t.Errorf("the arrows give\n%s", got)
	}
	h := openHistory(name)
	for i := range 3 * mostHistory {
		if i%100 == 0 {
			h = openHistory(name)
		}
		h.Add(fmt.Sprint(i))
	}
	h = openHistory(name)
	var want []string
	for i := 2 * mostHistory; i < 3*mostHistory; i++ {
		want = append(want, fmt.Sprint(i))
	}
	if diff := cmp.Diff(want, h.lines); diff != "" {
		t.Error(diff)
	}
	if text, err = os.ReadFile(name); err != nil || strings.Count(string(text), "\n") >= 2*mostHistory {
		t.Errorf("the file has %d lines: %v", strings.Count(string(text), "\n"), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(name)); err != nil || len(entries) != 1 {
		t.Errorf("%v are left: %v", entries, err)
	}
}

// A history that cannot be kept ends nothing, and is said at the end.
func TestNoHistory(t *testing.T) {
	state := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(state, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := conversation(t, state, "1\r2\r"); !strings.Contains(got, "\n2  (integer)\n") || strings.Count(got, "what you typed was not kept: ") != 1 {
		t.Error(got)
	}
	if got := conversation(t, "", "1\r"); strings.Contains(got, "not kept") {
		t.Error(got)
	}
}
