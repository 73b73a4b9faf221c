package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// predicate is a function that evaluates an expression, its body, for each item
// of a list.
type predicate struct {
	function.Function
	run func(m *Machine, n *code, list, third alert.Value) (alert.Value, error)
}

// tests reports whether the body is a condition.
func (p *predicate) tests() bool { return p.Takes[1].Sort == function.ConditionSort }

// loopBytes is what starting a predicate counts for.
const loopBytes = 256

// stepNodes is the nodes of a body that an iteration evaluates for one step more.
const stepNodes = 16

// iteration is what a body sees: `#`, `#index` and `#acc`.
type iteration struct {
	item, acc alert.Value
	index     int
	steps     int // that an iteration takes
}

// evalEach runs a predicate, and restores the iteration of the one around it.
func (m *Machine) evalEach(n *code) (alert.Value, error) {
	list, err := m.eval(&n.args[0])
	if err != nil || list.Kind == alert.Nil {
		return alert.Value{}, err
	}
	var third alert.Value
	if len(n.args) > 2 {
		if third, err = m.eval(&n.args[2]); err != nil {
			return alert.Value{}, err
		}
	}
	if err := m.Holds(loopBytes); err != nil {
		return alert.Value{}, err
	}
	if err := m.Reads(len(list.Text)); err != nil { // a raw list is parsed while it is read
		return alert.Value{}, err
	}
	outer, base := m.iteration, len(m.Stack)
	m.iteration = iteration{steps: int(n.index)}
	v, err := n.loop.run(m, n, list, third)
	m.iteration, m.Stack = outer, m.Stack[:base]
	return v, err
}

// each puts the items of a list into m.iteration, one after the other, and calls
// visit for each until it has seen enough. Any other value is a list of one.
func (m *Machine) each(list alert.Value, visit func() (enough bool, err error)) error {
	if list.Kind != alert.List {
		m.iteration.item = list
		if err := m.Step(m.iteration.steps); err != nil {
			return err
		}
		_, err := visit()
		return err
	}
	for it := list.ItemsIn(m.Arena); it.Next(); m.iteration.index++ {
		if err := m.Step(m.iteration.steps); err != nil {
			return err
		}
		m.iteration.item = it.Value()
		if enough, err := visit(); enough || err != nil {
			return err
		}
	}
	return nil
}

// search finds the first item for which the condition has the wanted result. It
// leaves that item in m.iteration.
func (m *Machine) search(n *code, list alert.Value, want bool) (found bool, err error) {
	err = m.each(list, func() (bool, error) {
		holds, err := m.condition(&n.args[1])
		found = holds == want && err == nil
		return found, err
	})
	return found, err
}

// pick calls visit for the items for which the condition holds.
func (m *Machine) pick(n *code, list alert.Value, visit func()) error {
	return m.each(list, func() (bool, error) {
		holds, err := m.condition(&n.args[1])
		if holds && err == nil {
			visit()
		}
		return false, err
	})
}

func all(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	found, err := m.search(n, list, false)
	return alert.OfBool(!found), err
}

func anyOf(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	found, err := m.search(n, list, true)
	return alert.OfBool(found), err
}

func none(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	found, err := m.search(n, list, true)
	return alert.OfBool(!found), err
}

func (m *Machine) counted(n *code, list alert.Value) (int64, error) {
	count := int64(0)
	err := m.pick(n, list, func() { count++ })
	return count, err
}

func one(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	count, err := m.counted(n, list)
	return alert.OfBool(count == 1), err
}

func count(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	count, err := m.counted(n, list)
	return alert.OfInt(count), err
}

func find(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	found, err := m.search(n, list, true)
	if !found {
		return alert.Value{}, err
	}
	return m.iteration.item, nil
}

func findIndex(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	found, err := m.search(n, list, true)
	if !found {
		return alert.Value{}, err
	}
	return alert.OfInt(int64(m.iteration.index)), nil
}

// searchBack searches from the end for an item for which the condition holds.
func (m *Machine) searchBack(n *code, list alert.Value) (found bool, err error) {
	items, err := m.Items(list)
	for i := len(items) - 1; i >= 0 && !found && err == nil; i-- {
		if err = m.Step(m.iteration.steps); err == nil {
			m.iteration.item, m.iteration.index = items[i], i
			found, err = m.condition(&n.args[1])
		}
	}
	return found, err
}

func findLast(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	found, err := m.searchBack(n, list)
	if !found {
		return alert.Value{}, err
	}
	return m.iteration.item, nil
}

func findLastIndex(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	found, err := m.searchBack(n, list)
	if !found {
		return alert.Value{}, err
	}
	return alert.OfInt(int64(m.iteration.index)), nil
}

func filter(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	base := len(m.Stack)
	if err := m.pick(n, list, func() { m.Stack = append(m.Stack, m.iteration.item) }); err != nil {
		return alert.Value{}, err
	}
	return m.Listed(base)
}

func mapItems(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	base := len(m.Stack)
	if err := m.results(n, list); err != nil {
		return alert.Value{}, err
	}
	return m.Listed(base)
}

// results pushes the body's result for each item on the stack.
func (m *Machine) results(n *code, list alert.Value) error {
	return m.each(list, func() (bool, error) {
		v, err := m.eval(&n.args[1])
		m.Stack = append(m.Stack, v)
		return false, err
	})
}

// reduce starts with its third argument, or with the first item. Without
// either, the result is nil.
func reduce(m *Machine, n *code, list, third alert.Value) (alert.Value, error) {
	started := len(n.args) > 2
	m.iteration.acc = third
	err := m.each(list, func() (bool, error) {
		if !started {
			started, m.iteration.acc = true, m.iteration.item
			return false, nil
		}
		v, err := m.eval(&n.args[1])
		m.iteration.acc = v
		return false, err
	})
	return m.iteration.acc, err
}

func sum(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	base := len(m.Stack)
	if err := m.results(n, list); err != nil {
		return alert.Value{}, err
	}
	total, _, err := m.Total("sum", m.Stack[base:])
	total.Origin = m.Origins.Union(m.Stack[base:])
	return total, err
}

// keyed pushes each item on the stack and, after it, the body's result for it.
func (m *Machine) keyed(n *code, list alert.Value) error {
	return m.each(list, func() (bool, error) {
		key, err := m.eval(&n.args[1])
		m.Stack = append(m.Stack, m.iteration.item, key)
		return false, err
	})
}

// groupBy makes a list for each key.
func groupBy(m *Machine, n *code, list, _ alert.Value) (alert.Value, error) {
	base := len(m.Stack)
	if err := m.keyed(n, list); err != nil {
		return alert.Value{}, err
	}
	return m.Group(m.Stack[base:])
}

// sortBy sorts items by their keys, in the order that its third argument names.
func sortBy(m *Machine, n *code, list, third alert.Value) (alert.Value, error) {
	base := len(m.Stack)
	if err := m.keyed(n, list); err != nil {
		return alert.Value{}, err
	}
	if len(n.args) > 2 && third.Kind == alert.Nil {
		return alert.Value{}, nil
	}
	return m.Sort(m.Stack[base:], third)
}

// each resolves a predicate.
func (r *resolver) each(p *predicate, args []ast.Node, at int) *node {
	name := p.Name
	if least, _ := p.Arity(); len(args) < least {
		r.all(args)
		return r.wrongCount(&p.Function, len(args), at)
	}
	list := r.resolve(args[0])
	before := r.nodes
	body := &node{op: opItem, kinds: Any, at: at}
	if len(args) > 1 {
		body = r.body(name, args[1])
	}
	if p.tests() {
		r.condition(body)
	}
	if name == "sum" && len(args) == 2 && !body.looksAtItems() {
		return r.apply(&function.Sum, []*node{list, body}, at)
	}
	steps := 1 + (r.nodes-before)/stepNodes
	var rest []*node
	if len(args) > 2 {
		rest = r.all(args[2:])
	}
	return &node{op: opEach, loop: p, steps: steps, args: append([]*node{list, body}, rest...), kinds: p.Yields | list.kinds&Nil, at: at}
}

func (r *resolver) body(name string, n ast.Node) *node {
	if p, ok := n.(*ast.PredicateNode); ok {
		n = p.Node
	}
	r.predicate = append(r.predicate, name)
	body := r.resolve(n)
	r.predicate = slices.Delete(r.predicate, len(r.predicate)-1, len(r.predicate))
	return body
}
