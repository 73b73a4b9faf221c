package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
)

// blank evaluates programs for an alert that has none of the wanted values.
type blank struct {
	plan    *Plan
	machine *expression.Machine
	env     expression.Env
	lets    map[int]blankValue // by index into Plan.lets
	values  map[*program]blankValue
}

type blankValue struct {
	value  alert.Value
	err    error
	costly bool // it took from the budget of an alert
}

func newBlank(p *Plan) *blank {
	b := &blank{plan: p, machine: expression.NewMachine(), lets: map[int]blankValue{}, values: map[*program]blankValue{}}
	b.env.Let, b.env.Values = b.let, make([]alert.Value, len(p.Reading.Wants))
	return b
}

// value returns what a program gives. It is not known if the program fails, or takes from
// the budget of an alert.
func (b *blank) value(p *program) (v alert.Value, known bool) {
	out, ok := b.values[p]
	if !ok {
		b.machine.Begin(0)
		out = b.run(p)
		b.values[p] = out
	}
	return out.value, out.err == nil && !out.costly
}

func (b *blank) run(p *program) blankValue {
	env, before := b.env, b.machine.Costly
	env.Slots = p.slots
	v, err := p.Run(b.machine, &env)
	return blankValue{v, err, b.machine.Costly > before}
}

func (b *blank) let(i int) (alert.Value, error) {
	out, ok := b.lets[i]
	if !ok {
		out.value = b.plan.lets[i].constant
		if p := b.plan.lets[i].program; p != nil {
			out = b.run(p)
		}
		b.lets[i] = out
	} else if out.costly {
		b.machine.Costly++
	}
	return out.value, out.err
}
