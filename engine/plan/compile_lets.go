package plan

import "slices"

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
