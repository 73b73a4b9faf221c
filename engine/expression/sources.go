package expression

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// Sources say where the value of an expression may come from, as its text shows. What
// it only tests, and separators and patterns, are not sources.
type Sources struct {
	// Reads, Lets and Elements are positions in Program.Reads, in Scope.Lets and in
	// Scope.Elements, each in the order of the text.
	Reads, Lets, Elements []Origin
	// Tables are the tables that are asked for what comes from the alert.
	Tables []string
	// Constants are the texts of the scalars that the expression itself may yield.
	Constants []string
}

// Origin is something that a value is, or is made of.
type Origin struct {
	Index int
	// Steps are the constant steps behind it.
	Steps alert.Path
	// Made is true if the value is computed of it.
	Made bool
}

// Sources returns where the value of the expression may come from.
func (p *Program) Sources() Sources {
	s := sources{variables: map[int]*node{}, visited: map[*node]bool{}}
	s.of(p.root, nil)
	return s.Sources
}

type sources struct {
	Sources
	lists     []*node        // of the loops around a node, innermost last
	variables map[int]*node  // by index: what they are
	visited   map[*node]bool // what several nodes stand for
	made      bool           // below a call that computes
}

// of adds the sources of a node, of whose value the steps are taken.
func (s *sources) of(n *node, steps alert.Path) {
	switch n.op {
	case opConst:
		if scalar(n.value) {
			s.Constants = appendNew(s.Constants, string(n.value.AppendText(nil)))
		}
	case opPath:
		s.Reads = append(s.Reads, s.origin(n, steps))
	case opLet:
		s.Lets = append(s.Lets, s.origin(n, steps))
	case opElement:
		s.Elements = append(s.Elements, s.origin(n, steps))
	case opItem:
		s.ofItem()
	case opVar:
		s.once(s.variables[n.index], nil)
	case opDelayed:
		s.once(n.bound, steps)
	case opDeclare:
		s.variables[n.index] = n.args[0]
		s.of(n.args[1], steps)
	case opCond:
		s.of(n.args[1], steps)
		s.of(n.args[2], steps)
	case opDelay:
		s.of(n.args[1], steps)
	case opCoalesce, opElse, opTry, opList, opGuest:
		for _, a := range n.args {
			s.of(a, steps)
		}
	case opEach:
		s.ofLoop(n)
	case opCall:
		s.ofCall(n, steps)
	}
}

func (s *sources) origin(n *node, steps alert.Path) Origin {
	return Origin{n.index, slices.Clone(steps), s.made}
}

// once adds the sources of what several nodes stand for.
func (s *sources) once(n *node, steps alert.Path) {
	if n != nil && !s.visited[n] {
		s.visited[n] = true
		s.of(n, steps)
	}
}

// ofItem adds the sources of the list whose items a loop visits.
func (s *sources) ofItem() {
	if last := len(s.lists) - 1; last >= 0 {
		list, made := s.lists[last], s.made
		s.lists, s.made = s.lists[:last], true
		s.of(list, nil)
		s.lists, s.made = append(s.lists, list), made
	}
}

// ofLoop adds the sources of a loop: of its body where that is what comes out, else of
// its list.
func (s *sources) ofLoop(n *node) {
	switch {
	case flowOf(&n.loop.Function) == function.Tests:
	case n.loop.tests() || n.loop.Name == "sortBy" || n.loop.Name == "groupBy" || len(n.args) < 2:
		s.of(n.args[0], nil)
	default:
		s.lists = append(s.lists, n.args[0])
		s.of(n.args[1], nil)
		s.lists = s.lists[:len(s.lists)-1]
	}
}

// ofCall adds the sources of a call: its arguments, but for those that only steer.
func (s *sources) ofCall(n *node, steps alert.Path) {
	switch {
	case n.flow == function.Tests:
		return
	case n.fn == &function.Member && n.args[1].op == opConst:
		if n.args[0].op != opConst {
			s.of(n.args[0], append(alert.Path{stepOf(n.args[1].value)}, steps...))
		}
		return
	case n.fn == &function.Member && n.args[0].op == opConst && n.args[0].table != "":
		s.Tables = appendNew(s.Tables, n.args[0].table)
	}
	made := s.made
	if n.flow != function.Carries {
		s.made, steps = true, nil
	}
	for i, a := range n.args {
		if n.steer>>i&1 == 0 && (a.op != opConst || n.flow == function.Carries) {
			s.of(a, steps)
		}
	}
	s.made = made
}

// stepOf is the step to a constant name or position.
func stepOf(v alert.Value) alert.Step {
	if v.Kind == alert.Int {
		return alert.Step{Index: int(v.Num), IsIndex: true}
	}
	return alert.Step{Name: v.Text}
}

func appendNew[T comparable](list []T, one T) []T {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}
