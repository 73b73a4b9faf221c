package plan

import "github.com/sluice-lake/sluice/engine/ocsf"

// Bounds of the routes that one Worker keeps. Beyond them it forgets all.
const (
	mostRoutes = 512
	mostStops  = 64 << 10
)

// route is the steps that can do anything for alerts that have the same of the wanted
// values, in the order of the plan. A mapping knows hundreds of values, and an alert has a
// few dozens of them: most steps read nothing.
type route struct {
	stops []stop
	part  uint64  // of the input, in which it is known
	own   [][]int // by number of a profile: the stops of its own steps
}

// stop is a step on a route.
type stop struct {
	pc   int32 // index into Plan.steps
	next int32 // the stop after its body
	past int32 // the stop after the unit that begins here
	unit int32 // index into Worker.recalls, none if no unit begins here
	test int32 // the same of the `$when`
}

const (
	none  = -1
	aside = -2 // the step does nothing that counts, see Worker.aside
)

// routes are the routes of one Worker by the values that are there.
type routes struct {
	keys  keys
	all   []*route
	there []uint32 // of the current alert
	stops int
	// variants are the indices into Worker.recalls.
	variants map[variant]int32
	blank    *blank
}

// variant is a unit for alerts that have some of its values: the values of the alert at
// the positions that are set, of the unit's wants and then of those asked.
type variant struct {
	unit  *unit
	there uint64
}

// routed sets the route of the current alert.
func (w *Worker) routed() {
	r := &w.routes
	r.there = w.alert.There(r.there[:0])
	hash := hashOf(r.there)
	if w.trace != nil || w.plan.options.Plain {
		w.routeWhole(hash)
		return
	}
	at := r.keys.find(r.there, hash)
	if at < 0 {
		if len(r.all) == mostRoutes || r.stops > mostStops {
			w.forgetRoutes()
		}
		at = len(r.all)
		found := newRouter(w, remembered).route()
		r.keys.add(r.there, hash)
		r.all = append(r.all, found)
		r.stops += len(found.stops)
	}
	w.route = r.all[at]
	w.work(w.route, hash)
}

// mostWays bounds the sets of values that a part of the input has for little work each.
const mostWays = 1 << 10

// work counts the work of an alert that follows from its route alone. To find a route is
// work for the first alert of a part of the input that takes it, found before or not.
func (w *Worker) work(r *route, hash uint32) {
	w.machine.Work += w.plan.work + len(r.stops)/stepRules
	if r.part == w.part {
		return
	}
	if !w.ways[hash] {
		w.machine.Work += w.plan.finding
		if len(w.ways) == mostWays {
			return
		}
		w.ways[hash] = true
	}
	r.part = w.part
}

// routeWhole sets the route with all steps. What is not on the route that other Workers
// take is not work.
func (w *Worker) routeWhole(hash uint32) {
	if w.whole == nil {
		w.whole = newRouter(w, everything).route()
	}
	r, on := newRouter(w, unremembered).route(), map[int32]bool{}
	for i := range r.stops {
		on[r.stops[i].pc] = true
	}
	for i := range w.whole.stops {
		st := &w.whole.stops[i]
		if st.unit = none; !on[st.pc] {
			st.unit, st.past = aside, st.next
		}
	}
	w.route = w.whole
	w.work(r, hash)
}

// aside runs a step that is not on the route of the alert, without counting its work.
func (w *Worker) aside(st *stop, at int, rec *ocsf.Record) (live bool) {
	work := w.machine.Work
	w.machine.Work = 0
	live = w.step(st, at, rec)
	w.machine.Work = work
	return live
}

// forgetRoutes forgets what units gave, too: their variants are those of the routes.
func (w *Worker) forgetRoutes() {
	w.routes.keys.forget()
	clear(w.routes.all)
	w.routes.all, w.routes.stops = w.routes.all[:0], 0
	clear(w.routes.variants)
	w.forgetResults()
	clear(w.recalls)
	w.recalls = w.recalls[:0]
	w.gate = w.variant(w.plan.gate.test, true)
}

// variant returns the index into w.recalls of a unit for alerts that have the same of its
// values as the current one, or for all alerts; none without a unit.
func (w *Worker) variant(u *unit, all bool) int32 {
	if u == nil {
		return none
	}
	v, m := variant{unit: u}, recall{unit: u}
	for at, i := range u.wants {
		if all || w.alert.Has(w.routes.there, i) {
			v.there |= 1 << at
			m.wants = append(m.wants, i)
		}
	}
	for at, i := range u.asked {
		if all || w.alert.Has(w.routes.there, i) {
			v.there |= 1 << (len(u.wants) + at)
			m.asked = append(m.asked, i)
		}
	}
	at, ok := w.routes.variants[v]
	if !ok {
		at = int32(len(w.recalls))
		w.recalls = append(w.recalls, m)
		w.routes.variants[v] = at
	}
	return at
}
