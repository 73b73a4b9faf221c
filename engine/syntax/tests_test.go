package syntax

import (
	"regexp"
	"strings"
	"testing"
)

const testFile = `# what it does with log-ins
- name: an object
  alert:
    id: "1"           # text
    n: [1, 0x10, 1.50, 1e3, .inf, true, ~]
    agents: [010, 001, -07, 00, 08.5, 0, 0.5, 0o17, !!int 010]
    when: 2026-03-14T00:00:00Z
  expect:
    event: {severity_id: 2}

- name: text
  alert: |
    {"id":"1"}
  expect:
    reject: ^time
- name: file
  alert_file: alerts.ndjson:3
  expect:
    unmatched: true
- name: nothing yet
  alert_file: alerts.ndjson
`

func TestParseTests(t *testing.T) {
	tests, faults := ParseTests("m_test.yaml", []byte(testFile))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if len(tests) != 4 {
		t.Fatalf("%d tests", len(tests))
	}
	if want := `{"id":"1","n":[1,16,1.50,1e3,".inf",true,null],"agents":["010","001","-07","00","08.5",0,0.5,15,"010"],"when":"2026-03-14T00:00:00Z"}`; tests[0].Alert != want {
		t.Errorf("the alert is %s\nwant %s", tests[0].Alert, want)
	}
	if f := tests[0].Expect.Event.Fields[0]; f.Name != "severity_id" || f.Pos.String() != "m_test.yaml:9:13" {
		t.Errorf("the event begins with %+v", f)
	}
	if tests[1].Alert != `{"id":"1"}` || !tests[1].Expect.Reject.MatchString("time it is") {
		t.Errorf("%+v", tests[1])
	}
	if tests[2].AlertFile.Value != "alerts.ndjson" || tests[2].AlertLine != 3 || !tests[2].Expect.Unmatched {
		t.Errorf("%+v", tests[2])
	}
	if tests[3].AlertLine != 1 || tests[3].Expect.Pos != (Pos{}) {
		t.Errorf("%+v", tests[3])
	}
}

// Law: every fault of a test file is found, at its place; each fixture is one
// line of places and messages, and the file.
func TestTestFaults(t *testing.T) {
	for _, c := range []struct{ file, faults string }{
		{"", "1:1 is empty"},
		{"# nothing yet\n", "1:1 is empty"},
		{"---\n", "1:1 is empty"},
		{"~\n", "1:1 is empty"},
		{"name: x\n", "1:1 is a list of tests"},
		{"- just text\n", "1:3 holds `name`"},
		{"- nam: x\n  alert: {}\n  expect: {unmatched: true}\n", "1:3 unknown key `nam` in a test; did you mean `name`; 1:3 lacks `name`"},
		{"- name: x\n  expect: {unmatched: true}\n", "1:3 lacks `alert`"},
		{"- name: x\n  alert: {}\n  alert_file: y\n", "1:3 give one of them"},
		{"- name: x\n  alert: {}\n  reject: y\n", "3:3 belongs under `expect`"},
		{"- name: x\n  alert: {}\n  events: []\n", "3:3 belongs under `expect`"},
		{"- name: x\n  alert: {}\n  expect: {events: []}\n", "3:20 `events` is a list of the events that a set makes of the alert"},
		{"- name: x\n  alert: {}\n  expect: {events: {a: 1}}\n", "3:20 `events` is a list of the events"},
		{"- name: x\n  alert: {}\n  expect: {events: [{a: 1}, b]}\n", "3:29 an item of `events` holds the attributes that the event must have, not a single value"},
		{"- name: x\n  alert: {}\n  expect: {events: [{a: 1}], event: {a: 1}}\n", "3:3 `expect` holds one of"},
		{"- name: x\n  alert: {}\n  expect: {reject: a, whole: true}\n", "3:3 `whole` belongs beside `event` or `events`"},
		{"- name: x\n  alert: {}\n  expect: {evnt: {}}\n", "3:12 unknown key `evnt` in `expect`; did you mean `event`?"},
		{"- name: x\n  alert: {}\n  expect: {severity_id: 1}\n", "3:12 unknown key `severity_id` in `expect`; attributes belong under `event`, and the other keys are events, whole"},
		{"- name: x\n  alert: {}\n  expect: {}\n", "3:3 this has 0"},
		{"- name: x\n  alert: {}\n  expect:\n    event: {}\n    unmatched: true\n", "3:3 this has 2"},
		{"- name: x\n  alert: {}\n  expect:\n    event: [1]\n", "4:12 not a list"},
		{"- name: x\n  alert: {}\n  expect:\n    reject: '('\n", "4:13 not a regular expression"},
		{"- name: x\n  alert: {}\n  expect:\n    unmatched: false\n", "4:16 says nothing"},
		{"- name: x\n  alert: {}\n  expect:\n    dropped: false\n", "4:14 `dropped: false` says nothing"},
		{"- name: x\n  alert: {}\n  expect:\n    unmatched: true\n    whole: true\n", "3:3 beside `event`"},
		{"- name: x\n  alert: {a: 1, a: 2}\n", "2:17 duplicate key"},
		{"- name: x\n  alert: {}\n- name: x\n  alert: {}\n", "3:3 already used by the test on line 1"},
		{"- name: !x y\n  alert: {a: !env A}\n  expect: {event: {a: !!set {b}}}\n", "1:9 tags such as `!x` are; 2:14 tags such as `!env` are; 3:23 tags such as `!!set` are"},
		{"- name: x\n  alert_file: a:b\n", "2:15 a path with a line"},
		{"- name: x\n  alert: {}\n  expect: {event: {}, whole: 1}\n", "3:30 is true or false"},
		{"- name: x\n  alert: [\n", "is not YAML"},
		{"- name: x\n  alert: {}\n---\n- name: y\n  alert: {}\n", "3:1 second YAML document"},
	} {
		_, faults := ParseTests("t.yaml", []byte(c.file))
		want := strings.Split(c.faults, "; ")
		var sentences []string // "did you mean" has a semicolon of its own
		for _, w := range want {
			if regexp.MustCompile(`^\d+:\d+ |^is not`).MatchString(w) {
				sentences = append(sentences, w)
			} else {
				sentences[len(sentences)-1] += "; " + w
			}
		}
		if len(faults) != len(sentences) {
			t.Errorf("%q: %v", c.file, faults)
			continue
		}
		for i, w := range sentences {
			place, words, _ := strings.Cut(w, " ")
			if place == "is" {
				place, words = "", w
			}
			if got := faults[i].Error(); !strings.HasPrefix(got, "t.yaml:"+place) || !strings.Contains(got, words) {
				t.Errorf("%q:\n%s\nwant %s", c.file, got, w)
			}
		}
	}
}
