package wazuh

import (
	"slices"
	"strings"
	"testing"
)

// Law: each field of the table is found with its kind, and the objects around it
// have their members.
func TestEveryField(t *testing.T) {
	n := 0
	for line := range strings.Lines(fields) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		kind, ok := kindNames[words[1]]
		if !ok {
			t.Errorf("%q has no kind", line)
		}
		for _, name := range words[2:] {
			n++
			path := strings.Split(strings.TrimPrefix(words[0]+"."+name, "-."), ".")
			if got, unknown := Find(path); got != kind || unknown >= 0 {
				t.Errorf("%v is of kind %d, unknown at %d", path, got, unknown)
			}
			if !slices.Contains(Members(path[:len(path)-1]), path[len(path)-1]) {
				t.Errorf("the members of %v lack it", path)
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d fields", n)
	}
}

func TestFind(t *testing.T) {
	for path, want := range map[string]struct {
		kind    Kind
		unknown int
	}{
		"rule": {Object, -1}, "rule.level": {Number, -1}, "rule.groups": {List, -1}, "rule.mitre": {Object, -1}, "rule.mail": {Bool, -1},
		"data": {Open, -1}, "data.win.system.eventID": {Open, -1}, "agent.labels.group": {Open, -1}, "wazuh.rule.level": {Open, -1},
		"event.original": {Open, -1}, "timestamp": {Time, -1}, "@timestamp": {Time, -1}, "_index": {Text, -1}, "rule.mitre.tactics": {List, -1},
		"rule.mitre.technique.name": {Open, -1}, "syscheck.audit.process.name": {Text, -1}, "rule.sigma_id": {Open, -1},
		"rul": {Open, 0}, "rule.levl": {Open, 1}, "rule.id.x": {Open, 2}, "agent.nam.x": {Open, 1}, "syscheck.audit.proces.id": {Open, 2}, "": {Open, 0},
	} {
		if kind, unknown := Find(strings.Split(path, ".")); kind != want.kind || unknown != want.unknown {
			t.Errorf("%s: kind %d, unknown at %d", path, kind, unknown)
		}
	}
	if kind, unknown := Find(nil); kind != Object || unknown != -1 {
		t.Errorf("the alert: kind %d, unknown at %d", kind, unknown)
	}
	if got := Members([]string{"agent", "nam"}); got != nil {
		t.Errorf("members of what is not known: %v", got)
	}
}
