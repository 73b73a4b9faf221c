package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/plan"
)

// An object without what it requires is left out. That is a failed conversion only
// where values are lost by it, and the same holds for the attributes of a profile.
func TestWhatIsLeftOutIsNoFailedConversion(t *testing.T) {
	const mapping = `mapping: m
schema: 1.1.0
class: detection_finding
profiles: [cloud]
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  finding_info: {uid: u, title: t}
  metadata: {product: {name: Wazuh, vendor_name: v}}
  cloud: {provider: =data.provider}
  api: {operation: =data.operation}
  evidences:
    - process: {name: =data.program, pid: =data.pid}
      file: {path: =data.path, name: =data.file, type_id: 1}
`
	const line = `{"timestamp":"2026-03-14T09:26:53Z","data":{"program":"sshd","path":"/x","operation":"exec"}}`
	for _, test := range []struct{ unmapped, kept, failed, strict string }{
		{"  unmapped: {$rest: true}\n", `{"data.operation":"exec","data.program":"sshd","data.path":"/x"}`, "", "event"},
		{"  unmapped: {a: b}\n", `{"a":"b","data.operation":"exec","data.program":"sshd","data.path":"/x"}`, "", "event"},
		{"", "", "metadata.profiles evidences.process evidences.file", "reject"},
	} {
		for _, strict := range []bool{false, true} {
			e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping + test.unmapped)}}, engine.Options{Strict: strict})
			if err != nil {
				t.Fatal(err)
			}
			w := e.NewWorker()
			r := w.Apply(line)
			if strict && test.strict == "reject" {
				if r.Outcome != engine.Reject || r.Reason != "the profile `cloud` is left out with its attributes: it requires `cloud`, which the event lacks" {
					t.Errorf("%q: %v %q", test.unmapped, r.Outcome, r.Reason)
				}
				continue
			}
			event := string(r.Events[0].Event.AppendJSON(nil))
			if _, got, _ := strings.Cut(event, `"unmapped":`); strings.TrimSuffix(got, "}") != test.kept {
				t.Errorf("%q: unmapped is %s", test.unmapped, got)
			}
			if strings.Contains(event, "evidences") || strings.Contains(event, "api") {
				t.Errorf("%q: %s", test.unmapped, event)
			}
			if got := failedIn(e, w); got != test.failed {
				t.Errorf("%q: failed conversions of %q, not %q", test.unmapped, got, test.failed)
			}
		}
	}
}

// failedIn names the attributes with failed conversions.
func failedIn(e *engine.Engine, w *engine.Worker) string {
	var failed []string
	for i, n := range w.Conversions()[0] {
		if n > 0 {
			failed = append(failed, e.Mappings[0].Attributes[i])
		}
	}
	return strings.Join(failed, " ")
}

// Law: what the deep mapping recalls is what its rules give.
func TestDeepMappingRecalls(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	var lines []string
	for range 3 {
		part := deepAlerts(t)
		random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		lines = append(lines, part...)
	}
	for _, version := range ocsf.Versions() {
		text := strings.NewReplacer("VERSION", version, "OBSERVABLES", withObservables).Replace(deepMapping)
		plain, err := engine.Compile([]engine.File{{Name: "deep.yaml", Text: []byte(text)}}, engine.Options{Plain: true})
		if err != nil {
			t.Fatal(err)
		}
		sameResults(t, deepEngine(t, version, withObservables), plain, lines, "deep")
	}
}

// Law: a mapping that shares its table with others makes the same events as alone,
// though its cells are numbered with theirs.
func TestDeepMappingInASet(t *testing.T) {
	text := strings.NewReplacer("VERSION", "1.1.0", "OBSERVABLES", withObservables).Replace(deepMapping)
	const other = `mapping: a
schema: 1.1.0
class: detection_finding
priority: -1
when: =data.never != nil
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  comment: c
  finding_info: {uid: u, title: t, kill_chain: [{phase_id: 1}]}
  metadata: {product: {name: Wazuh, vendor_name: v, feature: {name: f}}, extension: {name: e, uid: "1", version: "1"}}
  evidences: [{connection_info: {direction_id: 1}}]
  observables: [{name: n, type_id: 1, reputation: {base_score: 1, score_id: 1}}]
`
	set, err := engine.Compile([]engine.File{{Name: "a.yaml", Text: []byte(other)}, {Name: "deep.yaml", Text: []byte(text)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	together, alone := set.NewWorker(), deepEngine(t, "1.1.0", withObservables).NewWorker()
	for _, line := range deepAlerts(t) {
		want := string(alone.Apply(line).Events[0].Event.AppendJSON(nil))
		if diff := cmp.Diff(want, string(together.Apply(line).Events[0].Event.AppendJSON(nil))); diff != "" {
			t.Fatalf("-alone +together\n%s", diff)
		}
	}
}

// A transform of stage event sees profiles and observables, and has the last word
// on them.
func TestEventStageHasTheLastWord(t *testing.T) {
	text := strings.NewReplacer("VERSION", "1.1.0", "OBSERVABLES", withObservables, "let:", "transforms: [{wasm: a.wasm, stage: event}]\nlet:").Replace(deepMapping)
	var seen string
	load := func(plan.GuestUse) (*plan.Guest, error) {
		return &plan.Guest{Open: func() (plan.Instance, error) {
			return plan.Instance{
				Event: func(in []byte) ([]byte, bool, error) {
					seen = string(in)
					return bytes.Replace(in, []byte(`"src_endpoint":{"ip":"192.0.2.7"`), []byte(`"src_endpoint":{"ip":"192.0.2.99"`), 1), false, nil
				},
				Renew: func() {}, Close: func() {},
			}, nil
		}}, nil
	}
	e, err := engine.Compile([]engine.File{{Name: "deep.yaml", Text: []byte(text)}}, engine.Options{Load: load})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	defer w.Close()
	event := eventOf(t, "1.1.0", w.Apply(`{"timestamp":"2026-03-14T09:26:53Z","id":"1","rule":{"level":3},"agent":{"name":"a"},"data":{"srcip":"192.0.2.7"}}`))
	if !strings.Contains(seen, `"profiles":["host","datetime"]`) || !strings.Contains(seen, `"name":"evidences[].src_endpoint.ip"`) {
		t.Errorf("the transform saw %s", seen)
	}
	want := observable{"evidences[].src_endpoint.ip", "192.0.2.7", 2}
	if got := observablesOf(event); !slices.Contains(got, want) || !strings.Contains(fmt.Sprint(event["evidences"]), "192.0.2.99") {
		t.Errorf("%v", event)
	}
}

// Law: for any line the deep mapping makes a lawful event or a reject with a
// reason, by a warm worker as by a fresh one.
func FuzzDeep(f *testing.F) {
	for _, line := range deepAlerts(f) {
		if len(line) < 8<<10 {
			f.Add(line)
		}
	}
	schemas := map[string]*ocsf.Checker{}
	engines := map[string]*engine.Engine{}
	warm := map[string]*engine.Worker{}
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			f.Fatal(err)
		}
		schemas[version], engines[version] = ocsf.NewChecker(schema), deepEngine(f, version, withObservables)
		warm[version] = engines[version].NewWorker()
	}
	f.Fuzz(func(t *testing.T, line string) {
		for version, e := range engines {
			lawful(t, schemas[version], warm[version].Apply(line))
			if diff := cmp.Diff(told(e.NewWorker().Apply(line)), told(warm[version].Apply(line))); diff != "" {
				t.Errorf("a warm worker differs: -fresh +warm\n%s", diff)
			}
		}
	})
}
