package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// observable is one as tests compare it. Objects have no value.
type observable struct {
	name, value string
	typeID      int
}

func observablesOf(event map[string]any) []observable {
	var all []observable
	list, _ := event["observables"].([]any)
	for _, item := range list {
		o := item.(map[string]any)
		value, _ := o["value"].(string)
		all = append(all, observable{o["name"].(string), value, int(o["type_id"].(float64))})
	}
	return all
}

// expectedObservables makes the observables of a decoded event by the schema alone.
func expectedObservables(list []ocsf.Attribute, at string, values map[string]any, all []observable) []observable {
	for i := range list {
		a := &list[i]
		value, ok := values[a.Name]
		if !ok || at == "" && a.Name == "observables" {
			continue
		}
		name, items := strings.TrimPrefix(at+"."+a.Name, "."), []any{value}
		if a.Array {
			name, items = name+"[]", value.([]any)
		}
		for _, item := range items {
			one := observable{name: name, typeID: a.Observable}
			switch item := item.(type) {
			case string:
				one.value = item
			case float64:
				one.value = strconv.FormatFloat(item, 'f', -1, 64)
			}
			if a.Observable != 0 && !slices.Contains(all, one) {
				all = append(all, one)
			}
			if o, ok := item.(map[string]any); ok && a.Object != nil {
				all = expectedObservables(a.Object.Attributes, name, o, all)
			}
		}
	}
	return all
}

// Law: the observables of an event are those of its attributes by the schema, each
// pair of name and value once, in the order of the schema; and they change nothing
// else in the event, neither what `$rest` keeps.
func TestObservablesAreTheEvents(t *testing.T) {
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		class, _ := schema.Class("2004")
		with, without := deepEngine(t, version, withObservables).NewWorker(), deepEngine(t, version, "").NewWorker()
		types := map[int]bool{}
		for _, line := range deepAlerts(t) {
			event, plain := eventOf(t, version, with.Apply(line)), eventOf(t, version, without.Apply(line))
			got := observablesOf(event)
			if diff := cmp.Diff(expectedObservables(class.Attributes, "", event, nil), got, cmp.AllowUnexported(observable{})); diff != "" {
				t.Fatalf("%s: -want +got\n%s\n%s", version, diff, line)
			}
			for _, o := range got {
				types[o.typeID] = true
			}
			delete(event, "observables")
			if diff := cmp.Diff(plain, event); diff != "" {
				t.Fatalf("%s: -without +with\n%s", version, diff)
			}
		}
		for _, id := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 24, 25, 26, 30} {
			if !types[id] {
				t.Errorf("%s: no observable of type %d", version, id)
			}
		}
	}
}

// observing is a mapping with the given observables, and lists of everything.
const observing = `mapping: m
schema: 1.3.0
class: detection_finding
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  finding_info: {uid: u, title: t}
  metadata: {product: {name: Wazuh, vendor_name: v, url_string: "https://wazuh.example"}}
  evidences:
    - $each: =data.items
      src_endpoint: {ip: =it.ip, port: =it.port, intermediate_ips: =it.via}
      process: {pid: =it.pid, name: =it.process}
  observables: %s
`

const observed = `{"timestamp":"2026-03-14T09:26:53Z","data":{"items":[
	{"ip":"192.0.2.1","port":22,"pid":7,"via":["192.0.2.9","192.0.2.9","192.0.2.8"]},{"ip":"192.0.2.1","port":23,"process":"sh"},{"ip":"192.0.2.2","pid":7}]}}`

func TestObservables(t *testing.T) {
	const all = "evidences[].process 25 , evidences[].process.pid 15 7, evidences[].src_endpoint.intermediate_ips[] 2 192.0.2.9, evidences[].src_endpoint.intermediate_ips[] 2 192.0.2.8, " +
		"evidences[].src_endpoint.ip 2 192.0.2.1, evidences[].src_endpoint.port 11 22, evidences[].src_endpoint.port 11 23, evidences[].src_endpoint.ip 2 192.0.2.2"
	for _, test := range [][2]string{
		{"{$from: event}", all + ", metadata.product.url_string 6 https://wazuh.example"},
		{"{$from: event, not: metadata}", all},
		{"{$from: event, not: [metadata.product.url_string]}", all},
		{"[{$from: event, not: [url_t]}]", all},
		{"{$from: event, only: [Port]}", "evidences[].src_endpoint.port 11 22, evidences[].src_endpoint.port 11 23"},
		{"{$from: event, only: 11}", "evidences[].src_endpoint.port 11 22, evidences[].src_endpoint.port 11 23"},
		{"{$from: event, only: [process]}", "evidences[].process 25 "},
		{"{$from: event, only: ['evidences[].process', port_t], not: ['evidences[].process.pid']}", "evidences[].process 25 , evidences[].src_endpoint.port 11 22, evidences[].src_endpoint.port 11 23"},
		{"[{name: evidences[].src_endpoint.ip, type_id: 2, value: 192.0.2.2}, {$from: event, only: ip_t, not: 'evidences.src_endpoint.intermediate_ips'}]",
			"evidences[].src_endpoint.ip 2 192.0.2.2, evidences[].src_endpoint.ip 2 192.0.2.1"},
		{"[{$from: event, only: 11}, {name: mine, type: port, value: =data.items[0].port}]", "mine 11 22, evidences[].src_endpoint.port 11 22, evidences[].src_endpoint.port 11 23"},
		{"[{$from: event, only: 12}]", ""},
	} {
		mapping := fmt.Sprintf(observing, test[0])
		mapping = strings.Replace(mapping, "{name: mine, type: port, value: =data.items[0].port}", `{name: mine, type: port, value: "=data.items[0].port"}`, 1)
		mapping = strings.Replace(mapping, "{name: evidences[].src_endpoint.ip,", `{name: "evidences[].src_endpoint.ip",`, 1)
		event := eventOf(t, "1.3.0", made(t, mapping, strings.ReplaceAll(observed, "\n", "")))
		var got []string
		for _, o := range observablesOf(event) {
			got = append(got, fmt.Sprintf("%s %d %s", o.name, o.typeID, o.value))
		}
		if text := strings.Join(got, ", "); text != test[1] {
			t.Errorf("%s\ngives %s\nnot   %s", test[0], text, test[1])
		}
	}
}

// Law: of any number of values each is observed once, in the order in which they
// come.
func TestManyObservables(t *testing.T) {
	var items, want []string
	for i := range 400 {
		ip := fmt.Sprintf("10.0.%d.%d", i*7%200/16, i*7%200%16)
		items = append(items, fmt.Sprintf(`{"ip":%q}`, ip))
		if !slices.Contains(want, ip) {
			want = append(want, ip)
		}
	}
	w := made(t, fmt.Sprintf(observing, "{$from: event, only: ip_t}"), `{"timestamp":"2026-03-14T09:26:53Z","data":{"items":[`+strings.Join(items, ",")+`]}}`)
	var got []string
	for _, o := range observablesOf(eventOf(t, "1.3.0", w)) {
		got = append(got, o.value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every observable is explained by the attribute and the rule that it is made of.
func TestExplanationOfObservables(t *testing.T) {
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(fmt.Sprintf(observing, "{$from: event}"))}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := e.NewWorker().Explain(strings.ReplaceAll(observed, "\n", ""))
	var got []string
	for _, a := range x.Attributes {
		if !strings.HasPrefix(a.Path, "observables[") {
			continue
		}
		var o struct{ Value string }
		if err := json.Unmarshal([]byte(a.Value), &o); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s %s", a.Path, o.Value, a.Derived, a.Rule))
	}
	want := []string{
		"observables[0]  `evidences[0].process` m.yaml:13:16 evidences.process",
		"observables[1] 7 `evidences[0].process.pid` m.yaml:13:22 evidences.process.pid",
	}
	if len(got) < 2 {
		t.Fatal(got)
	}
	if diff := cmp.Diff(want, got[:2]); diff != "" {
		t.Error(diff)
	}
}

// Law: profiles, NAME_dt and observables allocate nothing once the worker is warm.
func TestWhatFollowsDoesNotAllocate(t *testing.T) {
	const mapping = `mapping: m
schema: 1.1.0
class: detection_finding
profiles: [host, cloud, datetime]
event:
  activity_name: create
  severity: =data.severity
  time: =timestamp
  finding_info: {uid: =id, title: =rule.description}
  metadata: {product: {name: Wazuh, vendor_name: v}}
  device: {type: unknown, name: =agent.name, ip: =agent.ip}
  cloud: {provider: =data.provider, region: =data.region}
  evidences: [{src_endpoint: {ip: =data.srcip}, process: {pid: 1, name: =data.program}}]
  observables: {$from: event}
  unmapped: {$rest: true}
`
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	for _, line := range []string{
		`{"timestamp":"2026-03-14T09:26:53.589+0000","id":"1","rule":{"description":"d"},"agent":{"name":"a","ip":"192.0.2.1"},"data":{"severity":"HIGH","srcip":"192.0.2.7","program":"sshd","provider":"AWS"}}`,
		`{"timestamp":"2026-03-14T09:26:53.589+0000","id":"1","rule":{"description":"d"},"agent":{"name":"a","ip":"192.0.2.1"},"data":{"severity":"odd","srcip":"192.0.2.7","program":"sshd","region":"x"}}`,
	} {
		if r := w.Apply(line); r.Outcome != engine.Event {
			t.Fatal(r.Reason)
		}
		if n := testing.AllocsPerRun(100, func() { w.Apply(line) }); n != 0 {
			t.Errorf("%v allocations: %s", n, line)
		}
	}
}
