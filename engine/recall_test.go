package engine_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: what rules gave for the same values before, and a Worker recalls, is what they
// give again. A Worker that runs every rule for every alert makes the same events, and
// counts the same work, for an alert as for each that is like it.
func FuzzRecall(f *testing.F) {
	for seed := range uint64(500) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := &restGenerator{Rand: rand.New(rand.NewPCG(seed, 2))}
		mapping := g.mapping()
		file := engine.File{Name: "m.yaml", Text: []byte(mapping)}
		strict := g.IntN(8) == 0
		e, err := engine.Compile([]engine.File{file}, engine.Options{Strict: strict})
		if err != nil {
			return
		}
		plain, err := engine.Compile([]engine.File{file}, engine.Options{Strict: strict, Plain: true})
		if err != nil {
			t.Fatal(err)
		}
		sameResults(t, e, plain, g.stream(60), mapping)
	})
}

// stream makes alerts that have most of their values in common.
func (g *restGenerator) stream(n int) []string {
	bases := make([]string, 3)
	for i := range bases {
		g.leaves = g.leaves[:0]
		bases[i] = g.alert()
	}
	lines := make([]string, n)
	for i := range lines {
		line := bases[g.IntN(len(bases))]
		for range g.IntN(3) {
			leaf := fmt.Sprintf("x%dz", 1+g.IntN(max(1, g.next)))
			line = strings.ReplaceAll(line, leaf, g.pick("x1z", "y", "10.0.0.7", "7", "-", `\u0041`, "", strings.Repeat("long", 200)))
		}
		if g.IntN(8) == 0 {
			line = " " + line + " "
		}
		lines[i] = line
	}
	return lines
}

// The shipped mappings, over the samples in a random order, several times.
func TestShippedMappingsRecall(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding", "wazuh/by_class"} {
		random := rand.New(rand.NewPCG(1, 2))
		var lines []string
		for range 4 {
			part := samples(t)
			random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
			lines = append(lines, part...)
		}
		for _, strict := range []bool{false, true} {
			sameResults(t, shipped(t, name, engine.Options{Strict: strict}), shipped(t, name, engine.Options{Strict: strict, Plain: true}), lines, name)
		}
	}
}

// twins compiles mappings twice: the second runs every rule for every alert.
func twins(t *testing.T, files ...engine.File) (e, plain *engine.Engine) {
	t.Helper()
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if plain, err = engine.Compile(files, engine.Options{Plain: true}); err != nil {
		t.Fatal(err)
	}
	return e, plain
}

func sameResults(t *testing.T, e, plain *engine.Engine, lines []string, mapping string) {
	t.Helper()
	w, p := e.NewWorker(), plain.NewWorker()
	works := map[string]int{}
	ids := map[int]map[int]map[uint32]string{} // by mapping
	for i, line := range lines {
		w.Renew()
		p.Renew()
		key := line
		if i%4 == 3 {
			w.Spend()
			p.Spend()
			key = "least " + line
		}
		got, want := w.Apply(line), p.Apply(line)
		if w.Work() != p.Work() {
			t.Fatalf("alert %d takes %d steps of work, not %d\n%s\n%s", i, w.Work(), p.Work(), line, mapping)
		}
		if work, again := works[key]; again && work != w.Work() {
			t.Fatalf("alert %d takes %d steps of work, and an equal one %d\n%s\n%s", i, w.Work(), work, line, mapping)
		}
		works[key] = w.Work()
		if got.Outcome != want.Outcome || got.Reason != want.Reason || got.Where.String() != want.Where.String() {
			t.Fatalf("alert %d: %v %q %v, not %v %q %v\n%s\n%s", i, got.Outcome, got.Reason, got.Where, want.Outcome, want.Reason, want.Where, line, mapping)
		}
		for j := range got.Events {
			a, b := string(got.Events[j].Event.AppendJSON(nil)), string(want.Events[j].Event.AppendJSON(nil))
			if a != b {
				t.Fatalf("alert %d\n%s\n  %s\nnot\n  %s\n%s", i, line, a, b, mapping)
			}
			m := got.Events[j].Mapping
			if ids[m] == nil {
				ids[m] = map[int]map[uint32]string{}
			}
			checkIDs(t, ids[m], got.Events[j].Event)
		}
	}
	if got, want := w.Conversions(), p.Conversions(); !reflect.DeepEqual(got, want) {
		t.Fatalf("failed conversions %v, not %v\n%s", got, want, mapping)
	}
}

// checkIDs holds an event's cells to what their ID promises: the same contents as every
// cell of the attribute that had it before.
func checkIDs(t *testing.T, ids map[int]map[uint32]string, e *ocsf.Event) {
	t.Helper()
	for i := range e.Cells {
		c := &e.Cells[i]
		if c.ID == 0 || !c.Set {
			continue
		}
		contents := fmt.Sprint(c.Text, c.Items)
		if before, ok := ids[i][c.ID]; ok && before != contents {
			t.Fatalf("cell %d: %q had the number %d, now %q has it", i, before, c.ID, contents)
		}
		if ids[i] == nil {
			ids[i] = map[uint32]string{}
		}
		ids[i][c.ID] = contents
	}
}

// Law: which rules find the budget of an alert used up does not depend on what was
// recalled for it.
func TestBudgetOfAnAlertAndRecall(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	var rules, lets strings.Builder
	for i := range 40 {
		fmt.Fprintf(&rules, "    a%d: \"=rule.id + string(count(data.list, any(data.list, #.n == rule.id)))\"\n    b%d: \"=string(l%d ?? rule.id)\"\n    c%d: =rule.id + agent.name\n", i, i, i%4, i)
	}
	for i := range 4 {
		fmt.Fprintf(&lets, "  l%d: \"=count(data.list, any(data.list, #.n == agent.name))\"\n", i)
	}
	mapping := "mapping: m\nschema: 1.1.0\nclass: detection_finding\nlet:\n" + lets.String() + "event:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n" +
		"  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n  unmapped:\n" + rules.String()
	file := engine.File{Name: "m.yaml", Text: []byte(mapping)}
	e, plain := twins(t, file)
	var lines []string
	for _, n := range []int{3, 900, 3, 900, 900, 10, 30, 600, 3} {
		items := strings.TrimSuffix(strings.Repeat(`{"n":"x"},`, n), ",")
		lines = append(lines, `{"id":"1","timestamp":"2026-03-14T06:00:00Z","rule":{"id":"5"},"agent":{"name":"a"},"data":{"list":[`+items+`]}}`)
	}
	sameResults(t, e, plain, lines, mapping)
	w := e.NewWorker()
	defer w.Close()
	w.Apply(lines[1])
	failed := int64(0)
	for _, n := range w.Conversions()[0] {
		failed += n
	}
	if failed == 0 || failed > 70 {
		t.Errorf("%d of 80 costly rules failed: the budget ends none or all of them", failed)
	}
}

// Law: where rules only ask whether a value is there, what it is makes no difference to
// what they give again.
func TestRecallByExistence(t *testing.T) {
	const mapping = `mapping: m
schema: 1.1.0
class: detection_finding
when: =data.a != nil or data.b == nil or data.c != nil
absent: ["-"]
let:
  either: =(data.a ?? data.b) != nil
  neither: =(data.a ?? data.b ?? data.c) == nil
event:
  activity_id: "=data.b != nil ? 2 : 1"
  severity_id: "=either and (data.c ?? 'none') != 'none' ? 2 : 3"
  time: =timestamp
  message: "=either ? 'either' : neither ? 'none' : data.c == nil ? 'no c' : 'c'"
  finding_info:
    uid: "=(data.c ?? data.a) == nil ? 'neither' : 'one'"
    title: "=data.a == nil ? 'no a' : 'a'"
  metadata: {product: {name: n, vendor_name: v}}
  resources:
    - $when: =data.a != nil and data.c == nil
      name: "=data.b != nil ? 'b' : 'no b'"
`
	file := engine.File{Name: "m.yaml", Text: []byte(mapping)}
	e, plain := twins(t, file)
	r := rand.New(rand.NewPCG(3, 5))
	value := func(name string, i int) string {
		values := []string{"", `null`, `""`, `"-"`, `"none"`, fmt.Sprintf(`"only here %d"`, i), `0`, fmt.Sprint(i), `false`, `true`, `[]`, `["-"]`, fmt.Sprintf(`[%d]`, i), `{}`, `{"x":"-"}`}
		if v := values[r.IntN(len(values))]; v != "" {
			return `,"` + name + `":` + v
		}
		return ""
	}
	var lines []string
	for i := range 6000 {
		lines = append(lines, `{"timestamp":1700000000000,"data":{"z":1`+value("a", i)+value("b", i)+value("c", i)+`}}`)
	}
	sameResults(t, e, plain, lines, mapping)
}
