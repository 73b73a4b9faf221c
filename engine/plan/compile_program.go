package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// program compiles an expression. It returns nil after adding faults.
func (c *compiler) program(e *syntax.Expression) *program {
	if e.Template != nil && c.broken[e.Template] {
		return nil // already reported
	}
	if c.size > maxParts || c.full {
		return nil
	}
	scope := c.scopeOf(e.Pos.Use)
	compiled, faults := expression.Compile(e.Text, scope)
	c.report(e, faults)
	if compiled == nil || len(faults) > 0 {
		c.broken[e] = c.checking
		return nil
	}
	if c.checking {
		for _, i := range compiled.Arguments {
			c.usedParams[i] = true
		}
		return &program{Program: compiled}
	}
	if !c.weigh(e, compiled.Size) {
		return nil
	}
	p := &program{Program: compiled, pos: e.Pos, text: e.Source(), work: 1 + compiled.Size/stepParts, bare: compiled.Bare}
	c.readBy(p)
	c.programs[e] = p
	return p
}

// weigh counts the parts of an expression. It reports false after adding a fault.
func (c *compiler) weigh(e *syntax.Expression, parts int) bool {
	if c.size += parts; c.size > maxParts {
		c.faults.Add(e.Pos, "the expressions of the mapping have more than %d parts with functions in place of their calls: divide the mapping, or use a `let` for what is repeated", maxParts)
		return false
	}
	if c.options.Shared.size += parts; c.options.Shared.size > maxSetParts {
		c.full = true
		c.faults.Add(e.Pos, "the expressions of all mappings of the set have more than %d parts with functions in place of their calls: run fewer mappings at a time, or use a `let` for what is repeated", maxSetParts)
		return false
	}
	return true
}

// readBy notes what a program reads: directly, and by its lets and items.
func (c *compiler) readBy(p *program) {
	for _, path := range slices.Concat(p.Reads, p.OfLets) {
		i := c.want(path)
		p.slots = append(p.slots, i)
		p.reads = appendNew(p.reads, i)
	}
	for i, asked := range p.Exists() {
		if !asked {
			p.uses(p.slots[i])
			p.valued = appendNew(p.valued, p.slots[i])
		}
	}
	p.fixed = !p.Line && !p.Guests
	for _, l := range p.Lets {
		p.reads = appendNew(p.reads, c.letReads[l]...)
		if let := c.lets[l].program; let != nil && slices.Contains(p.Needs, l) {
			p.valued = appendNew(p.valued, let.valued...)
		}
		p.fixed = p.fixed && (c.lets[l].program == nil || c.lets[l].program.fixed)
	}
	for _, i := range p.Elements {
		p.reads = appendNew(p.reads, c.itReads[i]...)
		p.valued = appendNew(p.valued, c.itReads[i]...)
		p.elements = append(p.elements, orIt(c.scope.Elements[i]))
	}
}

// uses notes that a program looks into a wanted value.
func (p *program) uses(i int) {
	at := slices.IndexFunc(p.used, func(s wantSet) bool { return s.at == i/64 })
	if at < 0 {
		at = len(p.used)
		p.used = append(p.used, wantSet{at: i / 64})
	}
	p.used[at].set |= 1 << (i % 64)
}

// report adds the faults of an expression.
func (c *compiler) report(e *syntax.Expression, faults []expression.Fault) {
	for _, f := range faults {
		if f.Unknown != "" && (c.m.Unread(f.Unknown) || f.Nearest == "" && c.m.Unread("")) {
			continue // it is missing because of a fault that is already reported
		}
		message := f.Message
		if f.Syntax && e.Advice != "" {
			message += " (" + e.Advice + ")"
		}
		c.faults.Add(e.At(f.Offset), "%s", message)
	}
}

func (c *compiler) condition(e *syntax.Expression) *program {
	if e == nil {
		return nil
	}
	p := c.program(e)
	if p != nil && p.Path && c.scope.Condition != nil {
		if fault := c.scope.Condition(p.Reads[0]); fault != "" {
			c.faults.Add(e.Pos, "%s", fault)
		}
	}
	if p != nil && p.Yields&(expression.Bool|expression.Nil) == 0 {
		c.faults.Add(e.Pos, "a condition must be true or false, this expression returns %s", kindWords(p.Yields))
	}
	return p
}

// kindWords names the kinds of values for messages.
func kindWords(k expression.Kinds) string {
	var words []string
	for _, w := range []struct {
		kinds expression.Kinds
		word  string
	}{
		{expression.Bool, "true or false"}, {expression.Int | expression.Float, "a number"},
		{expression.Text, "text"}, {expression.List, "a list"}, {expression.Object, "an object"},
	} {
		if k&w.kinds != 0 {
			words = append(words, w.word)
		}
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " or ")
}
