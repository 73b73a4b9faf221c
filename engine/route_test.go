package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// Law: to leave out the rules that read nothing of an alert changes nothing, whichever values
// the alert has.
func TestPartsOfAlerts(t *testing.T) {
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding", "wazuh/by_class"} {
		random := rand.New(rand.NewPCG(7, 9))
		var lines []string
		for _, line := range samples(t) {
			var whole map[string]any
			if json.Unmarshal([]byte(line), &whole) != nil {
				continue
			}
			for range 2 {
				part, err := json.Marshal(partOf(whole, random))
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, string(part), string(part))
			}
		}
		e := shipped(t, name, engine.Options{})
		sameResults(t, e, shipped(t, name, engine.Options{Plain: true}), lines, name)
	}
}

// partOf returns a part of a value: without some of its members and items, some of them null.
func partOf(v any, r *rand.Rand) any {
	if r.IntN(60) == 0 {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		part := map[string]any{}
		for name, member := range v {
			if name == "timestamp" || r.IntN(8) > 0 {
				part[name] = partOf(member, r)
			}
		}
		return part
	case []any:
		part := []any{}
		for _, item := range v {
			if r.IntN(8) > 0 {
				part = append(part, partOf(item, r))
			}
		}
		return part
	}
	return v
}

// Law: the same for rules of every kind, among them those that give something or fail where
// the alert has nothing.
func TestRulesThatReadNothing(t *testing.T) {
	const mapping = `mapping: m
schema: 1.1.0
class: detection_finding
profiles: [host, datetime]
absent: ["-"]
let:
  either: =data.a ?? data.b
  given: =data.c ?? 'none'
  size: =len(data.list)
  long: "=len(filter(1..400, # > len(data.a ?? '')))"
event:
  activity_id: "=data.a != nil ? 1 : nil"
  severity: "=data.b != nil ? 'High' : data.c"
  time: =timestamp
  message: =either
  comment: =given
  count: =size
  status: "=long > 390 ? 'much' : either"
  start_time: =data.t
  device:
    $when: =data.a == nil or data.b == nil
    type_id: 0
    hostname: =data.h
    ip: =data.ip
    os: {name: Linux, type_id: =data.os}
  finding_info:
    uid: =data.u ?? 'u'
    title: t
    created_time: =data.t
    data_sources: [fixed, =data.a, =data.list, "=data.b ?? 'b'"]
    analytic:
      $when: =data.c
      type_id: 1
      name: =data.n
  metadata: {product: {name: n, vendor_name: v}}
  resources:
    - $when: =data.a != nil
      name: =data.b
    - name: fixed
    - $when: =data.b + 1 > 2
      name: =data.c
    - $each: =data.list as each
      name: "=string(each) + (data.a ?? '')"
      labels: [=data.b, =each]
    - {name: =data.a, type: =data.b, labels: [x]}
    - $when: =data.q ?? 'text'
      name: =data.a
  evidences:
    - process: {name: =data.p, pid: =data.pid, file: {name: =data.f, type_id: 1}}
    - actor: {user: {name: =data.user}}
      data: =data.o
  observables: {$from: event}
  unmapped: {$rest: true, given: =data.c}
`
	e, plain := twins(t, engine.File{Name: "m.yaml", Text: []byte(mapping)})
	r := rand.New(rand.NewPCG(11, 13))
	values := []string{`null`, `""`, `"-"`, `"x"`, `"7"`, `7`, `0`, `false`, `true`, `[]`, `["-"]`, `["x",2]`, `{}`, `{"x":"-"}`, `{"x":{"y":[1]}}`, `"10.0.0.7"`, `1700000000000`}
	var lines []string
	for range 8000 {
		line := `{"timestamp":1700000000000,"data":{"z":1`
		for _, name := range []string{"a", "b", "c", "h", "ip", "os", "u", "n", "t", "list", "p", "pid", "f", "user", "o"} {
			if r.IntN(3) == 0 {
				line += fmt.Sprintf(",%q:%s", name, values[r.IntN(len(values))])
			}
		}
		lines = append(lines, line+"}}")
	}
	sameResults(t, e, plain, lines, mapping)
}

// Law: rules that read nothing of an alert and take from its budget take as much of it.
func TestRulesThatReadNothingAndTakeLong(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	var rules strings.Builder
	for i := range 24 {
		fmt.Fprintf(&rules, "        - \"=count(1..200_000, # < len(data.a ?? '')) > %d ? 'many' : nil\"\n", i)
	}
	mapping := "mapping: m\nschema: 1.1.0\nclass: detection_finding\nlet:\n  big: \"=count(1..200_000, # < len(data.b ?? '')) > 3 ? 'many' : nil\"\n" +
		"event:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n" +
		"  resources:\n    - $when: \"=count(1..200_000, # < len(data.a ?? '')) > 3\"\n      name: n\n    - name: n\n      labels:\n" + rules.String() + "  message: \"=big ?? nil\"\n  comment: \"=upper(big)\"\n  status: \"=big ?? data.z\"\n  unmapped: {$rest: true}\n"
	e, plain := twins(t, engine.File{Name: "m.yaml", Text: []byte(mapping)})
	line := `{"timestamp":1700000000000,"data":{"z":1}}`
	sameResults(t, e, plain, []string{line, line}, mapping)
	r := e.NewWorker().Apply(line)
	if got := string(r.Events[0].Event.AppendJSON(nil)); strings.Contains(got, "many") {
		t.Errorf("%s", got)
	}
}
