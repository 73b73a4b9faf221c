package plan

import "github.com/sluice-lake/sluice/engine/ocsf"

// Where the alerts of a part of the input have been too much work, an alert becomes the least
// event that its class allows: of the class only the rules of required attributes run. In
// their objects those of lists that are not required do not run; the others must, because
// an object may stay for the sake of any of them. What is not written stays under
// `unmapped`, as what no rule reads does.

// least is the route of such events, and its work for each.
type least struct {
	route route
	work  int
}

func newLeast(p *Plan) *least {
	r := leastRouter{p, route{own: make([][]int, len(p.profiles))}, map[*ocsf.Field]bool{}}
	r.body(0, len(p.steps), &p.root, false)
	return &least{r.out, 1 + (p.Layout.Cells+len(r.out.stops)+len(p.lets)+len(p.Reading.Wants))/stepRules}
}

type leastRouter struct {
	plan    *Plan
	out     route
	written map[*ocsf.Field]bool // by the stops so far
}

// body adds the stops of an object of which these attributes are required, or those of the
// class.
func (r *leastRouter) body(pc, end int, requires *requirement, inside bool) {
	needed := map[*ocsf.Field]bool{}
	for _, fields := range [][]*ocsf.Field{requires.required, requires.atLeastOne, requires.justOne} {
		for _, f := range fields {
			needed[f] = true
		}
	}
	for at := pc; at < end; at = r.plan.after(at) {
		if s := &r.plan.steps[at]; s.op == opID && needed[s.field] {
			needed[s.from] = true
		}
	}
	for ; pc < end; pc = r.plan.after(pc) {
		r.step(pc, needed, inside)
	}
}

func (r *leastRouter) step(pc int, needed map[*ocsf.Field]bool, inside bool) {
	s := &r.plan.steps[pc]
	switch s.op {
	case opConstant, opProfiles, opRest, opKept:
	case opCaption, opTypeUID, opTypeName:
		if !r.written[s.caption.id] {
			return
		}
	case opID, opDatetime:
		if !r.written[s.from] {
			return
		}
	case opProfile, opObservables, opPairs:
		return
	case opPath, opExpression, opGroup:
		if !inside && !needed[s.field] {
			return
		}
	default: // items of lists
		if !needed[s.field] {
			return
		}
	}
	at := len(r.out.stops)
	r.out.stops = append(r.out.stops, stop{pc: int32(pc), unit: none, test: none})
	if s.block != nil {
		r.body(pc+1, s.block.end, &s.block.requires, true)
	}
	r.out.stops[at].next = int32(len(r.out.stops))
	r.written[s.field] = true
}

// routeLeast sets the route of the least event, and keeps what the rules read that do not
// run.
func (w *Worker) routeLeast() {
	if w.least == nil {
		w.least = newLeast(w.plan)
	}
	w.route = &w.least.route
	w.machine.Work += w.least.work
	for i := range w.kept {
		w.kept[i], w.anyKept = true, true
	}
}
