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
// give again. A Worker that runs every rule for every alert makes the same events.
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
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding"} {
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

func sameResults(t *testing.T, e, plain *engine.Engine, lines []string, mapping string) {
	t.Helper()
	w, p := e.NewWorker(), plain.NewWorker()
	ids := map[int]map[uint32]string{}
	for i, line := range lines {
		got, want := w.Apply(line), p.Apply(line)
		if got.Outcome != want.Outcome || got.Reason != want.Reason || got.Where.String() != want.Where.String() {
			t.Fatalf("alert %d: %v %q %v, not %v %q %v\n%s\n%s", i, got.Outcome, got.Reason, got.Where, want.Outcome, want.Reason, want.Where, line, mapping)
		}
		for j := range got.Events {
			a, b := string(got.Events[j].Event.AppendJSON(nil)), string(want.Events[j].Event.AppendJSON(nil))
			if a != b {
				t.Fatalf("alert %d\n%s\n  %s\nnot\n  %s\n%s", i, line, a, b, mapping)
			}
			checkIDs(t, ids, got.Events[j].Event)
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
