package engine

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Rules are the rules of warnings and notes that a line of a mapping may allow.
var Rules = []string{"deprecated", "enum-value", "last-of-set", "late-drop", "lost-fields", "lost-values", "may-be-absent", "no-observable", "no-set", "recommended",
	"source-name", "unknown-field", "unmapped-profile", "unreached", "unseen-field", "unused"}

// sometimes are the rules that look for nothing in some checks: of a mapping that is
// checked without the others of its set, or has no tests.
var sometimes = []string{"last-of-set", "late-drop", "no-set", "unreached", "unseen-field"}

var (
	allowComment = lazyregexp.MustCompile(`(?:^|\s)(#\s*sluice:\s*allow\b\s*)([a-z-]+(?:\s*,\s*[a-z-]+)*)?`)
	blockHeader  = lazyregexp.MustCompile(`[|>][-+0-9]*\s*(#.*)?$`)
)

// allowance is a rule that a line allows.
type allowance struct {
	at   syntax.Pos
	rule string
	used bool
}

// allowances are those of the lines of a file, from 1.
type allowances map[int][]*allowance

// allowed takes the findings out that a comment on their line or the line above
// allows (`# sluice: allow RULE`), and adds warnings of comments that allow nothing.
// Those are looked for where the set has no faults, and in files of mappings alone:
// another mapping may need what is in a file that this one includes.
func allowed(files []File, found syntax.Findings, whole bool) syntax.Findings {
	lines, of := map[string][]string{}, map[string]allowances{}
	for i := range files {
		f := &files[i]
		lines[f.Name] = syntax.Lines(string(f.Text))
		for name, included := range f.Includes {
			if lines[name] == nil && len(included.Text) <= syntax.MaxBytes {
				lines[name] = syntax.Lines(string(included.Text))
			}
		}
	}
	for name := range lines {
		of[name] = allowancesIn(name, lines[name])
	}
	kept := found[:0:0]
	for _, x := range found {
		if x.Severity == syntax.Broken || !of[x.Pos.File].allow(x, lines[x.Pos.File]) {
			kept = append(kept, x)
		}
	}
	for i := range files {
		if whole {
			of[files[i].Name].idle(&kept)
		}
	}
	return kept
}

func allowancesIn(file string, lines []string) allowances {
	all := allowances{}
	for i, line := range lines {
		m := allowComment().FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		at := syntax.Pos{File: file, Line: i + 1, Col: utf8.RuneCountInString(line[:m[2]]) + 1}
		rules := ""
		if m[4] >= 0 {
			rules = line[m[4]:m[5]]
		}
		for rule := range strings.SplitSeq(rules, ",") {
			all[i+1] = append(all[i+1], &allowance{at: at, rule: strings.TrimSpace(rule)})
		}
	}
	return all
}

// allow reports whether a line allows a finding, and marks what allows it.
func (all allowances) allow(x syntax.Finding, lines []string) bool {
	if len(all) == 0 {
		return false
	}
	ok := false
	for _, n := range linesFor(x.Pos.Line, lines) {
		for _, a := range all[n] {
			if a.rule == x.Rule {
				a.used, ok = true, true
			}
		}
	}
	return ok
}

// linesFor are the lines whose comments count for a line: itself, the one above, and
// within a block of text, which has no comments, the line of its key and the one
// above that.
func linesFor(n int, lines []string) []int {
	out := []int{n, n - 1}
	if n > len(lines) {
		return out
	}
	indent := indentOf(lines[n-1])
	for i := n - 1; i >= 1; i-- {
		line := lines[i-1]
		if strings.TrimSpace(line) == "" || indentOf(line) >= indent {
			continue
		}
		if blockHeader().MatchString(line) {
			return append(out, i, i-1)
		}
		indent = indentOf(line)
	}
	return out
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// idle adds a warning for each comment that allows what was not found.
func (all allowances) idle(found *syntax.Findings) {
	for _, list := range all {
		for _, a := range list {
			switch {
			case a.used:
			case a.rule == "":
				found.Add(syntax.Warning, "unused-allow", a.at, "`allow` names no rule: write it behind, as `# sluice: allow may-be-absent`")
			case !slices.Contains(Rules, a.rule):
				found.Add(syntax.Warning, "unused-allow", a.at, "there is no rule `%s` to allow%s", a.rule, spelling.DidYouMean(a.rule, Rules))
			case !slices.Contains(sometimes, a.rule):
				found.Add(syntax.Warning, "unused-allow", a.at, "`allow %s` silences nothing on this line or the next: remove it", a.rule)
			}
		}
	}
}
