package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// unmappedOf are the leaves that an explanation has under unmapped, by key, and
// leftOf those whose fate is to be there.
func unmappedOf(x engine.Explanation) (left []string) {
	for _, l := range x.Unmapped {
		if l.Key != "_line_base64" {
			left = append(left, strings.TrimPrefix(l.Key, "alert.")+"="+l.Value)
		}
	}
	slices.Sort(left)
	return left
}

func leftOf(w *engine.Worker, r *engine.Result, of func(engine.Fate) bool) (left []string) {
	w.Leaves(r, func(v *alert.Visit, f engine.Fate) {
		if of(f) {
			left = append(left, alert.Path(v.Steps).String()+"="+string(v.Value.AppendText(nil)))
		}
	})
	slices.Sort(left)
	return left
}

func keptOrFailed(f engine.Fate) bool { return f == engine.Kept || f == engine.Failed }

// Law: the leaves whose fate is Kept or Failed are those under `unmapped`.
func TestFatesAreThoseOfRest(t *testing.T) {
	for _, name := range mapping.Shipped() {
		e := shipped(t, name, engine.Options{})
		w, explaining := e.NewWorker(), e.NewWorker()
		failed := 0
		for _, line := range enginetest.Samples(t) {
			r := w.Apply(line)
			if r.Outcome != engine.Event {
				continue
			}
			got := leftOf(w, &r, keptOrFailed)
			failed += len(leftOf(w, &r, func(f engine.Fate) bool { return f == engine.Failed }))
			if diff := cmp.Diff(unmappedOf(explaining.Explain(line)), got); diff != "" {
				t.Fatalf("%s, %.300s:\n%s", name, line, diff)
			}
		}
	}
}

// Law: the same holds for any mapping and alert. Without `$rest` the leaves that
// would be kept are lost.
func FuzzFates(f *testing.F) {
	for seed := range uint64(500) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := &restGenerator{Rand: rand.New(rand.NewPCG(seed, 1))}
		text := g.mapping()
		e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, engine.Options{})
		if err != nil {
			return
		}
		bare := strings.Replace(text, "$rest: true", "zz: constant", 1)
		without, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(bare)}}, engine.Options{Follow: true})
		if err != nil || bare == text {
			t.Fatalf("%v\n%s", err, bare)
		}
		w, losing := e.NewWorker(), without.NewWorker()
		for range 4 {
			line := g.alert()
			r := w.Apply(line)
			if r.Outcome != engine.Event {
				t.Fatal(r.Reason)
			}
			got := leftOf(w, &r, keptOrFailed)
			if diff := cmp.Diff(unmappedOf(e.NewWorker().Explain(line)), got); diff != "" {
				t.Fatalf("%s\n%s\n%s", line, text, diff)
			}
			r = losing.Apply(line)
			lost := leftOf(losing, &r, func(f engine.Fate) bool { return f == engine.Lost || f == engine.Failed })
			if diff := cmp.Diff(got, lost); diff != "" {
				t.Fatalf("without $rest: %s\n%s\n%s", line, text, diff)
			}
		}
	})
}

// Failed are the values that an attribute refused and those of expressions that
// failed, unless another attribute has them.
func TestFailedLeaves(t *testing.T) {
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(`mapping: m
schema: 1.1.0
class: security_finding
event:
  activity_id: 1
  severity_id: 1
  state_id: 1
  time: =timestamp
  count: =data.count
  message: =data.both
  risk_score: =data.both
  confidence: =1 / data.zero + data.one
  finding: {title: t, uid: =id}
  metadata: {product: {name: N, vendor_name: V}}
  unmapped: {$rest: true}
`)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	r := w.Apply(`{"id":"1","timestamp":"2026-03-14T00:00:00Z","data":{"count":"many","both":"b","zero":0,"one":1,"other":"o","none":null,"empty":[],"blank":""}}`)
	if r.Outcome != engine.Event {
		t.Fatal(r.Reason)
	}
	got := map[string]engine.Fate{}
	w.Leaves(&r, func(v *alert.Visit, f engine.Fate) { got[alert.Path(v.Steps).String()] = f })
	want := map[string]engine.Fate{"id": engine.Written, "timestamp": engine.Written, "data.count": engine.Failed, "data.both": engine.Written,
		"data.zero": engine.Failed, "data.one": engine.Failed, "data.other": engine.Kept, "data.none": engine.Empty, "data.empty": engine.Empty, "data.blank": engine.Empty}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Law: what values come from is found in time that grows with the mapping, however
// often its lets use each other.
func TestOriginsOfSharedLets(t *testing.T) {
	var b strings.Builder
	b.WriteString("mapping: m\nschema: 1.1.0\nclass: security_finding\nlet:\n  l0: =data.a\n  l1: =data.b\n")
	for i := 2; i <= 90; i++ {
		fmt.Fprintf(&b, "  l%d: '=(l%d + \"-\" + l%d)[0:20]'\n", i, i-1, i-2)
	}
	b.WriteString(`event:
  activity_id: 1
  severity_id: 1
  state_id: 1
  time: =timestamp
  message: =l90
  count: =l89
  finding: {title: t, uid: =id}
  metadata: {product: {name: N, vendor_name: V}}
  unmapped: {$rest: true}
`)
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(b.String())}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	r := w.Apply(`{"id":"1","timestamp":"2026-03-14T00:00:00Z","data":{"a":"x","b":"y","c":"z"}}`)
	if left := leftOf(w, &r, keptOrFailed); !slices.Equal(left, []string{"data.c=z"}) {
		t.Errorf("left over are %v", left)
	}
}

// Of an alert that several mappings took, one that wrote a leaf is enough, and one that
// keeps the rest.
func TestLeavesOfSeveralEvents(t *testing.T) {
	const text = "schema: 1.1.0\nclass: security_finding\nevent:\n  activity_id: 1\n  severity_id: 1\n  state_id: 1\n  time: =timestamp\n" +
		"  finding: {title: t, uid: =id}\n  metadata: {product: {name: N, vendor_name: V}}\n"
	for rest, left := range map[string]engine.Fate{"": engine.Lost, "  unmapped: {$rest: true}\n": engine.Kept} {
		e, err := engine.Compile([]engine.File{
			{Name: "a.yaml", Text: []byte("mapping: a\nalso: true\n" + text + "  message: =a\n")},
			{Name: "b.yaml", Text: []byte("mapping: b\n" + text + "  message: =b\n" + rest)},
		}, engine.Options{Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		w := e.NewWorker()
		r := w.Apply(`{"id":"1","timestamp":"2026-03-14T00:00:00Z","a":"x","b":"y","c":"z"}`)
		got := map[string]engine.Fate{}
		w.Leaves(&r, func(v *alert.Visit, f engine.Fate) { got[alert.Path(v.Steps).String()] = f })
		want := map[string]engine.Fate{"id": engine.Written, "timestamp": engine.Written, "a": engine.Written, "b": engine.Written, "c": left}
		if diff := cmp.Diff(want, got); diff != "" || len(r.Events) != 2 {
			t.Errorf("%d events, rest %q:\n%s", len(r.Events), rest, diff)
		}
	}
}

// The leaves are those of the alert as a transform changed it.
func TestLeavesOfTransformedAlerts(t *testing.T) {
	text := strings.Replace(guestMapping, "EVENT", "reject", 1)
	e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(text)}}, engine.Options{Load: (&testGuest{}).load})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	r := w.Apply(`{"timestamp":"2026-03-14T00:00:00Z","log":"secret","other":1}`)
	got := map[string]engine.Fate{}
	w.Leaves(&r, func(v *alert.Visit, f engine.Fate) { got[alert.Path(v.Steps).String()+"="+v.Value.Text] = f })
	want := map[string]engine.Fate{"timestamp=2026-03-14T00:00:00Z": engine.Written, "log=******": engine.Written, "other=1": engine.Kept}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
