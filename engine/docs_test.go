package engine_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

func manual(t *testing.T) string {
	t.Helper()
	return page(t, "docs/mapping.md")
}

// block is a fenced block of the manual: ```LANGUAGE WHAT [FILE].
type block struct {
	line             int
	what, file, text string
}

func blocks(t *testing.T, manual string) []block {
	t.Helper()
	var out []block
	var open *block
	for i, line := range strings.Split(manual, "\n") {
		switch words := strings.Fields(line); {
		case open != nil && line == "```":
			out, open = append(out, *open), nil
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "```"):
			open = &block{line: i + 1}
			if len(words) > 1 {
				open.what = words[1]
			}
			if len(words) > 2 {
				open.file = words[2]
			}
		}
	}
	if open != nil {
		t.Fatalf("line %d: the block does not end", open.line)
	}
	return out
}

// Every example of the manual does what it says there: a mapping, then alerts
// with what becomes of them (an alert may give several events), or its faults.
func TestManualExamples(t *testing.T) {
	if examples := follow(t, "docs/mapping.md"); examples < 20 {
		t.Errorf("only %d examples", examples)
	}
}

// follow does what the blocks of a page say, and returns how many examples there
// are.
func follow(t *testing.T, name string) (examples int) {
	var set []engine.File
	includes := map[string]syntax.Include{}
	var line string
	var events []block // of the alert at hand
	done := false
	for _, b := range append(blocks(t, page(t, name)), block{}) {
		if len(events) > 0 && b.what != "event" {
			becomeEvents(t, name, set, line, events)
			events = nil
		}
		if slices.Contains([]string{"mapping", "part", "fragment", "file"}, b.what) && done {
			set, includes, done = nil, map[string]syntax.Include{}, false
		}
		at := fmt.Sprintf("%s:%d", name, b.line)
		switch b.what {
		case "fragment", "file":
			includes[b.file] = syntax.Include{Text: []byte(b.text)}
		case "mapping", "part":
			set = append(set, engine.File{Name: orName(b.file, len(set)), Text: []byte(whole(b.text)), Includes: includes})
			includes[b.file] = syntax.Include{Text: []byte(b.text)} // for mappings that extend it
		case "alert":
			line = strings.TrimSpace(b.text)
		case "event":
			events = append(events, b)
			examples, done = examples+1, true
		case "reject", "unmatched", "dropped":
			becomes(t, at, set, line, b)
			examples, done = examples+1, true
		case "faults":
			faulty(t, at, set, b.text)
			examples, done = examples+1, true
		case "warnings":
			_, found := engine.Lint(set, engine.Options{}, nil)
			said(t, at, found, b.text, shift(set))
			examples, done = examples+1, true
		case "", "shell", "tests", "sample":
		default:
			if !strings.HasSuffix(b.what, ".yaml") && !strings.HasSuffix(b.what, ".json") { // a file that commands read
				t.Errorf("%s: a block of %q", at, b.what)
			}
		}
	}
	return examples
}

func orName(name string, n int) string {
	if name != "" {
		return name
	}
	return fmt.Sprintf("mapping%d.yaml", n)
}

const partHead = "mapping: my/example\nschema: 1.1.0\nclass: detection_finding\n"

// partRules are what an example need not repeat.
var partRules = []struct{ name, rule string }{
	{"activity_id|activity_name", "  activity_id: 1\n"}, {"severity_id|severity", "  severity_id: 1\n"}, {"time", "  time: =timestamp ?? '2026-03-14T00:00:00Z'\n"},
	{"finding_info", "  finding_info: {uid: \"=id ?? sha256(line)\", title: Alert}\n"},
	{"metadata", "  metadata: {product: {name: Wazuh, vendor_name: Wazuh}}\n"},
}

// whole makes a mapping of a part: head in front, rules that are missing
// behind.
func whole(text string) string {
	if strings.Contains(text, "mapping: ") {
		return text
	}
	if !strings.Contains(text, "event:") {
		text += "event:\n"
	}
	for _, r := range partRules {
		if !regexp.MustCompile(`(?m)^  (?:` + r.name + `):`).MatchString(text) {
			text += r.rule
		}
	}
	return partHead + text
}

// shift is how many lines stand in front of a part.
func shift(set []engine.File) int {
	if strings.HasPrefix(string(set[0].Text), partHead) {
		return strings.Count(partHead, "\n")
	}
	return 0
}

// applied maps the alert of an example.
func applied(t *testing.T, at string, set []engine.File, line string) engine.Result {
	t.Helper()
	e, err := engine.Compile(set, engine.Options{})
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	if !json.Valid([]byte(line)) {
		t.Errorf("%s: the alert is not JSON: %s", at, line)
	}
	var compact strings.Builder
	for _, part := range strings.Split(line, "\n") {
		compact.WriteString(strings.TrimSpace(part))
	}
	return e.NewWorker().Apply(compact.String())
}

func becomes(t *testing.T, at string, set []engine.File, line string, b block) {
	r := applied(t, at, set, line)
	switch b.what {
	case "unmatched":
		if r.Outcome != engine.Unmatched {
			t.Errorf("%s: the alert is not unmatched: %+v", at, r)
		}
	case "dropped":
		if r.Outcome != engine.Dropped {
			t.Errorf("%s: the alert is not dropped: %+v", at, r)
		}
	case "reject":
		if want := strings.TrimSpace(b.text); r.Outcome != engine.Reject || r.Reason != want {
			t.Errorf("%s: the alert is no reject, or of another reason\nwant %s\ngot  %s", at, want, r.Reason)
		}
	}
}

// becomeEvents compares the events of an alert with the blocks that follow it.
func becomeEvents(t *testing.T, name string, set []engine.File, line string, events []block) {
	at := fmt.Sprintf("%s:%d", name, events[0].line)
	r := applied(t, at, set, line)
	if len(r.Events) != len(events) {
		t.Errorf("%s: %d events, not %d: %s", at, len(r.Events), len(events), r.Reason)
		return
	}
	for i, b := range events {
		text := r.Events[i].Event.AppendJSON(nil)
		var want, got any
		if err := json.Unmarshal([]byte(b.text), &want); err != nil {
			t.Errorf("%s:%d: %v", name, b.line, err)
			continue
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if why := holds(want, got, ""); why != "" {
			t.Errorf("%s:%d: %s\n%s", name, b.line, why, text)
		}
	}
}

// holds tells where an event is not as an example says: it may have more, and
// null stands for what it has not.
func holds(want, got any, path string) string {
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return path + " is not an object"
		}
		for name, w := range want {
			if why := holds(w, have[name], path+"."+name); why != "" {
				return why
			}
		}
		return ""
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return fmt.Sprintf("%s is %v", path, got)
		}
		for i, w := range want {
			if why := holds(w, have[i], fmt.Sprintf("%s[%d]", path, i)); why != "" {
				return why
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%s is %v, not %v", path, got, want)
	}
	return ""
}

func faulty(t *testing.T, at string, set []engine.File, text string) {
	_, err := engine.Compile(set, engine.Options{})
	faults, ok := err.(syntax.Faults)
	if !ok {
		t.Errorf("%s: no fault: %v", at, err)
		return
	}
	var found syntax.Findings
	for _, f := range faults {
		found.Add(syntax.Broken, "fault", f.Pos, "%s", f.Message)
	}
	said(t, at, found, text, shift(set))
}

// said compares findings with lines of LINE:COLUMN: MESSAGE.
func said(t *testing.T, at string, found syntax.Findings, text string, shift int) {
	var lines []string
	for _, f := range found {
		if f.Severity != syntax.Note {
			lines = append(lines, fmt.Sprintf("%d:%d: %s", f.Pos.Line-shift, f.Pos.Col, f.Message))
		}
	}
	if got := strings.Join(lines, "\n"); got != strings.TrimSpace(text) {
		t.Errorf("%s: want\n%s\ngot\n%s", at, text, got)
	}
}
