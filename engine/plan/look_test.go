package plan

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// A unit whose values are new in every alert is given up, although it has nothing to forget,
// and after a pause it is tried again: then what comes again is recalled.
func TestUnitsAreGivenUp(t *testing.T) {
	p := compileText(t, "mapping: a\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 1\n  time: =timestamp\n"+
		"  message: =upper(data.a)\n  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n", Options{})
	w := p.NewWorker()
	apply := func(text string) *recall {
		line := fmt.Sprintf(`{"timestamp":1700000000000,"data":{"a":"%s"}}`, text)
		if r := w.Apply(line); r.Outcome != Event {
			t.Fatal(r.Reason)
		}
		for i := range w.recalls {
			if f := w.recalls[i].unit.field; f != nil && f.Name == "message" {
				return &w.recalls[i]
			}
		}
		t.Fatal("message is not a unit")
		return nil
	}
	for i := range recallTrial - 1 {
		if m := apply(fmt.Sprint("new ", i)); m.pause > 0 {
			t.Fatalf("given up after %d alerts", i+1)
		}
	}
	m := apply("the last of the trial")
	if m.pause != recallPause {
		t.Fatalf("not given up: %d of %d values were new", m.fresh, m.looked)
	}
	for range recallPause {
		apply("again")
	}
	if m.pause != 0 || m.looked != 0 {
		t.Fatalf("%d alerts of the pause are left", m.pause)
	}
	for range 5 {
		apply("again")
	}
	if m.looked != 5 || m.fresh > 2 || len(m.results) != 1 {
		t.Errorf("%d of %d values were new, and %d results are remembered", m.fresh, m.looked, len(m.results))
	}
}

// What is forgotten frees what it took, with the items of lists: else a worker would forget
// everything early.
func TestForgettingFreesAll(t *testing.T) {
	p := compileText(t, "mapping: a\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 1\n  time: =timestamp\n"+
		"  message: =upper(data.a)\n  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n"+
		"  resources:\n    - $when: =data.a != nil\n      name: =data.a\n      labels: =[data.a, upper(data.a)]\n", Options{})
	w := p.NewWorker()
	for i := range 300 {
		if r := w.Apply(fmt.Sprintf(`{"timestamp":1700000000000,"data":{"a":"text %d"}}`, i%9)); r.Outcome != Event {
			t.Fatal(r.Reason)
		}
	}
	if w.recalledBytes == 0 {
		t.Fatal("nothing is remembered")
	}
	for i := range w.recalls {
		w.giveUp(&w.recalls[i])
	}
	if w.recalledBytes != 0 {
		t.Errorf("%d bytes are taken by nothing", w.recalledBytes)
	}
}

// The mappings of a set remember within one bound, and one that takes few alerts keeps what it
// knows: the one that remembers most forgets.
func TestSetRemembersWithinOneBound(t *testing.T) {
	memory := NewMemory()
	member := func(name string) func(text string) *Worker {
		p := compileText(t, "mapping: "+name+"\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 1\n  time: =timestamp\n"+
			"  message: =upper(data.a)\n  status_detail: =lower(data.a)\n  raw_data: =upper(data.a) + '!'\n  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n", Options{})
		scanner := alert.NewSpec(p.Reading.Wants, p.Reading.Rest, alert.Limits{}).NewScanner()
		w := p.NewSetWorker(&scanner.Reader, memory)
		return func(text string) *Worker {
			line := fmt.Sprintf(`{"timestamp":1700000000000,"data":{"a":"%s"}}`, text)
			if err := scanner.Scan(line); err != nil {
				t.Fatal(err)
			}
			if r := w.ApplyScanned(line); r.Outcome != Event {
				t.Fatal(r.Reason)
			}
			return w
		}
	}
	small, large := member("small"), member("large")
	few := small("twice")
	for range 3 {
		small("twice")
	}
	if few.recalledBytes == 0 {
		t.Fatal("nothing is remembered")
	}
	most := 0
	for i := range 4_000 {
		for range 3 {
			most = max(most, large(fmt.Sprint(i, strings.Repeat(" long", 60))).recalledBytes)
		}
	}
	if sum := most + few.recalledBytes; sum < recalledBytes/2 || sum > recalledBytes+8<<10 {
		t.Errorf("%d bytes are remembered, the bound is %d", sum, recalledBytes)
	}
	if few.recalledBytes == 0 {
		t.Error("the mapping that remembers little has forgotten it")
	}
}

// When room is made, what was used most stays, and is found as before.
func TestRareResultsAreForgotten(t *testing.T) {
	var m recall
	m.wants = []int{3, 5}
	w := Worker{recalls: []recall{m}, memory: NewMemory()}
	w.memory.join(&w)
	m0, r := &w.recalls[0], rand.New(rand.NewPCG(4, 2))
	keyOf := func(n int) *key {
		k := &key{numbers: [mostReads]uint32{uint32(n / 7), uint32(n % 7)}, size: 2}
		k.hash = hashOf(k.list())
		return k
	}
	uses, remembered := map[int]int{}, 0
	for n := range mostRecalled {
		w.makeRoom(m0)
		w.remember(m0, keyOf(n), recalled{steps: n}, r.IntN(500))
		remembered++
		uses[n] = r.IntN(mostUses) * r.IntN(mostUses) / 128
		for range uses[n] {
			w.key = *keyOf(n)
			m0.use(w.findKey(&m0.keys))
		}
	}
	before := w.recalledBytes
	w.makeRoom(m0)
	if len(m0.results) > mostRecalled/2 || len(m0.results) < mostRecalled/3 || w.recalledBytes != m0.bytes || m0.bytes >= before {
		t.Fatalf("%d of %d results are left, with %d and %d of %d bytes", len(m0.results), remembered, w.recalledBytes, m0.bytes, before)
	}
	least := mostUses
	for n := range mostRecalled {
		w.key = *keyOf(n)
		if at := w.findKey(&m0.keys); at >= 0 {
			least = min(least, uses[n])
			if m0.results[at].steps != n {
				t.Fatalf("result %d is found for %d", m0.results[at].steps, n)
			}
			uses[n] = 0
		}
	}
	for n, used := range uses {
		if min(used, mostUses) >= 2*least+2 {
			t.Errorf("result %d was used %d times and is forgotten, one of %d is not", n, used, least)
		}
	}
	for range 9 {
		w.recalledBytes -= m0.forgetRare()
	}
	if len(m0.results) > 0 || w.recalledBytes != 0 || m0.bytes != 0 {
		t.Errorf("%d results and %d bytes are left of what is not used", len(m0.results), w.recalledBytes)
	}
}
