package engine_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// Every example of a time in the manual is one: of that day, as text and,
// where it is a number, as a number too.
func TestManualTimes(t *testing.T) {
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole("event:\n  time: =timestamp\n"))}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	at := func(value string) string {
		r := w.Apply(`{"timestamp":` + value + `}`)
		if r.Outcome != engine.Event {
			return r.Reason
		}
		_, text, _ := strings.Cut(string(r.Events[0].Event.AppendJSON(nil)), `"time":`)
		time, _, _ := strings.Cut(text, ",")
		return time
	}
	examples := 0
	for _, row := range rows(section(t, "Types")) {
		if len(row) != 2 || row[0] == "form" {
			continue
		}
		for _, m := range regexp.MustCompile("`([^`]+)`|^([^`]+)$").FindAllStringSubmatch(row[1], -1) {
			example := m[1] + m[2]
			values := []string{`"` + example + `"`}
			if !strings.ContainsAny(example, "-T:") {
				values = append(values, example)
			}
			for _, v := range values {
				examples++
				if got := at(v); got != "1773446400000" && got != "1773480413000" && got != "1773480413589" {
					t.Errorf("%s gives %s", v, got)
				}
			}
		}
	}
	if examples < 14 {
		t.Errorf("only %d examples", examples)
	}
	if got := at("999999999"); !strings.Contains(got, "`time` accepts a time") {
		t.Errorf("999999999 gives %s", got)
	}
}
