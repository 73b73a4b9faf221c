package pipeline

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Alerts become the same events however they are written, for any number of
// workers, and every value is accounted for.
func TestFormsGiveTheSameEvents(t *testing.T) {
	var all []string
	for i := range 500 {
		all = append(all, alert(i, ascending(i)))
	}
	all[100] = `{"rule":{"level":99}}`
	all[200] = `{"broken":1}`
	forms := map[string]string{
		"lines":        strings.Join(all, "\n"),
		"array":        "[" + strings.Join(all, ",\n") + "]",
		"concatenated": strings.Join(all, ""),
		"pretty":       strings.ReplaceAll(strings.Join(all, "\n"), ",", ",\n  "),
		"response":     `{"took":1,"hits":{"hits":[{"_source":` + strings.Join(all, `},{"_source":`) + `}]}}`,
		"bulk":         "{\"index\":{}}\n" + strings.Join(all, "\n{\"create\":{}}\n"),
		"late":         all[0] + "\n" + strings.Join(all[1:], ""),
	}
	var want []byte
	for _, name := range []string{"lines", "array", "concatenated", "pretty", "response", "bulk", "late"} {
		for _, workers := range []int{1, 2, 8} {
			var out bytes.Buffer
			res, _ := runTo(t, func(c *Config) { c.Events, c.Out, c.Workers = &out, nil, workers }, stream("stdin", forms[name]))
			if want == nil {
				want = out.Bytes()
			}
			if diff := cmp.Diff(Counts{Lines: 500, Taken: 498, Events: 498, Rejects: 1, Unmatched: 1}, res.Counts); diff != "" {
				t.Errorf("%s, %d workers: %s", name, workers, diff)
			}
			if !bytes.Equal(want, out.Bytes()) {
				t.Errorf("%s, %d workers: other events than of lines", name, workers)
			}
			found := strings.Join(res.Inputs[0].Found, "\n")
			if (found == "") != (name == "lines" || name == "late") || found != "" && !strings.HasPrefix(found, "stdin: ") {
				t.Errorf("%s: found %q", name, found)
			}
		}
	}
}

// A torn line is one reject and the alert behind the tear. The reject, run again,
// stays one.
func TestATornLineGivesBackTheAlertBehindIt(t *testing.T) {
	torn := `{"timestamp":1,"full_log":"{\"sec-fetch-mo`
	text := fmt.Sprintf("%s\n%s%s\n%s\n", alert(1, startMillis), torn, alert(2, startMillis), alert(3, startMillis))
	res, files := runTo(t, nil, inputs(t, write(t, "a.json", text))...)
	if diff := cmp.Diff(Counts{Lines: 4, Taken: 3, Events: 3, Rejects: 1}, res.Counts); diff != "" {
		t.Fatal(diff)
	}
	rejects := string(files["rejects/"+res.Inputs[0].Rejects[0]])
	if !strings.Contains(rejects, `"line":2,"reason":"column 43: the text is torn`) {
		t.Errorf("the reject is %s", rejects)
	}
	again, _ := runTo(t, nil, inputs(t, write(t, "b.json", rejects))...)
	if diff := cmp.Diff(Counts{Lines: 1, Rejects: 1}, again.Counts); diff != "" {
		t.Error(diff)
	}
}
