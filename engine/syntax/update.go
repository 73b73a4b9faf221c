package syntax

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Update is the outcome of a test, which the test shall expect from now on.
type Update struct {
	Test      int    // position in the file's list
	Event     []byte // JSON of the event, or nil
	Reject    string // the reason, or ""
	Unmatched bool
	Dropped   bool
}

// UpdateTests rewrites the expectations of tests. Lines that need no change are
// kept, with their comments. Attributes that the event no longer has are expected
// to be absent. If a test expects only some attributes, no others are added. The
// src must be a file in which ParseTests finds no fault.
func UpdateTests(src []byte, updates []Update) ([]byte, error) {
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	docs, err := decode(strings.TrimPrefix(text, "\ufeff"))
	if err != nil {
		return nil, err
	}
	r := rewriter{lines: strings.Split(text, "\n")}
	for _, u := range updates {
		n := docs[0].Content[0].Content[u.Test]
		if n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle != 0 {
			return nil, fmt.Errorf("the test on line %d is written in `{ }`, where expectations cannot be updated: write it as lines", n.Line)
		}
		if err := r.test(n, u); err != nil {
			return nil, err
		}
	}
	out := r.apply()
	if _, err := decode(out); err != nil {
		return nil, fmt.Errorf("the updated tests would not be YAML (%w): correct them by hand", err)
	}
	if text != string(src) {
		out = strings.ReplaceAll(out, "\n", "\r\n")
	}
	return []byte(out), nil
}

// rewriter collects changes of whole lines.
type rewriter struct {
	lines   []string
	patches []patch
}

// patch replaces lines [from, to), counted from 0.
type patch struct {
	from, to int
	lines    []string
}

func (r *rewriter) apply() string {
	// From the last line to the first, so that no patch moves another. Insertions at
	// one line stay in their order.
	slices.Reverse(r.patches)
	slices.SortStableFunc(r.patches, func(a, b patch) int {
		return cmp.Or(cmp.Compare(b.from, a.from), cmp.Compare(min(b.to-b.from, 1), min(a.to-a.from, 1)))
	})
	for _, p := range r.patches {
		r.lines = slices.Concat(r.lines[:p.from], p.lines, r.lines[p.to:])
	}
	return strings.Join(r.lines, "\n")
}

// test updates the expectation of one test.
func (r *rewriter) test(n *yaml.Node, u Update) error {
	expect := &yaml.Node{Kind: yaml.MappingNode}
	var event *yaml.Node
	switch {
	case u.Event != nil:
		var err error
		if event, err = fromJSON(u.Event); err != nil {
			return err
		}
		expect.Content = []*yaml.Node{text("event"), event}
	case u.Unmatched:
		expect.Content = []*yaml.Node{text("unmatched"), yes()}
	case u.Dropped:
		expect.Content = []*yaml.Node{text("dropped"), yes()}
	default:
		expect.Content = []*yaml.Node{text("reject"), text("^" + regexp.QuoteMeta(u.Reject) + "$")}
	}
	key, old := member(n, "expect")
	if key == nil {
		return r.insert(n, text("expect"), expect)
	}
	if before, _ := member(old, "events"); before != nil && event != nil {
		return fmt.Errorf("the test on line %d expects several events, which cannot be updated: change it by hand", n.Line)
	}
	if before, value := member(old, "event"); before != nil && event != nil {
		_, whole := member(old, "whole")
		exact := whole != nil && strings.EqualFold(whole.Value, "true")
		if block(old) {
			return r.entry(before, value, event, exact)
		}
		merged, _ := merge(old, expect, exact)
		return r.replace(key, merged)
	}
	return r.replace(key, expect)
}

func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func yes() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"} }

func block(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0
}

// member finds an entry of a mapping node.
func member(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// entry updates one entry: in place if it has lines of its own, else as a whole.
func (r *rewriter) entry(key, old, got *yaml.Node, whole bool) error {
	if !block(old) || got.Kind != yaml.MappingNode || whole && nothingStays(old, got) {
		merged, changed := merge(old, got, whole)
		if !changed {
			return nil
		}
		return r.replace(key, merged)
	}
	for i := 0; i+1 < len(old.Content); i += 2 {
		k, v := old.Content[i], old.Content[i+1]
		_, now := member(got, k.Value)
		var err error
		switch {
		case now != nil:
			err = r.entry(k, v, now, whole)
		case v.Tag == "!!null":
		case whole:
			from, to := r.span(k)
			r.patches = append(r.patches, patch{from, to, nil})
		default:
			err = r.replace(k, null(v))
		}
		if err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	for i := 0; i+1 < len(got.Content); i += 2 {
		if k, _ := member(old, got.Content[i].Value); k == nil {
			if err := r.insert(old, got.Content[i], got.Content[i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func nothingStays(old, got *yaml.Node) bool {
	for i := 0; i+1 < len(old.Content); i += 2 {
		if k, _ := member(got, old.Content[i].Value); k != nil {
			return false
		}
	}
	return true
}

// span returns the lines of an entry: the line of its key and all deeper lines
// below it, and a list at the same depth.
func (r *rewriter) span(key *yaml.Node) (from, to int) {
	from, to = key.Line-1, key.Line
	for i := to; i < len(r.lines); i++ {
		line := r.lines[i]
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case strings.TrimSpace(line) == "":
			continue
		case indent < key.Column-1, indent == key.Column-1 && !listLine(line[indent:]):
			return from, to
		}
		to = i + 1
	}
	return from, to
}

func listLine(s string) bool { return s == "-" || strings.HasPrefix(s, "- ") }

// replace rewrites an entry, with its key in the same place.
func (r *rewriter) replace(key, value *yaml.Node) error {
	from, to := r.span(key)
	lines, err := r.render(key, value)
	if err != nil {
		return err
	}
	before := []rune(r.lines[from])[:key.Column-1] // blanks, or the dash of a list
	lines[0] = string(before) + strings.TrimLeft(lines[0], " ")
	if len(lines) == 1 && to == from+1 {
		lines[0] = aligned(lines[0], r.lines[from], value.LineComment)
	}
	r.patches = append(r.patches, patch{from, to, lines})
	return nil
}

// aligned puts the comment of a line back in its column, if there is room.
func aligned(line, before, comment string) string {
	at, was := strings.LastIndex(line, comment), strings.LastIndex(before, comment)
	if comment == "" || at < 0 || was < 0 {
		return line
	}
	head := strings.TrimRight(line[:at], " ")
	column := utf8.RuneCountInString(before[:was])
	return head + strings.Repeat(" ", max(column-utf8.RuneCountInString(head), 1)) + line[at:]
}

// insert adds an entry after the last one of a block mapping.
func (r *rewriter) insert(n, key, value *yaml.Node) error {
	last := n.Content[len(n.Content)-2]
	_, to := r.span(last)
	at := *key
	at.Column = last.Column
	lines, err := r.render(&at, value)
	if err != nil {
		return err
	}
	r.patches = append(r.patches, patch{to, to, lines})
	return nil
}

// render returns the lines of an entry, indented to the key's column. Comments
// around the key are outside of what is replaced.
func (r *rewriter) render(key, value *yaml.Node) ([]string, error) {
	k := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key.Value, Style: key.Style, LineComment: key.LineComment}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{k, value}}); err != nil {
		return nil, fmt.Errorf("the expectation of line %d cannot be written: %w", key.Line, err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	margin := strings.Repeat(" ", key.Column-1)
	for i := range lines {
		if lines[i] != "" {
			lines[i] = margin + lines[i]
		}
	}
	return lines, nil
}
