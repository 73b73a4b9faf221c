package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// letRules compiles the named values in their order: each may use those
// before it.
func (c *compiler) letRules() {
	used := c.reachable()
	for i := range c.m.Let {
		l := &c.m.Let[i]
		c.scope.Later = func(name string) string { return c.later(l, name) }
		if err := expression.CheckLetName(l.Name); err != nil {
			c.faults.Add(l.Pos, "%v", err)
		}
		c.scope.Self = l.Name
		if c.every || used[c.vocabulary.lets[i]] || l.Value.Kind != syntax.Computed {
			c.let(l)
		} else {
			c.unusedLet(i)
		}
		c.scope.Self, c.scope.Lets = "", append(c.scope.Lets, l.Name)
	}
	c.scope.Later = nil
}

func (c *compiler) let(l *syntax.Let) {
	out, reads := let{name: l.Name, pos: l.Value.Pos, text: nodeText(l.Value)}, []int(nil)
	if l.Value.Kind == syntax.Computed {
		if out.program = c.program(l.Value.Expression); out.program != nil {
			reads = out.program.reads
		}
	} else {
		out.constant = constantValue(l.Value.Scalar)
	}
	c.lets = append(c.lets, out)
	c.scope.Aliases, c.scope.Sums = append(c.scope.Aliases, out.aliases()), append(c.scope.Sums, out.sum())
	c.letReads = append(c.letReads, reads)
}

// sum returns what is wrong with the let where a number belongs, with the let in which the
// + stands, or "".
func (l *let) sum() string {
	if l.program == nil || l.program.Joined.Message == "" {
		return ""
	}
	message, in := l.program.Joined.Message, " in let "
	if !strings.Contains(message, in) { // else another let's
		message += in + l.name
	}
	return message
}

// aliases returns the paths that a let stands for, if it is nothing else.
func (l *let) aliases() []alert.Path {
	if l.program == nil {
		return nil
	}
	return l.program.Aliases
}

// neededLets returns the lets without the programs that no rule needs: what shared files
// define is for many mappings, of which each uses a part.
func (c *compiler) neededLets() []let {
	needed, ofLets := make([]bool, len(c.lets)), map[*program]bool{}
	for i := range c.lets {
		ofLets[c.lets[i].program] = true
	}
	need := func(p *program) {
		for _, i := range p.Lets {
			needed[i] = true
		}
	}
	for _, p := range c.programs {
		if !ofLets[p] {
			need(p)
		}
	}
	lets := slices.Clone(c.lets)
	for i := len(lets) - 1; i >= 0; i-- { // a let uses only those before it
		switch {
		case !needed[i]:
			lets[i].program = nil
		case lets[i].program != nil:
			need(lets[i].program)
		}
	}
	return lets
}
