package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
)

// soundness is what a definition without faults is known for.
type soundness struct {
	usedParams []bool       // of a part
	aliases    []alert.Path // of a let: the paths that it stands for, if it is nothing else
}

// sound looks for the faults of a definition, and leaves out what a mapping of the same
// set has done already: it was without faults there, and all that it names means the
// same here.
func (c *compiler) sound(of *meaning, check func() soundness) soundness {
	signature := c.vocabulary.signature(of)
	if c.scope.Condition != nil {
		signature += "\ntypes" // see fieldRules
	}
	if known, ok := c.options.Shared.sound[signature]; ok {
		return known
	}
	before := len(c.faults)
	found := check()
	if len(c.faults) == before && c.m.Whole() {
		c.options.Shared.sound[signature] = found
	}
	return found
}

// unusedLet is let for one that no rule uses, as most of those of shared files: it is
// looked at for its faults, and makes the plan read nothing.
func (c *compiler) unusedLet(i int) {
	l := &c.m.Let[i]
	found := soundness{}
	if !c.options.Sound {
		found = c.soundLet(i)
	}
	c.lets = append(c.lets, let{name: l.Name, pos: l.Value.Pos, text: nodeText(l.Value)})
	c.scope.Aliases, c.scope.Sums = append(c.scope.Aliases, found.aliases), append(c.scope.Sums, "")
	c.letReads = append(c.letReads, nil)
}

func (c *compiler) soundLet(i int) soundness {
	return c.sound(c.vocabulary.lets[i], func() soundness {
		c.checking = true
		defer func() { c.checking = false }()
		unused := let{program: c.program(c.m.Let[i].Value.Expression)}
		return soundness{aliases: unused.aliases()}
	})
}

// reachable returns the lets and functions that the rules may use.
func (c *compiler) reachable() reach {
	texts := textsOf(nil, c.m.Event)
	if c.m.When != nil {
		texts = append(texts, c.m.When.Text)
	}
	for _, u := range c.m.Uses {
		for _, arg := range u.Args {
			texts = append(texts, arg.Text)
		}
	}
	in := reach{}
	c.vocabulary.reach(in, texts)
	return in
}
