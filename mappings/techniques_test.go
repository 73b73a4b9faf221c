package mappings_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/mappings"
)

const attackTable = "wazuh/shared/attack.json"

// Law: the table of ATT&CK has a name and tactics for every technique, its
// ids have ATT&CK's form, and every sub-technique's parent is there.
func TestTechniques(t *testing.T) {
	text, err := mappings.FS.ReadFile(attackTable)
	if err != nil {
		t.Fatal(err)
	}
	type tactic struct{ Name, UID string }
	var all []struct {
		ID, Name, Parent string
		Tactics          []tactic
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	known, tactics, previous := map[string]bool{}, map[tactic]bool{}, ""
	for _, a := range all {
		parent, _, sub := strings.Cut(a.ID, ".")
		switch {
		case !form.MatchString(a.ID) || a.ID <= previous:
			t.Errorf("%q follows %q", a.ID, previous)
		case a.Name == "" || len(a.Tactics) == 0:
			t.Errorf("%s has no name or no tactic", a.ID)
		case sub && (a.Parent != parent || !known[parent]) || !sub && a.Parent != "":
			t.Errorf("%s has the parent %q", a.ID, a.Parent)
		}
		known[a.ID], previous = true, a.ID
		for _, x := range a.Tactics {
			tactics[x] = true
		}
	}
	if len(all) < 600 {
		t.Errorf("only %d techniques", len(all))
	}
	var uids []string
	for x := range maps.Keys(tactics) {
		uids = append(uids, x.UID)
	}
	slices.Sort(uids)
	want := strings.Fields("TA0001 TA0002 TA0003 TA0004 TA0005 TA0006 TA0007 TA0008 TA0009 TA0010 TA0011 TA0040 TA0042 TA0043")
	if diff := cmp.Diff(want, uids); diff != "" {
		t.Errorf("tactics (-want +got):\n%s", diff)
	}
}

// Law: whoever copies the table copies MITRE's notice with it.
func TestTechniquesHaveTheirNotice(t *testing.T) {
	notice, err := mappings.FS.ReadFile("wazuh/shared/attack.NOTICE")
	if err != nil || !strings.Contains(string(notice), "© 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.") {
		t.Errorf("the notice of MITRE is not beside the table (%v)", err)
	}
}

// A mapping finds the name and the tactics of a technique by its id, and the
// name of its parent.
func TestTechniquesInAMapping(t *testing.T) {
	text, err := mappings.FS.ReadFile(attackTable)
	if err != nil {
		t.Fatal(err)
	}
	file := engine.File{Name: "wazuh/lookup.yaml", Text: []byte(`
mapping: test/lookup
schema: 1.1.0
class: security_finding
tables: {techniques: {file: shared/attack.json, key: id}}
let:
  technique: =tables.techniques[rule.mitre.id[0]]
event:
  activity_id: 1
  severity_id: 1
  state_id: 1
  time: =timestamp
  message: =tables.techniques[technique.parent].name + "/" + technique.name + " " + technique.tactics[0].uid
  finding: {uid: =id, title: An alert}
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}}
`), Includes: map[string]syntax.Include{attackTable: {Text: text}}}
	e, err := engine.Compile([]engine.File{file}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	res := e.NewWorker().Apply(`{"timestamp":"2026-03-16T06:00:00Z","id":"1","rule":{"mitre":{"id":["T1110.001"]}}}`)
	if len(res.Events) != 1 {
		t.Fatalf("%d events: %s", len(res.Events), res.Reason)
	}
	if got := string(res.Events[0].Event.AppendJSON(nil)); !strings.Contains(got, `"message":"Brute Force/Password Guessing TA0006"`) {
		t.Errorf("the event is %s", got)
	}
}
