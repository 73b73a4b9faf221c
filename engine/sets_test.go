package engine_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// member is a mapping of a random set.
type member struct {
	name             string
	priority         int
	also, next, drop bool
	all              bool // it has no `when`
}

// text gives the mapping. The alert says of each by its number whether its `when`
// holds (data.w3), whether it lacks what the class requires (data.t3), and whether
// a value fits (data.c3).
func (m member) text(i int) string {
	head := fmt.Sprintf("mapping: %s\npriority: %d\n", m.name, m.priority)
	if !m.all {
		head += fmt.Sprintf("when: =data.w%d\n", i)
	}
	if m.next {
		head += "otherwise: next\n"
	}
	if m.drop {
		return head + "drop: true\n"
	}
	if m.also {
		head += "also: true\n"
	}
	return head + fmt.Sprintf("schema: 1.1.0\nclass: base_event\nevent:\n  activity_id: 99\n  severity_id: 0\n  time: =data.t%d\n  count: =data.c%d\n"+
		"  message: %s\n  metadata: {product: {name: n, vendor_name: v}}\n  enrichments: [{name: %s, value: v, data: '{}'}]\n", i, i, m.name, m.name)
}

func randomSet(random *rand.Rand) []member {
	coin := func() bool { return random.IntN(2) == 0 }
	set := make([]member, 1+random.IntN(6))
	for i := range set {
		set[i] = member{name: fmt.Sprintf("m%d", i), priority: random.IntN(3), also: coin(), next: coin(), drop: random.IntN(5) == 0}
		set[i].all = !set[i].drop && random.IntN(6) == 0
		set[i].also = set[i].also && !set[i].drop
	}
	return set
}

// verdict is what one mapping by itself would say.
type verdict uint8

const (
	passes verdict = iota
	takes
	takesBadly // with a value that does not fit
	rejects
	drops
)

// model says what must become of an alert: from what each mapping by itself would
// say, in the order in which they are asked. by is the mapping of a reject.
func model(set []member, said []verdict) (outcome engine.Outcome, events []int, by int) {
	var asked []int
	for i, m := range set {
		asked = append(asked, i)
		if v := said[i]; v == drops || v == rejects && !m.next || (v == takes || v == takesBadly) && !m.also {
			break
		}
	}
	rejected := slices.DeleteFunc(slices.Clone(asked), func(i int) bool { return said[i] != rejects })
	taken := slices.DeleteFunc(slices.Clone(asked), func(i int) bool { return said[i] != takes && said[i] != takesBadly })
	last := asked[len(asked)-1]
	switch {
	case said[last] == rejects && !set[last].next && len(taken) > 0:
		return engine.Reject, nil, last
	case said[last] == rejects && !set[last].next:
		return engine.Reject, nil, rejected[0]
	case len(taken) > 0:
		return engine.Event, taken, 0
	case said[last] == drops:
		return engine.Dropped, nil, 0
	case len(rejected) > 0:
		return engine.Reject, nil, rejected[0]
	}
	return engine.Unmatched, nil, 0
}

// Laws, for any set and alert: the outcome, the events and their order, the mapping
// that a reject blames and the counts of failed conversions are those of the model;
// an explanation tells the same; and nothing depends on the alerts before, or on the
// order in which the files are named.
func FuzzSets(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		set := randomSet(random)
		files := make([]engine.File, len(set))
		for i, m := range set {
			files[i] = engine.File{Name: m.name + ".yaml", Text: []byte(m.text(i))}
		}
		random.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		e, err := engine.Compile(files, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		order := make([]int, len(set)) // the number of each mapping in the alert, as they are asked
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(set[a].priority, set[b].priority) })
		asked := make([]member, len(set))
		for k, i := range order {
			asked[k] = set[i]
		}
		w, explaining, misfits := e.NewWorker(), e.NewWorker(), make([]int64, len(set))
		for range 60 {
			line, said := randomAlert(random, asked, order)
			outcome, events, by := model(asked, said)
			for _, k := range events {
				if said[k] == takesBadly {
					misfits[k]++
				}
			}
			compareWithModel(t, asked, line, w.Apply(line), outcome, events, by)
			compareExplained(t, asked, line, explaining.Explain(line), outcome, events, by)
		}
		for k, counts := range w.Conversions() {
			sum := int64(0)
			for _, n := range counts {
				sum += n
			}
			if sum != misfits[k] {
				t.Errorf("%s has %d failed conversions, the model %d", asked[k].name, sum, misfits[k])
			}
		}
	})
}

// randomAlert gives an alert and what each mapping by itself would say of it.
func randomAlert(random *rand.Rand, asked []member, order []int) (line string, said []verdict) {
	fields := []string{`"x":1`}
	for k, m := range asked {
		i, v := order[k], passes
		if holds := random.IntN(3) > 0; holds || m.all {
			fields = append(fields, fmt.Sprintf(`"w%d":true`, i))
			v = takes
		}
		hasTime, bad := random.IntN(4) > 0, random.IntN(3) == 0
		if hasTime {
			fields = append(fields, fmt.Sprintf(`"t%d":1773446400000`, i))
		}
		if bad {
			fields = append(fields, fmt.Sprintf(`"c%d":"many"`, i))
		}
		switch {
		case v == passes:
		case m.drop:
			v = drops
		case !hasTime:
			v = rejects
		case bad:
			v = takesBadly
		}
		said = append(said, v)
	}
	return `{"data":{` + strings.Join(fields, ",") + `}}`, said
}

func compareWithModel(t *testing.T, asked []member, line string, r engine.Result, outcome engine.Outcome, events []int, by int) {
	t.Helper()
	var made []int
	for _, m := range r.Events {
		made = append(made, m.Mapping)
		if text := string(m.Event.AppendJSON(nil)); !strings.Contains(text, `"message":"`+asked[m.Mapping].name+`"`) || !strings.Contains(text, `[{"data":"{}","name":"`+asked[m.Mapping].name) {
			t.Errorf("the event of %s is %s", asked[m.Mapping].name, text)
		}
	}
	if r.Outcome != outcome || !slices.Equal(made, events) {
		t.Fatalf("%+v\n%s\noutcome %d with events of %v, the model says %d and %v", asked, line, r.Outcome, made, outcome, events)
	}
	if outcome == engine.Reject {
		if r.Mapping != by || r.Where == nil || r.Where.Pos.File != asked[by].name+".yaml" || r.Reason == "" {
			t.Fatalf("%+v\n%s\nthe reject is by %d at %s, the model says %d", asked, line, r.Mapping, r.Where, by)
		}
	}
}

func compareExplained(t *testing.T, asked []member, line string, x engine.Explanation, outcome engine.Outcome, events []int, by int) {
	t.Helper()
	var made []int
	for _, m := range append([]engine.Made{x.Made}, x.Also...) {
		if m.Event != nil {
			made = append(made, m.Mapping)
		}
	}
	if x.Outcome != outcome || !slices.Equal(made, events) {
		t.Fatalf("%+v\n%s\nexplained as %d with events of %v, the model says %d and %v", asked, line, x.Outcome, made, outcome, events)
	}
	if outcome == engine.Reject && (x.Mapping != by || x.Where.Pos.File != asked[by].name+".yaml") {
		t.Fatalf("%+v\n%s\nthe reject is explained at %s, the model says %d", asked, line, x.Where, by)
	}
}

// Law: what a mapping of constants and paths does for an alert allocates nothing,
// also where an alert gives several events.
func TestSeveralEventsDoNotAllocate(t *testing.T) {
	var files []engine.File
	for i := range 3 {
		m := member{name: fmt.Sprintf("m%d", i), also: true, all: true}
		files = append(files, engine.File{Name: m.name + ".yaml", Text: []byte(m.text(i))})
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"data":{"t0":1773446400000,"t1":1773446400000,"t2":1773446400000,"c0":1}}`
	w := e.NewWorker()
	if r := w.Apply(line); len(r.Events) != 3 {
		t.Fatalf("%d events: %s", len(r.Events), r.Reason)
	}
	if n := testing.AllocsPerRun(200, func() { w.Apply(line) }); n != 0 {
		t.Errorf("%v allocations an alert", n)
	}
}
