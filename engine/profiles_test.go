package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: an event lists a profile of the head exactly if it has what the profile
// requires, and breaks no rule of OCSF, so it has no attribute of any other.
func TestProfilesFollowTheData(t *testing.T) {
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		class, _ := schema.Class("2004")
		w := deepEngine(t, version, "").NewWorker()
		seen := map[string]int{}
		for _, line := range deepAlerts(t) {
			event := eventOf(t, version, w.Apply(line))
			listed := profilesOf(event)
			for _, p := range []string{"host", "cloud", "datetime", "security_control", "container", "linux/linux_users"} {
				if has := hasProfile(schema, class, p, event); has != slices.Contains(listed, p) {
					t.Errorf("%s: has %s: %v, listed %v\n%s", version, p, has, listed, line)
				}
			}
			for _, p := range listed {
				seen[p]++
			}
		}
		for _, p := range []string{"host", "cloud", "datetime", "security_control", "container", "linux/linux_users"} {
			if all := len(deepAlerts(t)); seen[p] == 0 || seen[p] == all && p != "datetime" {
				t.Errorf("%s: %d of %d events list %s: the law proves nothing about it", version, seen[p], all, p)
			}
		}
	}
}

func profilesOf(event map[string]any) []string {
	var names []string
	list, _ := event["metadata"].(map[string]any)["profiles"].([]any)
	for _, p := range list {
		names = append(names, p.(string))
	}
	return names
}

// hasProfile judges a profile by the decoded event.
func hasProfile(s *ocsf.Schema, c *ocsf.Class, profile string, event map[string]any) bool {
	facts, _ := s.ProfileAttributes(c, profile)
	for _, a := range facts.Required {
		if event[a.Name] == nil {
			return false
		}
	}
	if len(facts.Required) > 0 || anyOfProfile(c.Attributes, profile, event) {
		return true
	}
	// Where nothing exists only with the profile, it is about attributes of the class.
	return !facts.Nested && slices.ContainsFunc(facts.Optional, func(a *ocsf.Attribute) bool { return len(a.Profiles) == 0 && event[a.Name] != nil })
}

func anyOfProfile(list []ocsf.Attribute, profile string, values map[string]any) bool {
	for i := range list {
		a := &list[i]
		value := values[a.Name]
		if value != nil && slices.Contains(a.Profiles, profile) {
			return true
		}
		items, isList := value.([]any)
		if !isList {
			items = []any{value}
		}
		for _, item := range items {
			if o, ok := item.(map[string]any); ok && a.Object != nil && anyOfProfile(a.Object.Attributes, profile, o) {
				return true
			}
		}
	}
	return false
}

// Law: with the profile datetime every time of an event has its NAME_dt beside it,
// of the same moment.
func TestDatetimeColumns(t *testing.T) {
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		class, _ := schema.Class("2004")
		w, depths := deepEngine(t, version, "").NewWorker(), map[string]int{}
		for _, line := range deepAlerts(t) {
			eachTime(t, class.Attributes, eventOf(t, version, w.Apply(line)), "", depths)
		}
		for _, path := range []string{"time", "start_time", "finding_info.created_time", "metadata.logged_time", "evidences.process.created_time", "evidences.file.modified_time"} {
			if depths[path] == 0 {
				t.Errorf("%s: no event has %s_dt", version, path)
			}
		}
	}
}

func eachTime(t *testing.T, list []ocsf.Attribute, values map[string]any, at string, seen map[string]int) {
	for i := range list {
		a := &list[i]
		value := values[a.Name]
		path := strings.TrimPrefix(at+"."+a.Name, ".")
		if n, ok := value.(float64); ok && a.Type.Kind == ocsf.Timestamp {
			seen[path]++
			text, _ := values[a.Name+"_dt"].(string)
			if at, err := time.Parse(time.RFC3339, text); err != nil || float64(at.UnixMilli()) != n {
				t.Errorf("%s is %v, %s_dt is %q", path, n, path, text)
			}
		}
		items, isList := value.([]any)
		if !isList {
			items = []any{value}
		}
		for _, item := range items {
			if o, ok := item.(map[string]any); ok && a.Object != nil {
				eachTime(t, a.Object.Attributes, o, path, seen)
			}
		}
	}
}

// Law: `$rest` has every leaf of the attributes that are left out with a profile, and
// leaving them out rejects nothing, even with Strict.
func TestProfileRollsBack(t *testing.T) {
	const mapping = `mapping: m
schema: 1.1.0
class: detection_finding
profiles: [cloud, security_control]
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  finding_info: {uid: u, title: t}
  metadata: {product: {name: Wazuh, vendor_name: v}}
  api: {operation: =data.op, request: {uid: =data.request}}
  cloud: {provider: =data.provider, region: =data.region}
  disposition: =data.disposition
  action_id: =data.action
  malware: [{name: =data.malware, classification_ids: [1], provider: p}]
  resources: [{name: r, uid: =data.uid, region: =data.region}]
  unmapped: {$rest: true}
`
	for alert, want := range map[string]string{
		`"op":"Get","region":"x"`:                     `<nil> {"data.op":"Get","data.region":"x"}`,
		`"provider":"AWS","region":"x"`:               `["cloud"] {"data.region":null}`,
		`"provider":"AWS","op":"Get"`:                 `["cloud"] {}`,
		`"disposition":"Blocked","malware":"m"`:       `<nil> {"data.disposition":"Blocked","data.malware":"m"}`,
		`"disposition":"Blocked","action":"2"`:        `["security_control"] {}`,
		`"action":"1","provider":"GCP","op":"Insert"`: `["cloud","security_control"] {}`,
		`"uid":"1","region":"x"`:                      `<nil> {"data.region":"x"}`,
		`"uid":"1","region":"x","provider":"AWS"`:     `["cloud"] {}`,
		`"uid":"1"`: `<nil> {}`,
	} {
		e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		event := eventOf(t, "1.1.0", e.NewWorker().Apply(`{"timestamp":"2026-03-14T09:26:53Z","data":{`+alert+`}}`))
		got, _ := json.Marshal(event["unmapped"])
		if event["unmapped"] == nil {
			got = []byte("{}")
		}
		text := "<nil>"
		if names := profilesOf(event); names != nil {
			list, _ := json.Marshal(names)
			text = string(list)
		}
		if have := fmt.Sprintf("%s %s", text, got); have != strings.ReplaceAll(want, `{"data.region":null}`, "{}") {
			t.Errorf("%s: %s, not %s", alert, have, want)
		}
	}
}

// A profile that the class has in any case, as host in process activity, is listed
// as soon as its attributes are there.
func TestProfileOfAttributesOfTheClass(t *testing.T) {
	const mapping = `mapping: m
schema: 1.1.0
class: process_activity
profiles: host
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  metadata: {product: {name: Wazuh, vendor_name: v}}
  actor: {user: {name: =data.user}}
  device: {type: server, name: =agent.name}
  process: {pid: 1}
`
	event := eventOf(t, "1.1.0", made(t, mapping, `{"timestamp":"2026-03-14T09:26:53Z","data":{"user":"u"},"agent":{"name":"a"}}`))
	if diff := cmp.Diff([]string{"host"}, profilesOf(event)); diff != "" {
		t.Error(diff)
	}
}

// Law: explaining the deep mapping changes nothing, and its attributes, put back at
// their paths, are the event.
func TestDeepExplanationIsTheEvent(t *testing.T) {
	for _, version := range ocsf.Versions() {
		e := deepEngine(t, version, withObservables)
		explaining, applying := e.NewWorker(), e.NewWorker()
		for _, line := range deepAlerts(t) {
			got, want := explaining.Explain(line), applying.Apply(line)
			event := string(want.Events[0].Event.AppendJSON(nil))
			if string(got.Event) != event {
				t.Fatalf("explaining changed the event:\n%s\n%s", got.Event, event)
			}
			if diff := cmp.Diff(decoded(t, event), rebuilt(t, got)); diff != "" {
				t.Fatalf("the attributes are not the event:\n%s", diff)
			}
		}
	}
}

// What is said of a profile that an event lacks.
func TestExplanationOfProfiles(t *testing.T) {
	x := deepEngine(t, "1.1.0", "").NewWorker().Explain(`{"timestamp":"2026-03-14T09:26:53Z","rule":{"level":3,"id":"1","description":"d"},"agent":{"name":"a"},"data":{"aws":{"awsRegion":"x"},"docker":{"Action":"exec"},"office365":null}}`)
	got := map[string]string{}
	for _, a := range x.Attributes {
		text := a.Value
		if a.Absent != "" {
			text = "- " + a.Absent
		}
		if a.Lost != "" {
			text += " lost " + a.Lost
		}
		got[a.Path] += text + ";"
	}
	for path, want := range map[string]string{
		"metadata.profiles[0]": `"host";`,
		"metadata.profiles[1]": `"cloud";`,
		"metadata.profiles[2]": `"datetime";`,
		"metadata.profiles[]": "- the profile requires `action_id`, which the event lacks;- the event has none of the attributes of the profile;" +
			"- the event has none of the attributes of the profile;",
		"api.operation": `"exec";`,
	} {
		if got[path] != want {
			t.Errorf("%s: %s\nwant %s", path, got[path], want)
		}
	}
	x = deepEngine(t, "1.1.0", "").NewWorker().Explain(`{"timestamp":"2026-03-14T09:26:53Z","rule":{"level":3,"id":"1","description":"d"},"agent":{"name":"a"},"data":{"docker":{"Action":"exec"}}}`)
	for _, a := range x.Attributes {
		if a.Path == "api.operation" && (a.Lost != `"exec"` || a.Absent != "left out with the profile `cloud`, which requires `cloud`") {
			t.Errorf("%+v", a)
		}
	}
}
