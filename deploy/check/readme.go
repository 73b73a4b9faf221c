package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// heading begins the section of the README whose table names, for each statement
// of the role, the actions it allows and the calls that need them.
const heading = "## Rights of the function"

var quoted = regexp.MustCompile("`([^`]+)`")

// readme compares that table with the template and with the code.
func (t *template) readme(file string, s *sources) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	found := findings{file: file}
	statements := t.statements()
	said, called := map[string]bool{}, map[string]bool{}
	for _, r := range table(string(text)) {
		if statements[r.sid] == nil {
			found.addLine(r.line, "the role has no statement %s: it has %s", r.sid, strings.Join(slices.Sorted(maps.Keys(statements)), ", "))
			continue
		}
		if said[r.sid] {
			found.addLine(r.line, "the statement %s has two rows: join them", r.sid)
		}
		said[r.sid] = true
		r.compare(&found, statements[r.sid], s)
		for _, call := range r.calls {
			called[call] = true
		}
	}
	for sid := range statements {
		if !said[sid] {
			found.addLine(0, "the table under %q has no row for the statement %s", heading, sid)
		}
	}
	for call := range s.calls {
		if !called[call] {
			found.addLine(0, "the table under %q does not say what allows the call %s", heading, call)
		}
	}
	t.found.all = append(t.found.all, found.sorted()...)
	return nil
}

// compare reports where a row differs from its statement, and from what its calls
// need.
func (r row) compare(found *findings, actions []string, s *sources) {
	if !slices.Equal(r.actions, actions) {
		found.addLine(r.line, "%s allows %v by the template, and %v by this table: fix one of them", r.sid, actions, r.actions)
	}
	needed := map[string]bool{}
	for _, call := range r.calls {
		right := needs[call] + onBehalf[call]
		if right == "" || onBehalf[call] == "" && s.calls[call] == "" {
			found.addLine(r.line, "nothing makes the call %s: take it out", call)
		}
		needed[right] = true
	}
	if rights := slices.Sorted(maps.Keys(needed)); !slices.Equal(rights, r.actions) {
		found.addLine(r.line, "%s allows %v, and the calls of its row need %v: fix one of them", r.sid, r.actions, rights)
	}
}

// row is a statement as the README has it.
type row struct {
	line           int
	sid            string
	actions, calls []string // sorted
}

// table reads rows of the form | `Sid` | `action` … | on what | `service Call` … |
func table(text string) (rows []row) {
	inside := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "## ") {
			inside = line == heading
		}
		cells := strings.Split(line, "|")
		if !inside || len(cells) != 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		rows = append(rows, row{i + 1, codes(cells[1])[0], codes(cells[2]), codes(cells[4])})
	}
	return rows
}

func codes(cell string) (all []string) {
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return all
}
