package plan

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// each compiles `$each`. Expressions may then use its element, until end is called.
func (c *compiler) each(n *syntax.Node) (p *program, end func()) {
	var reads []int
	name := ""
	if n.Each != nil {
		p = c.program(n.Each)
		name = c.elementName(n.Each.As)
	}
	if p != nil {
		reads = p.reads
	}
	c.itReads = append(c.itReads, reads)
	c.scope.Elements = append(c.scope.Elements, name)
	return p, func() {
		c.itReads = c.itReads[:len(c.itReads)-1]
		c.scope.Elements = c.scope.Elements[:len(c.scope.Elements)-1]
	}
}

// elementName returns the name of the element of a `$each`, "" if it has none or
// cannot have this one.
func (c *compiler) elementName(as syntax.Text) string {
	if as.Value == "" {
		return ""
	}
	err := expression.CheckElementName(as.Value)
	_, isFunction := c.scope.Functions[as.Value]
	scope := c.scopeOf(as.Pos.Use)
	switch {
	case err != nil:
		c.faults.Add(as.Pos, "%v", err)
	case isFunction:
		c.faults.Add(as.Pos, "`%s` is the name of a function; give the element another name", as.Value)
	case slices.Contains(c.scope.Lets, as.Value):
		c.faults.Add(as.Pos, "`%s` is the name of a let; give the element another name", as.Value)
	case slices.ContainsFunc(scope.Arguments, func(a expression.Argument) bool { return a.Name == as.Value }):
		c.faults.Add(as.Pos, "`%s` is the name of a parameter; give the element another name", as.Value)
	case slices.Contains(scope.Elements, as.Value):
		c.faults.Add(as.Pos, "`%s` is already the name of an element of the `$each` around this one: give one of them another name", as.Value)
	default:
		return as.Value
	}
	return ""
}

// orIt returns the name by which expressions use an element.
func orIt(name string) string {
	if name == "" {
		return "it"
	}
	return name
}
