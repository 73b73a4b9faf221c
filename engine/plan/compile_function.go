package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// functions makes the mapping's functions that are expressions known to all
// expressions, and reports what is wrong with their bodies, whoever calls them.
func (c *compiler) functions() {
	for i := range c.m.Functions {
		c.define(&c.m.Functions[i])
	}
	if c.options.Sound {
		return
	}
	order := c.calleesFirst()
	scope := c.scope
	for i := range c.m.Let {
		scope.Lets = append(scope.Lets, c.m.Let[i].Name)
	}
	for _, f := range order {
		if d := c.scope.Functions[f.Name].Definition; d != nil {
			c.report(f.Body, d.Check(scope))
		}
	}
}

func (c *compiler) define(f *syntax.Function) {
	c.functionName(f.Name, f.Pos)
	var params []string
	for _, p := range f.Params {
		if err := expression.CheckParameterName(p.Value); err != nil {
			c.faults.Add(p.Pos, "%v", err)
		}
		params = append(params, p.Value)
	}
	d, faults := expression.Define(f.Name, params, f.Body.Text, c.scope.Trees)
	for _, name := range d.Unused() {
		i := slices.Index(params, name)
		c.unusedParams = append(c.unusedParams, f.Params[i])
	}
	c.report(f.Body, faults)
	c.texts[d] = f.Body
	c.addFunction(f.Name, expression.Function{Definition: d})
}

func (c *compiler) addFunction(name string, f expression.Function) {
	if c.scope.Functions == nil {
		c.scope.Functions = map[string]expression.Function{}
	}
	c.scope.Functions[name] = f
}

// functionName reports a name that a function cannot have.
func (c *compiler) functionName(name string, at syntax.Pos) bool {
	if err := expression.CheckFunctionName(name); err != nil {
		c.faults.Add(at, "%v", err)
		return false
	}
	for i := range c.m.Let {
		if l := &c.m.Let[i]; l.Name == name {
			c.faults.Add(at, "`%s` is the name of a let, at %s: give the function another name", name, l.Pos)
			return false
		}
	}
	return true
}

// calleesFirst returns the functions in an order in which each comes after those
// that it calls. It reports those that call themselves.
func (c *compiler) calleesFirst() []*syntax.Function {
	var order []*syntax.Function
	done := map[string]bool{}
	var visit func(f *syntax.Function, chain []string)
	visit = func(f *syntax.Function, chain []string) {
		if i := slices.Index(chain, f.Name); i >= 0 {
			c.faults.Add(f.Pos, "function `%s` calls itself: %s: a function is put in place of its calls, so remove one of them", f.Name,
				strings.Join(append(chain[i:], f.Name), " → "))
			c.scope.Functions[f.Name].Definition.Discard()
			return
		}
		if done[f.Name] {
			return
		}
		for _, called := range c.scope.Functions[f.Name].Definition.Calls {
			if inner := c.function(called); inner != nil {
				visit(inner, append(chain, f.Name))
			}
		}
		done[f.Name] = true
		order = append(order, f)
	}
	for i := range c.m.Functions {
		visit(&c.m.Functions[i], nil)
	}
	return order
}

func (c *compiler) function(name string) *syntax.Function {
	for i := range c.m.Functions {
		if c.m.Functions[i].Name == name {
			return &c.m.Functions[i]
		}
	}
	return nil
}
