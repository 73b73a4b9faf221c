package plan

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// unit is a sequence of steps whose cells follow from a few wanted values and from
// nothing else. A Worker remembers what such steps made of values that it knows.
type unit struct {
	number int         // index into Plan.units
	end    int         // the step after the last
	wants  []int       // the wanted values, ascending
	asked  []int       // others of which only the existence counts, ascending
	field  *ocsf.Field // that it writes, nil for a condition
	first  int         // the cells that it writes: [first, last)
	last   int
}

// mostWants bounds the values that a unit follows from: the more there are, the rarer they
// are all the same again. A condition may follow from mostReads, because most of what it
// reads is missing in most alerts.
const (
	mostWants = 64
	mostReads = 128
)

// findUnits divides the steps from pc up to end, which write cells of the event's own
// record, into units. A group is a unit, and so are the parts of it, for the case
// that some part of it is new in every alert.
func (p *Plan) findUnits(pc, end int) {
	for pc < end {
		next := p.together(pc)
		p.number(&p.steps[pc])
		p.remember(p.steps[pc].block)
		if p.worthRecall(pc) {
			p.addUnit(pc, next)
		}
		switch s := &p.steps[pc]; s.op {
		case opGroup, opProfile:
			p.findUnits(pc+1, s.block.end)
		case opItem:
			p.findItemUnits(pc, next)
		}
		pc = next
	}
}

// findItemUnits does the same inside the items of a list, which write cells of their
// own records. What depends on the element of a $each is not a unit.
func (p *Plan) findItemUnits(pc, end int) {
	for ; pc < end; pc = p.after(pc) {
		if p.steps[pc].op == opItem {
			p.remember(p.steps[pc].block)
			p.findUnits(pc+1, p.steps[pc].block.end)
		}
	}
}

// remember lets workers remember whether a `$when` holds.
func (p *Plan) remember(b *block) {
	if b == nil || b.when == nil || b.test != nil || !b.when.fixed || len(b.when.reads) > mostReads || len(b.when.Elements) > 0 || b.when.Index {
		return
	}
	b.test = &unit{number: len(p.units)}
	b.test.reads(b.when)
	b.test.arrange()
	p.units = append(p.units, b.test)
}

// number lets what a step writes have a number, where that follows from the step.
func (p *Plan) number(s *step) {
	switch s.op {
	case opConstant, opTypeUID:
		s.numbered = !s.field.List && s.field.Attribute.Type != nil
	case opPath, opCaption, opTypeName:
		t := s.field.Attribute.Type
		s.numbered = !s.field.List && t != nil && t.Kind == ocsf.String
		if s.op == opPath && s.numbered && formatOf(t) == nil && len(s.field.Attribute.Enum) == 0 && s.target.gives == nil {
			if s.longest = longText; t.MaxLen > 0 {
				s.longest = int32(min(t.MaxLen, longText))
			}
		}
	}
}

// together returns the end of the steps from pc on that write the same attribute.
func (p *Plan) together(pc int) int {
	s := &p.steps[pc]
	next := p.after(pc)
	for s.field != nil && s.field.List && next < len(p.steps) && p.steps[next].field == s.field && p.steps[next].op != opCaption {
		next = p.after(next)
	}
	return next
}

// after returns the step behind a step and its body.
func (p *Plan) after(pc int) int {
	if b := p.steps[pc].block; b != nil {
		return b.end
	}
	return pc + 1
}

// worthRecall reports whether a step may begin a unit. Whether a group costs more than to
// recall it depends on what is in it.
func (p *Plan) worthRecall(pc int) bool {
	s := &p.steps[pc]
	return (s.op == opGroup || s.costly()) && !p.writtenLate(s.field)
}

// costly reports whether a step costs more than to recall its result.
func (s *step) costly() bool {
	switch s.op {
	case opPath:
		return s.field.Attribute.Type != nil && formatOf(s.field.Attribute.Type) != nil
	case opExpression, opAppend, opAppendPath, opItem, opEach:
		return true
	}
	return false
}

// writtenLate reports whether a step that runs when all others have run writes to an
// attribute, or to one inside it. What is remembered must not change.
func (p *Plan) writtenLate(f *ocsf.Field) bool {
	return slices.ContainsFunc(p.late, func(late *ocsf.Field) bool { return within(f, late) })
}

// lateFields returns what the steps write that run when all others have run.
func lateFields(steps []step) (late []*ocsf.Field) {
	for i := range steps {
		if op := steps[i].op; op == opProfiles || op == opObservables {
			late = append(late, steps[i].field)
		}
	}
	return late
}

// within reports whether a field is another one, or inside it.
func within(outer, f *ocsf.Field) bool {
	return outer == f || slices.ContainsFunc(outer.Children, func(c *ocsf.Field) bool { return within(c, f) })
}

func (p *Plan) addUnit(pc, end int) {
	u := &unit{number: len(p.units), end: end, field: p.steps[pc].field}
	for i := pc; i < end; i++ {
		// Of those asked, the ones that are wanted too go.
		if !u.add(&p.steps[i]) || len(u.wants) > mostWants || len(u.asked) > 2*mostWants {
			return
		}
	}
	u.arrange()
	if len(u.wants)+len(u.asked) > mostWants {
		return
	}
	p.units = append(p.units, u)
	p.steps[pc].unit = u
}

// add adds what a step reads. It returns false for a step that depends on more than
// wanted values.
func (u *unit) add(s *step) bool {
	switch s.op {
	case opPath, opAppendPath:
		u.wants = appendNew(u.wants, s.want)
	case opConstant, opExpression, opAppendConst, opAppend, opGroup, opItem, opEach,
		opCaption, opID, opDatetime, opTypeUID, opTypeName:
	default:
		return false
	}
	programs := []*program{s.program}
	if s.block != nil {
		programs = append(programs, s.block.when)
	}
	for _, p := range programs {
		if p == nil {
			continue
		}
		if !p.fixed {
			return false
		}
		u.reads(p)
	}
	return true
}

// reads adds what a program reads.
func (u *unit) reads(p *program) {
	u.wants = appendNew(u.wants, p.valued...)
	u.asked = appendNew(u.asked, p.reads...)
}

// arrange puts in order what the steps read.
func (u *unit) arrange() {
	slices.Sort(u.wants)
	u.asked = slices.DeleteFunc(u.asked, func(i int) bool { return slices.Contains(u.wants, i) })
	slices.Sort(u.asked)
}

// locate notes which cells the unit writes.
func (u *unit) locate() {
	if u.field != nil {
		u.first, u.last = u.field.Cell, lastCell(u.field)+1
	}
}
