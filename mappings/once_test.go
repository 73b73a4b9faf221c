package mappings_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/mappings"
)

// longest is how long an expression may be that stands in two places, longestRun how many
// rules in a row. security_finding is not counted: people copy it as one file.
const longest, longestRun = 30, 3

// Law: no rule is written twice in the packs. What two classes say of a source is a let, a
// function or a part in shared/.
func TestNoRuleIsWrittenTwice(t *testing.T) {
	texts := map[string]string{}
	err := fs.WalkDir(mappings.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".yaml") && !strings.Contains(name, "security_finding") {
			text, err := fs.ReadFile(mappings.FS, name)
			texts[name] = string(text)
			return err
		}
		return err
	})
	if err != nil || len(texts) < 50 {
		t.Fatalf("only %d files (%v)", len(texts), err)
	}
	for _, fault := range twice(texts) {
		t.Error(fault)
	}

	// The test finds what is copied.
	for name, copied := range map[string]string{
		"an expression": "let:\n  x: \"=security ? tables.account_events[event_id] : nil\"\n",
		"rules":         "parts:\n  other:\n    type_id: 0\n    uid: =agent.id\n    name: =agent.name\n    ip: =address(agent.ip)\n",
	} {
		texts["copy.yaml"] = copied
		if faults := twice(texts); len(faults) != 1 {
			t.Errorf("a copy of %s: %d faults: %v", name, len(faults), faults)
		}
	}
}

// twice finds expressions and runs of rules that stand in two places.
func twice(texts map[string]string) (faults []string) {
	expressions, runs := map[string]string{}, map[string]string{}
	seen := func(in map[string]string, text, at string) {
		if other, ok := in[text]; ok {
			faults = append(faults, fmt.Sprintf("%s and %s: %s", other, at, text))
		}
		in[text] = at
	}
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var run []string
		for i, line := range strings.Split(texts[name], "\n") {
			at := fmt.Sprintf("%s:%d", name, i+1)
			line = strings.TrimSpace(comment.ReplaceAllString(line, ""))
			for _, found := range expressionIn.FindAllStringSubmatch(line, -1) {
				if e := strings.Join(found[1:], ""); len(e) >= longest && computes.MatchString(e) && !callOnly.MatchString(e) {
					seen(expressions, e, at)
				}
			}
			switch {
			case line == "" || strings.HasSuffix(line, ":") || partOnly.MatchString(line):
			case headLine.MatchString(line):
				run = nil
			default:
				if run = append(run, line); len(run) > longestRun {
					run = run[1:]
					seen(runs, strings.Join(run, "; "), at)
				}
			}
		}
	}
	return faults
}

var (
	comment = regexp.MustCompile(`(^|\s)# .*$`)
	// "=…" in quotes, one that begins a line, a value in braces, and the value of a line.
	expressionIn = regexp.MustCompile(`"=((?:[^"\\]|\\.)*)"|^=(.*)|\{(?:.*, )?[a-z_$]+: =([^,}"]*)|^[^{"]*: =(.*)`)
	computes     = regexp.MustCompile(`\(| \? `)
	// Calls and parts are how a rule is not written again.
	callOnly = regexp.MustCompile(`^\w+\([^()]*\)$`)
	partOnly = regexp.MustCompile(`^[\w"-]+: \{\$part: ("[^"]*"|[^,"]*)\}$`)
	headLine = regexp.MustCompile(`^(mapping|schema|class|source|priority|otherwise|include|when|absent|profiles|event|let|tables|parts|functions|settings):`)
)
