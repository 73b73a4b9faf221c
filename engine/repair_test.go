package engine_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/plan"
)

// FuzzRepair: bytes that are not UTF-8 change nothing but themselves. A line with
// such bytes becomes what the same line with U+FFFD in their places becomes, and
// unmapped has the line as it came; with Strict it is rejected. The alert after
// it does not know of it.
func FuzzRepair(f *testing.F) {
	for i := range samples(f) {
		f.Add(i, i*37, "\xe9", i%5 == 0)
	}
	f.Add(1, 100, "\xed\xa0\x80\xff", false)
	f.Add(2, 0, "\xff", false)
	lines := samples(f)
	loose := shipped(f, "wazuh/security_finding", engine.Options{}).NewWorker()
	strict := shipped(f, "wazuh/security_finding", engine.Options{Strict: true}).NewWorker()
	f.Fuzz(func(t *testing.T, n, at int, bad string, cut bool) {
		line := lines[max(n, 0)%len(lines)]
		at = max(at, 0) % len(line)
		end := at
		if cut {
			end = min(at+2, len(line))
		}
		line = line[:at] + bad + line[end:]
		if utf8.ValidString(line) {
			return
		}
		before := told(loose.Apply(lines[0]))
		got, kept := apart(t, loose.Apply(line))
		want, none := apart(t, loose.Apply(strings.Map(func(r rune) rune { return r }, line)))
		if diff := cmp.Diff(want, got); diff != "" && want[0] != string('0'+rune(engine.Reject)) || none != "" {
			t.Errorf("-with U+FFFD +repaired:\n%s", diff)
		}
		if want[0] == string('0'+rune(engine.Event)) && kept != line {
			t.Errorf("unmapped keeps %q of %q", kept, line)
		}
		if r := strict.Apply(line); r.Outcome != engine.Reject || r.Repaired {
			t.Errorf("with Strict: %v", told(r))
		}
		if diff := cmp.Diff(before, told(loose.Apply(lines[0]))); diff != "" {
			t.Errorf("the alert after it differs: %s", diff)
		}
	})
}

// apart is told without the line that unmapped keeps, which it returns.
func apart(t *testing.T, r engine.Result) (rest []string, kept string) {
	t.Helper()
	rest = told(r)
	if r.Outcome != engine.Event {
		return rest, ""
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(rest[3]), &event); err != nil {
		t.Fatal(err)
	}
	unmapped, _ := event["unmapped"].(map[string]any)
	text, is := unmapped["_line_base64"].(string)
	if is != r.Repaired {
		t.Errorf("repaired is %t, and unmapped has the line: %t", r.Repaired, is)
	}
	delete(unmapped, "_line_base64")
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	back, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	rest[3] = string(back)
	return rest, string(raw)
}

// A fault behind bytes that are not UTF-8 has its place in the line as it came.
func TestFaultOfARepairedLine(t *testing.T) {
	w := shipped(t, "wazuh/security_finding", engine.Options{}).NewWorker()
	for line, want := range map[string]string{
		"{\"a\":\"\xe9\xe9\",}":          "column 11: expected a member's name in quotes",
		"{\"a\":\"é\xe9\"":               "column 11: expected a comma",
		"{\"a\":1}\xff":                  "column 8: more text",
		"{\"a\":\"\xff\",\"b\":\"\x00\"": "column 15: control character",
	} {
		if r := w.Apply(line); r.Outcome != engine.Reject || !strings.HasPrefix(r.Reason, want) {
			t.Errorf("%q: %s, want %s", line, r.Reason, want)
		}
	}
}

// A mapping without $rest has no place for the line; the event is repaired all
// the same, and an explanation shows the same event.
func TestRepairWithoutRest(t *testing.T) {
	text := strings.Replace(guestMapping, "unmapped: {$rest: true}", "type_name: x", 1)
	text = text[:strings.Index(text, "functions:")] + text[strings.Index(text, "event:"):]
	text = strings.NewReplacer("  count: =number(arg)\n", "", "  risk_score: =softly(soft)\n", "", "  type_name: x\n", "").Replace(text)
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	line := "{\"timestamp\":\"2026-03-14T09:26:53Z\",\"log\":\"jos\xe9\"}"
	r := w.Apply(line)
	if r.Outcome != engine.Event || !r.Repaired || !strings.Contains(outcomeText(r), "\"message\":\"jos\uFFFD\"") {
		t.Fatalf("%s", outcomeText(r))
	}
	want := string(r.Events[0].Event.AppendJSON(nil))
	if x := w.Explain(line); string(x.Event) != want {
		t.Errorf("explained as %s, want %s", x.Event, want)
	}
}

// A transform of alerts is given nothing but one JSON object on one line, in
// UTF-8; anything else is rejected before.
func TestTransformsGetAlertsOnly(t *testing.T) {
	var seen []string
	load := func(u plan.GuestUse) (*plan.Guest, error) {
		guest, err := (&testGuest{}).load(u)
		if err != nil {
			return nil, err
		}
		return &plan.Guest{Open: func() (plan.Instance, error) {
			instance, err := guest.Open()
			instance.Alert = func(in []byte) ([]byte, bool, error) {
				seen = append(seen, string(in))
				return in, false, nil
			}
			return instance, err
		}}, nil
	}
	e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(strings.Replace(guestMapping, "EVENT", "reject", 1))}}, engine.Options{Load: load})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	defer w.Close()
	good := `{"timestamp":"2026-03-14T09:26:53Z"`
	for line, want := range map[string]string{
		good + `,"log":"a"}`:              good + `,"log":"a"}`,
		good + ",\r\n\"log\"\n:\"a\\n\"}": good + ",  \"log\" :\"a\\n\"}",
		good + ",\"log\":\"jos\xe9\"}":    good + ",\"log\":\"jos\uFFFD\"}",
		good + `}` + good + `}`:           "",
		good + `,"log":"` + good + `}`:    "",
		"text":                            "",
		"[1]":                             "",
		good + "}\xff":                    "",
	} {
		seen = nil
		r := w.Apply(line)
		if got := strings.Join(seen, "|"); got != want || (r.Outcome == engine.Event) != (want != "") {
			t.Errorf("%q: the transform got %q, want %q; %s", line, got, want, outcomeText(r))
		}
	}
}
