package plan

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// use is what the expressions of a part may name in one of its uses.
type use struct {
	arguments []expression.Argument
	elements  int // of the `$each` around the use: the part does not see their names
}

// parts reports the faults that the expressions of parts have wherever the part is
// used, and whether or not it is.
func (c *compiler) parts() {
	if c.options.Sound {
		return
	}
	outer := c.scope
	c.checking, c.scope.AnyElement = true, true
	for _, part := range c.m.Parts {
		found := c.sound(meant("part", part.Pos, textsOf(nil, part.Value)), func() soundness { return soundness{usedParams: c.part(part)} })
		for i, p := range part.Params {
			if !found.usedParams[i] {
				c.unusedParams = append(c.unusedParams, p)
			}
		}
	}
	c.checking, c.scope = false, outer
}

// part returns which parameters the part uses.
func (c *compiler) part(part *syntax.Part) []bool {
	c.scope.Arguments = nil
	for _, p := range part.Params {
		if err := expression.CheckParameterName(p.Value); err != nil {
			c.faults.Add(p.Pos, "%v", err)
		}
		c.scope.Arguments = append(c.scope.Arguments, expression.Argument{Name: p.Value, Value: expression.Unknown})
	}
	if err := expression.CheckPartName(part.Name); err != nil && !part.OfEvent {
		c.faults.Add(part.Pos, "%v", err)
	}
	c.usedParams = make([]bool, len(part.Params))
	c.loose(part.Value)
	return c.usedParams
}

// scopeOf returns what expressions may name that are in a use of a part, or in
// none. The first expression of a use comes before those inside of a `$each` of
// the part.
func (c *compiler) scopeOf(u *syntax.Use) expression.Scope {
	if u == nil {
		return c.scope
	}
	in := c.uses[u]
	if in == nil {
		in = &use{elements: len(c.scope.Elements)}
		c.uses[u] = in
		outer := c.scopeOf(u.Pos.Use)
		outer.Elements = slices.Clone(outer.Elements)
		for i, arg := range u.Args {
			in.arguments = append(in.arguments, expression.Argument{Name: u.Part.Params[i].Value, Value: c.bind(arg, outer)})
		}
	}
	scope := c.scope
	scope.Arguments = in.arguments
	scope.Elements = slices.Clone(scope.Elements)
	for i, name := range scope.Elements[:min(in.elements, len(scope.Elements))] {
		if name != "" {
			scope.Hidden = append(scope.Hidden, name)
			scope.Elements[i] = ""
		}
	}
	return scope
}

// unusedArguments reports the faults of arguments that no expression needed.
func (c *compiler) unusedArguments() {
	c.scope.AnyElement = true
	for _, u := range c.m.Uses {
		if c.uses[u] == nil {
			c.scopeOf(u)
		}
	}
	c.scope.AnyElement = false
}

// bind compiles an argument in the place of its `$part`.
func (c *compiler) bind(arg *syntax.Expression, scope expression.Scope) *expression.Bound {
	if arg.Template != nil && c.broken[arg.Template] {
		return expression.Unknown
	}
	b, faults := expression.Bind(arg.Text, scope)
	c.report(arg, faults)
	c.texts[b] = arg
	return b
}

// textOf returns the text in which a place is that an expression has, or what is put
// in place in it.
func (c *compiler) textOf(e *syntax.Expression, p expression.Place) *syntax.Expression {
	switch {
	case p.Function != nil:
		return c.texts[p.Function]
	case p.Argument != nil:
		return c.texts[p.Argument]
	}
	return e
}
