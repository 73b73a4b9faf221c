package mappings_test

import (
	"strings"
	"testing"
)

// 2026-03-14T06:00:00Z and the milliseconds of a day.
const six, day = int64(1773468000000), int64(86_400_000)

func TestTimes(t *testing.T) {
	for times, want := range map[string]int64{
		`"timestamp":"2026-03-14T06:00:00.976+0000"`:       six + 976,
		`"timestamp":"2026-03-14T06:00:00.976Z"`:           six + 976,
		`"timestamp":"2026-03-14T06:00:00Z"`:               six,
		`"timestamp":"2026-03-14T06:00:00+0000"`:           six,
		`"timestamp":"2026-03-14T06:00:00.9+00:00"`:        six + 900,
		`"timestamp":"2026-03-14T06:00:00.123456789Z"`:     six + 123,
		`"timestamp":"2026-03-14T06:00:00.9999Z"`:          six + 999,
		`"timestamp":"2026-03-14t06:00:00z"`:               six,
		`"timestamp":"2026-03-14 06:00:00Z"`:               six,
		`"timestamp":"2026-03-14T06:00:00.5"`:              six + 500,
		`"timestamp":"2026-03-14T06:00:00"`:                six,
		`"timestamp":"2026-03-14T08:00:00.000+0200"`:       six,
		`"timestamp":"2026-03-13T23:30:00.000-06:30"`:      six,
		`"timestamp":"2026-03-15T01:30:00.000+0200"`:       six + 17*3_600_000 + 30*60_000,
		`"timestamp":"2026-03-14T23:30:00-02"`:             six + 19*3_600_000 + 30*60_000,
		`"timestamp":1773468000`:                           six,
		`"timestamp":"1773468000"`:                         six,
		`"timestamp":1773468000976`:                        six + 976,
		`"timestamp":"1773468000976"`:                      six + 976,
		`"timestamp":1773468000.976`:                       six + 976,
		`"@timestamp":"2026-03-14T06:00:00.976Z"`:          six + 976,
		`"@timestamp":"x","timestamp":1773468000`:          six,
		`"@timestamp":1773468000,"timestamp":""`:           six,
		`"@timestamp":1773468000,"timestamp":null`:         six,
		`"timestamp":"2024-02-29T00:00:00Z"`:               1709164800000,
		`"timestamp":"1980-01-01T00:00:00Z"`:               315532800000,
		`"timestamp":"9999-12-31T23:59:59.999Z"`:           253402300799999,
		`"timestamp":"2026-03-14T06:00:00.000+0000","x":1`: six,
	} {
		line := `{` + times + `,"rule":{"id":"1"}}`
		for _, class := range classes {
			t.Run(class+"/"+times, func(t *testing.T) { checkEdge(t, class, line, facts{"time": want}) })
		}
	}
}

// The original time stays as it came, and where there is none no other takes
// its place.
func TestOriginalTime(t *testing.T) {
	for times, want := range map[string]any{
		`"timestamp":"2026-03-14T08:00:00.000+0200"`: "2026-03-14T08:00:00.000+0200",
		`"timestamp":1773468000976`:                  "1773468000976",
		`"@timestamp":"2026-03-14T06:00:00Z"`:        nil,
	} {
		checkEdge(t, "security_finding", `{`+times+`,"rule":{"id":"1"}}`, facts{"metadata.original_time": want})
	}
}

// What the class requires and no fallback gives makes a reject that says which
// rule and why. What has no rule of Wazuh is not an alert, and unmatched.
func TestRejects(t *testing.T) {
	for line, reason := range map[string]string{
		`{"rule":{"id":"1"}}`: " time: ",
		`{}`:                  "unmatched",
		`{"timestamp":"2026-02-30T00:00:00Z","rule":{"id":"1"}}`:                          "\"2026-02-30T00:00:00Z\"",
		`{"timestamp":"2025-02-29T00:00:00Z","rule":{"id":"1"}}`:                          " time: ",
		`{"timestamp":"2026-03-14T24:00:00Z","rule":{"id":"1"}}`:                          " time: ",
		`{"timestamp":"2026-03","rule":{"id":"1"}}`:                                       " time: ",
		`{"timestamp":"yesterday","@timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"}}`: "yesterday",
		`{"timestamp":"1969-12-31T23:59:59.999Z","rule":{"id":"1"}}`:                      " time: ",
		`{"timestamp":"1970-01-01T01:00:00+0200","rule":{"id":"1"}}`:                      " time: ",
		`{"timestamp":177346800,"rule":{"id":"1"}}`:                                       " time: ",
		`{"timestamp":17734680009760,"rule":{"id":"1"}}`:                                  " time: ",
		`{"timestamp":true,"rule":{"id":"1"}}`:                                            " time: ",
		`{"timestamp":["2026-03-14T06:00:00Z"],"rule":{"id":"1"}}`:                        " time: ",
		`{"timestamp":"2026-03-14T06:00:00Z"}`:                                            "unmatched",
		`{"timestamp":"2026-03-14T06:00:00Z","rule":"5716","full_log":"x"}`:               "unmatched",
		`{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"","description":""}}`:          "title",
		`{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1","level":"high"}}`:           " severity_id: ",
		`{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"}`:                           "object",
		`{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"}} {}`:                       "",
		`["x"]`:          "object",
		`"x"`:            "object",
		"\x00":           "",
		`{"a":01}`:       "",
		`{"a":"\xff`:     "",
		"{\"a\":\"\t\"}": "",
	} {
		for _, class := range classes {
			t.Run(class+"/"+line, func(t *testing.T) {
				got := shipped(t, class).add(line)
				if got == "" || !strings.Contains(got, reason) {
					t.Errorf("%q does not speak of %q", got, reason)
				}
			})
		}
	}
}
