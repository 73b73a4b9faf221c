package plan

import (
	"fmt"
	"math"

	"github.com/sluice-lake/sluice/engine/alert"
)

const (
	// leastGates is from how many mappings on it pays to ask for all of them at once.
	leastGates = 4
	mostGates  = 2 << 10 // keys that are remembered
	// A value that comes after that many others of its place is taken for one of very
	// many: the mappings that need to know it are asked. Each of these doubles the number.
	fewValues  = 8
	mostNumber = 4 << 10
)

// Gates knows which mappings of a set take an alert, and which do not, by the values that
// their `when` reads: most mappings look at the same few values, and most take few alerts.
// It changes no result. It belongs to the goroutine of its Workers. A nil Gates knows
// nothing.
type Gates struct {
	values []gateValue
	needs  [][]gateNeed // by plan: what its `when` may look at; nil if it is always asked

	key   []uint32
	hash  uint32
	found int      // the number of the key of the current alert, -1 if it is new
	known *answers // of the key, nil if it is new
	fresh answers  // what was learned of the current alert

	keys    keys
	answers []answers // by number of the key
	once    once
}

// gateValue is a value that some mappings read.
type gateValue struct {
	worker *Worker // one of those that read it
	want   int
	asked  bool   // only its existence counts
	most   uint32 // of its numbers, else it is one of very many
}

// gateNeed is a value of which the contents count where the `when` of a plan looks at it.
type gateNeed struct {
	want int
	at   int // index into Gates.values
}

// answers are the plans that take alerts with one key, and those that do not, and the work
// of asking each of them.
type answers struct {
	takes, refuses mask
	work           []int32
}

// mask is a set of plans, or of wanted values.
type mask []uint64

func (m mask) has(i int) bool { return m[i/64]>>(i%64)&1 != 0 }
func (m mask) add(i int)      { m[i/64] |= 1 << (i % 64) }

// fill adds all.
func (m mask) fill() {
	for i := range m {
		m[i] = math.MaxUint64
	}
}

// NewGates makes the Gates of Workers that share a scanner; a nil Worker has one of its
// own. It returns nil if there are too few to be worth it.
func NewGates(workers []*Worker) *Gates {
	g := &Gates{needs: make([][]gateNeed, len(workers))}
	places, gates := map[string]int{}, 0
	for i, w := range workers {
		if w == nil || w.plan.options.Plain || w.plan.gate.test == nil {
			continue
		}
		gates++
		g.needs[i] = []gateNeed{}
		for _, want := range w.plan.gate.test.wants {
			at := g.value(places, fmt.Sprint(w.alert.Place(want)), gateValue{w, want, false, alert.Missing + fewValues})
			g.values[at].most = min(2*g.values[at].most, mostNumber)
			g.needs[i] = append(g.needs[i], gateNeed{want, at})
		}
		for _, want := range w.plan.gate.test.asked {
			g.value(places, fmt.Sprint(w.alert.Place(want), w.plan.absent.Texts()), gateValue{w, want, true, 0})
		}
	}
	if gates < leastGates {
		return nil
	}
	for i, w := range workers {
		if g.needs[i] != nil {
			w.noteLooks()
		}
	}
	g.key, g.fresh = make([]uint32, len(g.values)), g.none()
	return g
}

func (g *Gates) none() answers {
	words := (len(g.needs) + 63) / 64
	return answers{make(mask, words), make(mask, words), make([]int32, len(g.needs))}
}

// noteLooks lets the Worker note which values rules look at.
func (w *Worker) noteLooks() {
	words := (len(w.env.Values) + 63) / 64
	w.looks, w.looked = make(mask, words), make(mask, words)
	w.env.Looks = w.looks
	for i := range w.lets {
		w.lets[i].env.Looks = w.looks
	}
}

// value returns the index of a value, which it adds if it is new.
func (g *Gates) value(places map[string]int, place string, v gateValue) int {
	at, ok := places[place]
	if !ok {
		at = len(g.values)
		places[place] = at
		g.values = append(g.values, v)
	}
	return at
}

// Begin looks up the alert that the scanner has read.
func (g *Gates) Begin() {
	if g == nil {
		return
	}
	for i := range g.values {
		v := &g.values[i]
		if v.asked {
			g.key[i] = v.worker.existence(v.want)
			continue
		}
		n := v.worker.alert.Known(v.want)
		if n > v.most {
			n = alert.Unique
		}
		g.key[i] = n
	}
	g.hash = hashOf(g.key)
	g.found = g.keys.find(g.key, g.hash)
	if g.known = nil; g.found >= 0 {
		g.known = &g.answers[g.found]
	}
	clear(g.fresh.takes)
	clear(g.fresh.refuses)
}

// Refuses reports whether a plan is known not to take the alert.
func (g *Gates) Refuses(i int) bool { return g != nil && g.known != nil && g.known.refuses.has(i) }

// Takes reports whether a plan is known to take the alert. One of which neither is known
// has to be asked.
func (g *Gates) Takes(i int) bool { return g != nil && g.known != nil && g.known.takes.has(i) }

// Work is that of asking a plan of which it is known whether it takes the alert.
func (g *Gates) Work(i int) int { return int(g.known.work[i]) }

// Learn notes the outcome of a plan that was asked. It follows from the values that its
// `when` looked at: of `a and b`, b does not count where a is false.
func (g *Gates) Learn(i int, w *Worker, o Outcome) {
	if g == nil || g.needs[i] == nil || !w.certain || o != Unmatched && w.plan.Drops() {
		return
	}
	for _, n := range g.needs[i] {
		if g.key[n.at] == alert.Unique && w.looked.has(n.want) {
			return
		}
	}
	g.fresh.work[i] = int32(w.asking)
	if o == Unmatched {
		g.fresh.refuses.add(i)
	} else {
		g.fresh.takes.add(i)
	}
}

// End remembers what was learned of the alert.
func (g *Gates) End() {
	if g == nil {
		return
	}
	if g.found < 0 {
		if !g.once.again(0, g.hash) {
			return
		}
		if g.keys.count == mostGates {
			g.keys.forget()
			g.answers = g.answers[:0]
		}
		g.found = g.keys.count
		g.keys.add(g.key, g.hash)
		g.answers = append(g.answers, g.none())
	}
	known := &g.answers[g.found]
	for i := range g.fresh.takes {
		known.takes[i] |= g.fresh.takes[i]
		known.refuses[i] |= g.fresh.refuses[i]
	}
	for i, work := range g.fresh.work {
		if g.fresh.takes.has(i) || g.fresh.refuses.has(i) {
			known.work[i] = work
		}
	}
}
