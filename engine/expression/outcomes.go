package expression

import (
	"slices"
	"strconv"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// Outcome is one value that an expression may yield, as its text shows. For a
// value from a table, Table and Key say where it is: Key is the name or position
// of the table's entry that is or contains the value. Place is about let number
// Let-1 of the Scope, or the expression itself if Let is 0.
type Outcome struct {
	Value      alert.Value
	Place      Place
	Let        int
	Table, Key string
}

// Outcomes lists the constants that the expression may yield, each once, through
// conditions, fallbacks, lookups in tables and lets. lets are the Outcomes of
// the lets of the Scope, in order. Computed values are not listed.
func (p *Program) Outcomes(lets [][]Outcome) []Outcome {
	o := outcomes{lets: lets, seen: map[[4]string]bool{}, visited: map[*node]bool{}}
	o.of(p.root)
	return o.found
}

type outcomes struct {
	lets    [][]Outcome
	found   []Outcome
	seen    map[[4]string]bool
	visited map[*node]bool // arguments, which several nodes share
}

func (o *outcomes) add(x Outcome) {
	key := [4]string{string(x.Value.AppendText(nil)), x.Table, x.Key, function.Word(x.Value.Kind)}
	if !o.seen[key] {
		o.seen[key] = true
		o.found = append(o.found, x)
	}
}

func (o *outcomes) of(n *node) {
	switch n.op {
	case opConst:
		if scalar(n.value) {
			o.add(Outcome{Value: n.value, Place: n.place})
		}
	case opCond:
		o.of(n.args[1])
		o.of(n.args[2])
	case opCoalesce, opElse:
		for _, a := range n.args {
			o.of(a)
		}
	case opTry:
		o.of(n.args[0])
	case opDeclare, opDelay:
		o.of(n.args[1])
	case opDelayed:
		if n.bound != nil && !o.visited[n.bound] {
			o.visited[n.bound] = true
			o.of(n.bound)
		}
	case opLet:
		for _, x := range o.lets[n.index] {
			if x.Let == 0 {
				x.Let = n.index + 1
			}
			o.add(x)
		}
	case opCall:
		n.lookedUp(o.add)
	}
}

// lookedUp lists the possible results of a lookup in a table.
func (n *node) lookedUp(add func(Outcome)) {
	depth, base := 0, n
	for base.op == opCall && (base.fn == &function.Member || base.fn == function.Named("get")) {
		depth, base = depth+1, base.args[0]
	}
	if depth == 0 || base.op != opConst || base.table == "" {
		return
	}
	spread(base.value, depth, func(key string, v alert.Value) {
		if scalar(v) {
			add(Outcome{Value: v, Place: n.place, Table: base.table, Key: key})
		}
	})
}

func scalar(v alert.Value) bool {
	return v.Kind != alert.List && v.Kind != alert.Object && v.Kind != alert.Nil
}

// spread visits the values depth levels down, with the key of the first level.
func spread(v alert.Value, depth int, add func(key string, v alert.Value)) {
	inner := func(key string, v alert.Value) {
		if depth == 1 {
			add(key, v)
			return
		}
		spread(v, depth-1, func(_ string, v alert.Value) { add(key, v) })
	}
	for _, m := range v.Members() {
		inner(m.Name, m.Value)
	}
	items, _ := v.Made()
	for i, item := range items {
		inner(strconv.Itoa(i), item)
	}
}

// Lacks reports whether the expression may yield nil for some alerts without
// falling back on another value by ?? or default, and the offset of what may be
// absent. lets says which lets of the Scope may be nil.
func (p *Program) Lacks(lets []bool) (offset int, ok bool) {
	l := lacking{lets: lets, sure: map[*node]bool{}}
	return l.of(p.root)
}

type lacking struct {
	lets []bool
	sure map[*node]bool // arguments that always have a value; several nodes share them
}

func (l *lacking) of(n *node) (int, bool) {
	switch n.op {
	case opConst:
		return n.at, n.value.Kind == alert.Nil
	case opCoalesce, opElse, opAnd, opOr, opNot, opList, opLine:
		return 0, false
	case opLet:
		return n.at, l.lets[n.index]
	case opCond:
		return l.first(n.args[1], n.args[2])
	case opDeclare, opDelay:
		return l.first(n.args[1])
	case opDelayed:
		if n.bound == nil || l.sure[n.bound] {
			return n.at, n.bound == nil
		}
		at, ok := l.of(n.bound)
		l.sure[n.bound] = !ok
		return at, ok
	case opEach:
		if n.loop.Yields&Nil != 0 {
			return n.at, true
		}
		return l.first(n.args[0])
	case opGuest:
		if slices.ContainsFunc(n.args, func(a *node) bool { return a.kinds&(Nil|List) == 0 }) {
			return 0, false
		}
	case opCall:
		switch {
		case n.fn.Lenient && slices.ContainsFunc(n.args, func(a *node) bool { return a.kinds&(Nil|List) == 0 }):
			return 0, false // it skips nil arguments, and has another one
		case n.fn.Yields&Nil != 0:
			return n.at, true
		case n.fn.Lenient:
			return 0, false
		}
		return l.first(n.args...)
	}
	return n.at, n.kinds&Nil != 0
}

func (l *lacking) first(args ...*node) (int, bool) {
	for _, a := range args {
		if at, ok := l.of(a); ok {
			return at, true
		}
	}
	return 0, false
}

// Probes reports whether Reads[i] is a field for which get only looks because a name
// may have dots, which is not a sign that alerts have it.
func (p *Program) Probes(i int) bool {
	probes := true
	p.root.walk(func(n *node) {
		probes = probes && (n.op != opPath || n.index != i || n.probe)
	})
	return probes
}

func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, a := range n.args {
		a.walk(visit)
	}
}
