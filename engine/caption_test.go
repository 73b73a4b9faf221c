package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// made compiles a mapping and applies it to one alert.
func made(t *testing.T, mapping, line string) engine.Result {
	t.Helper()
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e.NewWorker().Apply(line)
}

// eventOf is the decoded event of a Result, which must keep the rules of OCSF.
func eventOf(t *testing.T, version string, r engine.Result) map[string]any {
	t.Helper()
	if r.Outcome != engine.Event {
		t.Fatalf("not an event: %s (%s)", r.Reason, r.Where)
	}
	schema, err := ocsf.Load(version)
	if err != nil {
		t.Fatal(err)
	}
	lawful(t, ocsf.NewChecker(schema), r)
	var event map[string]any
	if err := json.Unmarshal(r.Events[0].Event.AppendJSON(nil), &event); err != nil {
		t.Fatal(err)
	}
	return event
}

// captionMapping gives ids by their captions only: in the event, in nested
// objects and in items of lists, required ids among them.
const captionMapping = `
mapping: captions
schema: %s
class: detection_finding
event:
  activity_name: =data.activity
  severity: =data.severity
  status: =data.status
  time: =timestamp
  finding_info: {uid: u, title: t, analytic: {uid: a, type: =data.analytic}}
  metadata: {product: {name: Wazuh, vendor_name: v}}
  evidences:
    - $each: =data.files
      file: {name: =it.name, type: =it.type, hashes: [{algorithm: =it.algorithm, value: =it.hash}]}
  unmapped: {$rest: true}
`

// Law: a caption in whatever case gives its id and is written as the class spells
// it, for every caption of an enum.
func TestCaptionGivesID(t *testing.T) {
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		class, _ := schema.Class("2004")
		mapping := fmt.Sprintf(captionMapping, version)
		for _, name := range []string{"severity", "status", "activity"} {
			id, _ := class.Attribute(name + "_id")
			for _, e := range id.Enum {
				for _, text := range []string{e.Caption, strings.ToUpper(e.Caption), strings.ToLower(e.Caption)} {
					data := map[string]string{"severity": "Low", "activity": "create"}
					data[name] = text
					alert, _ := json.Marshal(map[string]any{"timestamp": "2026-03-14T09:26:53Z", "data": data})
					event := eventOf(t, version, made(t, mapping, string(alert)))
					if got := fmt.Sprint(event[name+"_id"], " ", event[id.Sibling]); got != e.Value+" "+e.Caption {
						t.Errorf("%s: %s %q gives %s, not %s %s", version, name, text, got, e.Value, e.Caption)
					}
				}
			}
		}
	}
}

func TestCaptions(t *testing.T) {
	const alert = `{"timestamp":"2026-03-14T09:26:53Z","data":{"activity":"UPDATE","severity":"page someone","analytic":"rule","files":[` +
		`{"name":"a","type":"regular file","algorithm":"md5","hash":"x"},{"name":"b","type":"socket of ours","algorithm":"CRC","hash":"y"},{"name":"c","hash":"z","algorithm":"SHA-1"}]}}`
	for _, version := range ocsf.Versions() {
		event := eventOf(t, version, made(t, fmt.Sprintf(captionMapping, version), alert))
		got := map[string]any{}
		for _, name := range []string{"activity_id", "activity_name", "type_uid", "type_name", "severity_id", "severity", "status_id", "evidences", "unmapped"} {
			got[name] = event[name]
		}
		want := map[string]any{
			"activity_id": 2.0, "activity_name": "Update", "type_uid": 200402.0, "type_name": "Detection Finding: Update",
			"severity_id": 99.0, "severity": "page someone", "status_id": nil,
			"evidences": []any{
				map[string]any{"file": map[string]any{"name": "a", "type_id": 1.0, "type": "Regular File",
					"hashes": []any{map[string]any{"algorithm_id": 1.0, "algorithm": "MD5", "value": "x"}}}},
				map[string]any{"file": map[string]any{"name": "b", "type_id": 99.0, "type": "socket of ours",
					"hashes": []any{map[string]any{"algorithm_id": 99.0, "algorithm": "CRC", "value": "y"}}}},
			}, // of the third the required type is absent
			"unmapped": map[string]any{"data.files.2.name": "c", "data.files.2.hash": "z", "data.files.2.algorithm": "SHA-1"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", version, diff)
		}
	}
}

// A required id whose caption is absent rejects the alert, by the rule of the
// caption.
func TestRequiredCaptionIsAbsent(t *testing.T) {
	r := made(t, fmt.Sprintf(captionMapping, "1.1.0"), `{"timestamp":"2026-03-14T09:26:53Z","data":{"activity":"Create"}}`)
	if r.Outcome != engine.Reject || r.Reason != "the class requires `severity_id`, and its rule gave nothing for this alert" || r.Where.Attribute != "severity" {
		t.Errorf("%v %q %v", r.Outcome, r.Reason, r.Where)
	}
}

// Of an enum without 99 Other, a text that is not a caption is a failed conversion.
func TestCaptionOfEnumWithoutOther(t *testing.T) {
	const mapping = captionMapping + "  risk_level: =data.risk\n"
	for risk, want := range map[string]string{"HIGH": "3 High map[]", "lofty": "<nil> <nil> map[data.risk:lofty]"} {
		r := made(t, fmt.Sprintf(mapping, "1.1.0"), `{"timestamp":"2026-03-14T09:26:53Z","data":{"activity":"Create","severity":"Low","risk":"`+risk+`"}}`)
		event := eventOf(t, "1.1.0", r)
		unmapped, _ := event["unmapped"].(map[string]any)
		if got := fmt.Sprint(event["risk_level_id"], " ", event["risk_level"], " ", unmapped); got != want {
			t.Errorf("%s gives %s, not %s", risk, got, want)
		}
	}
}
