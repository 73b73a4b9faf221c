package syntax

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUpdateTests(t *testing.T) {
	const before = `# top
- name: one          # its name
  alert: {id: 1}
  expect:
    # why
    event:
      severity_id: 2   # low
      # the time
      time: 5

      message: |
        two
        lines
      finding: {uid: "1", title: old}
      gone: x
      list:
      - a
      - b
      metadata:
        product:
          name: N      # ours

- name: exact
  alert: {id: 1}
  expect:
    whole: true
    event:
      gone: 1
      finding:
        uid: "1"
      kept: 1
# between
- name: flow
  alert: {id: 1}
  expect: {event: {a: 1}} # all of it
- name: new
  alert: {id: 1}
- name: fails now
  alert: {id: 1}
  expect:
    event: {a: 1}
`
	const after = `# top
- name: one          # its name
  alert: {id: 1}
  expect:
    # why
    event:
      severity_id: 3   # low
      # the time
      time: 5

      message: |
        two
        lines
      finding: {uid: "1", title: "true"}
      gone: null
      list:
        - a
        - c
        - d
      metadata:
        product:
          name: M      # ours

- name: exact
  alert: {id: 1}
  expect:
    whole: true
    event:
      finding:
        uid: "1"
        title: t
      kept: 1
      added: [x]
      more:
        a: 1.5
# between
- name: flow
  alert: {id: 1}
  expect: {event: {a: 2}} # all of it
- name: new
  alert: {id: 1}
  expect:
    unmatched: true
- name: fails now
  alert: {id: 1}
  expect:
    reject: ^no time \(at all\)$
`
	updates := []Update{
		{Test: 0, Event: []byte(`{"severity_id":3,"time":5,"message":"two\nlines\n","finding":{"uid":"1","title":"true"},"list":["a","c","d"],"metadata":{"product":{"name":"M"}},"other":1}`)},
		{Test: 1, Event: []byte(`{"finding":{"uid":"1","title":"t"},"kept":1,"added":["x"],"more":{"a":1.5}}`)},
		{Test: 2, Event: []byte(`{"a":2,"b":3}`)},
		{Test: 3, Unmatched: true},
		{Test: 4, Reject: "no time (at all)"},
	}
	got, err := UpdateTests([]byte(before), updates)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(after, "added: [x]", "added:\n        - x", 1)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	again, err := UpdateTests(got, updates[:4])
	if err != nil || string(again) != string(got) {
		t.Errorf("a second update changes it (%v):\n%s", err, cmp.Diff(string(got), string(again)))
	}
	windows := strings.ReplaceAll(before, "\n", "\r\n")
	got, err = UpdateTests([]byte(windows), updates)
	if err != nil || string(got) != strings.ReplaceAll(want, "\n", "\r\n") {
		t.Errorf("line ends are not kept (%v)", err)
	}
}

// Law: an expectation that was updated is what came: whatever the event, and
// whatever stood there before.
func FuzzUpdateTests(f *testing.F) {
	f.Add(`{"a":1,"b":{"c":["x",{"d":null}],"e":"\ud83d\ude00 # no: comment"}}`, `{"a":2,"b":{"c":[]}}`, true)
	f.Add(`{"a":"- x","m":{"k":"line\nline\n"}}`, `{"m":{"k":"other"},"z":true}`, true)
	f.Add(`{"a":[[1],[2,3]],"":"","~":"~","yes":"no"}`, `{"a":[[1]],"=":"=x"}`, false)
	f.Fuzz(func(t *testing.T, got, old string, whole bool) {
		event, ok := cleanObject(got)
		before, ok2 := cleanObject(old)
		if !ok || !ok2 {
			return // not two objects
		}
		file, err := UpdateTests([]byte("- name: x\n  alert: {}\n"), []Update{{Event: []byte(before)}})
		if err != nil {
			t.Fatal(err)
		}
		if whole {
			file = []byte(strings.Replace(string(file), "  expect:\n", "  expect:\n    whole: true\n", 1))
		}
		file, err = UpdateTests(file, []Update{{Event: []byte(event)}})
		if err != nil {
			t.Fatal(err)
		}
		tests, faults := ParseTests("t.yaml", file)
		if len(faults) > 0 {
			t.Fatalf("%v\n%s", faults, file)
		}
		var have any
		if err := json.Unmarshal([]byte(event), &have); err != nil {
			t.Fatal(err)
		}
		if problem := holds(tests[0].Expect.Event, have, whole, "event"); problem != "" {
			t.Fatalf("%s\n%s\nevent %s", problem, file, event)
		}
	})
}

// cleanObject gives what can come of an alert: objects without null, of a size
// that a test file may have.
func cleanObject(s string) (string, bool) {
	var v map[string]any
	if len(s) > 2000 || json.Unmarshal([]byte(s), &v) != nil || v == nil || hasNull(v) {
		return "", false
	}
	b, err := json.Marshal(v)
	return string(b), err == nil
}

func hasNull(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case map[string]any:
		for _, e := range x {
			if hasNull(e) {
				return true
			}
		}
	case []any:
		for _, e := range x {
			if hasNull(e) {
				return true
			}
		}
	}
	return false
}

// holds compares plainly what the test runner compares with positions.
func holds(n *Node, have any, whole bool, path string) string {
	switch x := have.(type) {
	case map[string]any:
		if n.Kind != Object {
			return path + " is not an object"
		}
		for _, f := range n.Fields {
			v, ok := x[f.Name]
			if !ok {
				if f.Value.Kind != Constant || f.Value.Scalar.Kind != Null {
					return path + "." + f.Name + " is expected"
				}
				continue
			}
			if p := holds(f.Value, v, whole, path+"."+f.Name); p != "" {
				return p
			}
		}
		if whole && len(n.Fields) < len(x) {
			return path + " has more"
		}
	case []any:
		if n.Kind != List || len(n.Items) != len(x) {
			return path + " is another list"
		}
		for i := range x {
			if p := holds(n.Items[i], x[i], whole, fmt.Sprintf("%s[%d]", path, i)); p != "" {
				return p
			}
		}
	case string:
		if n.Scalar != (Scalar{String, x}) {
			return fmt.Sprintf("%s is %+v, not %q", path, n.Scalar, x)
		}
	default:
		b, _ := json.Marshal(x)
		var back any
		if json.Unmarshal(n.Scalar.AppendJSON(nil), &back) != nil || back != x {
			return fmt.Sprintf("%s is %+v, not %s", path, n.Scalar, b)
		}
	}
	return ""
}
