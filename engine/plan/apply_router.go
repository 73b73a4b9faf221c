package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// router finds the route of an alert: it leaves out what is known to do nothing.
type router struct {
	*Worker
	routing
	out     route
	written map[*ocsf.Field]bool // by the stops so far
}

// routing is what a router leaves out, and whether its units are remembered.
type routing uint8

const (
	remembered routing = iota
	unremembered
	everything // nothing is left out or remembered
)

func newRouter(w *Worker, how routing) *router {
	return &router{w, how, route{own: make([][]int, len(w.plan.profiles))}, map[*ocsf.Field]bool{}}
}

func (r *router) route() *route {
	r.body(0, len(r.plan.steps))
	return &r.out
}

// body adds the stops of the steps from pc up to end. It reports whether one of them can
// give a live value or fail.
func (r *router) body(pc, end int) (lively bool) {
	for pc < end {
		first, u := len(r.out.stops), r.plan.steps[pc].unit
		past := r.plan.after(pc)
		if u != nil {
			past = u.end
		}
		worth := false
		for ; pc < past; pc = r.plan.after(pc) {
			lively = r.step(pc) || lively
		}
		for i := first; i < len(r.out.stops) && !worth; i++ {
			worth = r.plan.steps[r.out.stops[i].pc].costly()
		}
		if u != nil && worth && r.routing == remembered {
			at := &r.out.stops[first]
			at.unit, at.past = r.variant(u, false), int32(len(r.out.stops))
		}
	}
	return lively
}

// step adds a step with its body, unless it does nothing. It reports whether it can give a
// live value or fail.
func (r *router) step(pc int) (lively bool) {
	s := &r.plan.steps[pc]
	if r.routing != everything && r.idle(s) {
		return false
	}
	at := len(r.out.stops)
	r.out.stops = append(r.out.stops, stop{pc: int32(pc), unit: none, test: none})
	b := s.block
	switch s.op {
	case opConstant, opCaption, opDatetime, opTypeUID, opTypeName:
	case opGroup, opItem:
		lively = r.body(pc+1, b.end) || b.constant || b.needed || r.unsure(b.when)
	case opProfile:
		if b.own {
			r.out.own[b.profile] = append(r.out.own[b.profile], at)
		}
		lively = r.body(pc+1, b.end) || b.own
	case opEach:
		r.body(pc+1, b.end)
		lively = true
	default:
		lively = true
	}
	if !lively && b != nil && r.routing != everything {
		r.out.stops = r.out.stops[:at]
		return false
	}
	here := &r.out.stops[at]
	here.next = int32(len(r.out.stops))
	if b != nil && r.routing == remembered {
		here.test = r.variant(b.test, false)
	}
	r.written[s.field] = true
	return lively
}

// idle reports whether a step is known to do nothing for the alert.
func (r *router) idle(s *step) bool {
	switch s.op {
	case opPath, opAppendPath:
		return !r.alert.Has(r.routes.there, s.want)
	case opExpression, opAppend, opEach:
		v, known := r.unread(s.program)
		return known && v.Kind == alert.Nil
	case opGroup, opItem:
		if s.block.when == nil {
			return false
		}
		v, known := r.unread(s.block.when)
		holds, err := expression.Condition(v)
		return known && err == nil && !holds
	case opCaption, opTypeUID, opTypeName:
		return !r.written[s.caption.id]
	case opID, opDatetime:
		return !r.written[s.from]
	}
	return false
}

// unsure reports whether a condition may fail.
func (r *router) unsure(when *program) bool {
	if when == nil {
		return false
	}
	v, known := r.unread(when)
	_, err := expression.Condition(v)
	return !known || err != nil
}

// unread returns what a program gives if the alert has none of the values that it reads.
// It is not known if the alert has one, or if the program depends on more than these.
func (r *router) unread(p *program) (v alert.Value, known bool) {
	if !p.fixed || len(p.Elements) > 0 || p.Index {
		return v, false
	}
	for _, i := range p.reads {
		if r.alert.Has(r.routes.there, i) {
			return v, false
		}
	}
	if r.routes.blank == nil {
		r.routes.blank = newBlank(r.plan)
	}
	return r.routes.blank.value(p)
}
