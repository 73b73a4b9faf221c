package plan

import "github.com/sluice-lake/sluice/engine/expression"

// Source is a rule that gives a value, with what the value may come from: what its
// expression shows, through lets, functions and `$each`.
type Source struct {
	*Rule
	// Fields are those of the alert, as expressions write them, in the order in which
	// the rule asks for them. What is behind an item of a list follows [].
	Fields []string
	// Tables are the mapping's tables in which values of the alert are looked up.
	Tables []string
	// Constants are texts of values that the rule itself states.
	Constants []string
	// Tests are other fields on which it depends which value is given, if any.
	Tests []string
}

// Sources returns a Source for each rule that gives a value, in the order of the event.
func (p *Plan) Sources() []Source {
	var out []Source
	around := surroundings{plan: p}
	for i := range p.steps {
		s := &p.steps[i]
		around.leave(i)
		if s.block != nil {
			around.enter(s)
		}
		switch s.op {
		case opConstant, opPath, opExpression, opAppendConst, opAppendPath, opAppend, opPairs:
			if s.target != nil {
				out = append(out, around.source(s))
			}
		}
	}
	return out
}

// surroundings are the blocks around a step, outermost first.
type surroundings struct {
	plan   *Plan
	blocks []*block
	// elements are the programs of the `$each` among them.
	elements []*program
	owners   []*block // of the elements
}

func (a *surroundings) enter(s *step) {
	a.blocks = append(a.blocks, s.block)
	if s.op == opEach {
		a.elements, a.owners = append(a.elements, s.program), append(a.owners, s.block)
	}
}

// leave drops the blocks that end before step i.
func (a *surroundings) leave(i int) {
	for n := len(a.blocks) - 1; n >= 0 && a.blocks[n].end <= i; n-- {
		if last := len(a.owners) - 1; last >= 0 && a.owners[last] == a.blocks[n] {
			a.elements, a.owners = a.elements[:last], a.owners[:last]
		}
		a.blocks = a.blocks[:n]
	}
}

func (a *surroundings) source(s *step) Source {
	out := Source{Rule: &s.target.Rule}
	var reads []int
	switch {
	case s.program != nil:
		a.trace(&out, s.program, "")
		reads = s.program.reads
	case s.op == opPath || s.op == opAppendPath:
		out.Fields = []string{a.plan.paths[s.want]}
	default:
		out.Constants = []string{s.target.Text}
	}
	for _, b := range a.blocks {
		if b.when != nil {
			reads = appendNew(reads, b.when.reads...)
		}
	}
	for _, i := range reads {
		if path := a.plan.paths[i]; !contains(out.Fields, path) {
			out.Tests = appendNew(out.Tests, path)
		}
	}
	return out
}

// trace adds what a program's value may come from, if the steps are taken of it.
func (a *surroundings) trace(out *Source, p *program, steps string) {
	from := p.Sources()
	for _, r := range from.Reads {
		out.Fields = appendNew(out.Fields, a.plan.paths[p.slots[r.Index]]+behind(r, ".", steps))
	}
	for _, r := range from.Lets {
		switch l := &a.plan.lets[r.Index]; {
		case l.program != nil:
			a.trace(out, l.program, behind(r, ".", steps))
		case l.text != "":
			out.Constants = appendNew(out.Constants, l.text)
		}
	}
	for _, r := range from.Elements {
		if r.Index < len(a.elements) && a.elements[r.Index] != nil {
			a.trace(out, a.elements[r.Index], behind(r, "[].", steps))
		}
	}
	out.Tables = appendNew(out.Tables, from.Tables...)
	if steps == "" {
		out.Constants = appendNew(out.Constants, from.Constants...)
	}
}

// behind writes the steps behind an origin, and those that are taken of the value.
// Steps in what is computed of it lead to no field; nor do positions in an item, as in
// a pair of two lists.
func behind(from expression.Origin, joint, steps string) string {
	if from.Made {
		steps = ""
	}
	switch {
	case len(from.Steps) == 0:
		return steps
	case from.Steps[0].IsIndex:
		return ""
	}
	return joint + from.Steps.String() + steps
}

// contains reports whether a field is listed, itself or by what is in its items.
func contains(fields []string, path string) bool {
	for _, f := range fields {
		if f == path || len(f) > len(path)+2 && f[:len(path)] == path && f[len(path):len(path)+2] == "[]" {
			return true
		}
	}
	return false
}
