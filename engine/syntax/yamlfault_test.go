package syntax

import (
	"strings"
	"testing"
)

const sound = `mapping: m
schema: 1.1.0
class: c
let:
  # a comment
  a: =x
event:
  activity_id: 1

  finding_info:
    uid: "two
      lines"
    title: t
  attacks:
    - technique: {uid: a}
      version: v
  message: |
    =a ??
     b
  comment: m
`

// Law: where a line is indented with a tab, or otherwise than its siblings, and
// the text is not YAML because of it, the fault stands on that line, or on the
// next one, which is then the first that fits nothing.
func TestIndentationFaults(t *testing.T) {
	if _, faults := Parse("f.yaml", NewDocument([]byte(sound)), nil); len(faults) > 0 {
		t.Fatal(faults)
	}
	lines := strings.Split(strings.TrimSuffix(sound, "\n"), "\n")
	broken := 0
	for i, line := range lines {
		if text := strings.TrimSpace(line); text == "" || strings.HasPrefix(text, "#") || strings.Contains(line, "\"") {
			continue
		}
		next := i + 1
		for next < len(lines) && (strings.TrimSpace(lines[next]) == "" || strings.Contains(lines[next], "#")) {
			next++
		}
		body := strings.TrimLeft(line, " ")
		for _, changed := range []string{"\t" + body, line[:len(line)-len(body)] + "\t" + body, " " + line, "   " + line, strings.TrimPrefix(line, " ")} {
			all := append(append(append([]string{}, lines[:i]...), changed), lines[i+1:]...)
			text := strings.Join(all, "\n") + "\n"
			if _, err := decode(text); err == nil {
				continue
			}
			broken++
			_, faults := Parse("f.yaml", NewDocument([]byte(text)), nil)
			tab := strings.Contains(changed, "\t")
			if len(faults) != 1 || !strings.Contains(faults[0].Message, "indent") {
				t.Errorf("line %d as %q: %v", i+1, changed, faults)
			} else if at := faults[0].Pos.Line; at != i+1 && (tab || at != next+1) {
				t.Errorf("line %d as %q is blamed on line %d: %v", i+1, changed, at, faults)
			}
		}
	}
	if broken < 50 {
		t.Errorf("only %d texts were broken", broken)
	}
}

// A quote that does not close is blamed, and not one before it that closes on a
// later line; what else is wrong is not blamed on quotes.
func TestOpenQuotes(t *testing.T) {
	const closes = "a: 'one\n  two'\n"
	for _, c := range []struct {
		text string
		line int
		says string
	}{
		{closes + "b: 'three\nc: 4\n", 3, "this quote does not close"},
		{closes + "b: \"three\nc: \"4\"\n", 3, "this quote does not close"},
		{closes + "b:\n\tc: 4\n", 4, "tab"},
		{closes + "b:\n  c: 4\n d: 5\n", 5, "indentation"},
	} {
		_, faults := Parse("f.yaml", NewDocument([]byte(c.text)), nil)
		if len(faults) != 1 || faults[0].Pos.Line != c.line || !strings.Contains(faults[0].Message, c.says) {
			t.Errorf("%q: %v", c.text, faults)
		}
	}
}

// The expression that flow style cuts off is blamed, and not one beside it that is whole.
func TestExpressionsInFlowStyle(t *testing.T) {
	for _, c := range []struct {
		line string
		col  int // 0: there is none
	}{
		{"user: {name: =data.user ?? 'unknown'}", 16},
		{"user: {uid: =a, name: =b > 3 ? c : d}", 25},
		{"user: {name: =tables.owners[agent.ip]}", 16},
		{"list: [=a, =split(b, '.')]", 14},
		{"list: [=b['x, y'], x]", 10},
		{"user: {name: =x == 'a}'}", 16},
		{"user: {name: =data.user, uid: \"=a ?? b\"}", 0},
		{"list: [=a, {b: =c}, \"=split(d, '.')\"]  # {x: =a ?? b}", 0},
	} {
		text := "mapping: m\nevent:\n  first: {ip: =data.ip}\n  " + c.line + "\n  second: {ip: =data.ip, port: =f(x)}\n  third: [=a, =b]\n"
		if at := cutInFlow("  " + c.line); at+1 != c.col {
			t.Errorf("%s: column %d, want %d", c.line, at+1, c.col)
		}
		_, err := decode(text)
		if (err == nil) != (c.col == 0) {
			t.Logf("%s: %v", c.line, err)
		}
		_, faults := Parse("f.yaml", NewDocument([]byte(text)), nil)
		if err != nil && (len(faults) != 1 || faults[0].Pos.Line != 4 || faults[0].Pos.Col != c.col || faults[0].Message != adviceFlow) {
			t.Errorf("%s: %v", c.line, faults)
		}
	}
}
