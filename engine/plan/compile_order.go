package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// orderLets puts those lets that one of a variant uses before it, where it stands in the
// place of an older one and these do not. Any other let stands behind what it may use. A let that
// would have to stand before itself keeps its place, and loops says why it cannot use the other.
func (c *compiler) orderLets() {
	c.written = c.m.Let
	inOrder := true
	for i := range c.m.Let {
		inOrder = inOrder && c.m.Let[i].Sees <= i
	}
	if inOrder {
		return
	}
	o := letOrder{compiler: c, done: make([]bool, len(c.m.Let))}
	for i := range c.m.Let {
		o.names = append(o.names, c.m.Let[i].Name)
	}
	for i := range c.m.Let {
		o.put(i)
	}
	ordered := *c.m
	ordered.Let = o.lets
	c.m = &ordered
}

type letOrder struct {
	*compiler
	names []string
	done  []bool
	chain []int // the let that is being put in place, behind those that use it
	lets  []syntax.Let
}

func (o *letOrder) put(i int) {
	l := &o.written[i]
	if o.done[i] {
		return
	}
	o.chain = append(o.chain, i)
	for _, used := range o.uses(l) {
		switch from := slices.Index(o.chain, used); {
		case used >= l.Sees || used == i: // a fault of its own
		case from >= 0:
			o.loop(o.chain[from:])
		default:
			o.put(used)
		}
	}
	o.chain = o.chain[:len(o.chain)-1]
	o.done[i] = true
	o.lets = append(o.lets, *l)
}

// uses returns the lets that one uses, by itself or in functions that it calls.
func (o *letOrder) uses(l *syntax.Let) []int {
	if l.Value.Kind != syntax.Computed {
		return nil
	}
	used, calls := expression.Uses(l.Value.Expression.Text, o.names, o.scope.Trees)
	for n := 0; n < len(calls); n++ {
		if d := o.scope.Functions[calls[n]].Definition; d != nil {
			used, calls = appendNew(used, d.Uses(o.names)...), appendNew(calls, d.Calls...)
		}
	}
	return used
}

// loop notes why the lets of a chain, of which the last uses the first, cannot be in any order: as a
// fault of the mapping's own, which closed the loop, and not of the one that it extends.
func (o *letOrder) loop(chain []int) {
	at := max(slices.IndexFunc(chain, func(i int) bool { return o.written[i].Pos.File == o.m.File }), 0)
	var names []string
	for _, i := range append(slices.Clone(chain[at:]), chain[:at]...) {
		names = append(names, o.names[i])
	}
	names = append(names, names[0])
	if o.loops == nil {
		o.loops = map[[2]string]string{}
	}
	o.loops[[2]string{names[0], names[1]}] = fmt.Sprintf("let %s cannot use let %s, which uses it: %s; let one of them do without the other",
		names[0], names[1], strings.Join(names, " → "))
}

// later returns why a let cannot use another, or "".
func (c *compiler) later(l *syntax.Let, name string) string {
	if why := c.loops[[2]string{l.Name, name}]; why != "" {
		return why
	}
	if name == l.Name {
		return "" // see expression.Scope.Self
	}
	for i := l.Sees; i < len(c.written); i++ {
		switch other := &c.written[i]; {
		case other.Name != name:
		case other.Pos.File == l.Pos.File:
			return fmt.Sprintf("let %s is defined later; move it up", name)
		default:
			return fmt.Sprintf("let %s is defined later, at %s: give it another name if the alert's own field is meant here", name, other.Pos)
		}
	}
	return ""
}
