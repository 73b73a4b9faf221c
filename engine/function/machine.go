package function

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Bounds of one evaluation. They are far above what a mapping needs, and far
// below what would slow down a worker.
const (
	maxSteps    = 1_000_000  // iterations, list items and stretches of text worked on
	alertSteps  = 10_000_000 // of all evaluations for one alert that take more than freeSteps
	inputSteps  = 20_000_000 // of those for all alerts of a Budget
	freeSteps   = 200        // that an evaluation may always take
	inputWork   = 30_000_000 // in all, beyond which alerts of a Budget become the least events
	sparedWork  = 3_000_000  // beyond that, for these; then no alert is worked on
	stepBytes   = 128        // of text for one step
	shortBytes  = 64         // of short texts for one step of work
	maxBytes    = 64 << 20   // memory for all that the evaluation makes
	maxText     = 16 << 20   // bytes of one text that is made
	maxItems    = 1_000_000  // items of one list that is made
	maxPatterns = 64         // computed patterns that a machine keeps compiled
	maxPattern  = 4 << 10    // bytes of a computed pattern

	itemBytes   = 48 // an item of a list
	memberBytes = 64 // a member of an object

	keepBytes = 1 << 20 // after an evaluation that makes more, scratch and stack are freed
)

var (
	errNotFinite = errors.New("the result is not a number, or is too large for one")
	ErrSteps     = fmt.Errorf("the evaluation takes more than %d steps; simplify the expression or shorten its lists", maxSteps)
	ErrAlert     = fmt.Errorf("the rules take more than %d steps for this alert; simplify the expressions that go through its lists and long texts", alertSteps)
	ErrInput     = fmt.Errorf("the rules take more than %d steps for the alerts of one MiB of input; simplify the expressions that go through lists and long texts", inputSteps)
	errWork      = fmt.Errorf("the rules take more than %d steps for the alerts of one MiB of input; simplify the mapping, and run this alert again", inputWork)
	ErrBytes     = fmt.Errorf("the evaluation needs more than %d MiB; simplify the expression or shorten its texts and lists", maxBytes>>20)
	errText      = fmt.Errorf("the result is a text of more than %d MiB", maxText>>20)
	errItems     = fmt.Errorf("the result is a list of more than %d items", maxItems)
)

// Machine is what functions work with: counters of steps and memory, a stack,
// scratch memory and compiled patterns. It belongs to one goroutine. Evaluations
// may nest on it, each with counters of its own, and all evaluations for one alert
// share a budget.
type Machine struct {
	// Costly counts the evaluations since Begin that took from the budget of the
	// alert. What others give does not depend on how many there are, so it may be
	// remembered.
	Costly int
	// Work counts, in steps, what the rules have done for the alert besides what evaluations
	// took from its budget. Last is the part of the evaluation that ended last.
	Work, Last int

	// Arena lends the memory for what functions make, which is valid until it is reset. Without
	// it the results may be kept.
	Arena *alert.Arena

	// Stack holds arguments, variables and the items of lists in the making. Who
	// pushes values pops them; functions may leave some behind for their caller
	// to pop.
	Stack []alert.Value

	scratch  []byte
	pairs    arrangement
	columns  [][]alert.Value
	steps    int
	short    int // bytes of short texts that were read
	limit    int // of steps, of the innermost evaluation
	spent    int // of alertSteps
	bytes    int
	patterns map[string]*pattern
	// budget is shared by the machines of a set, nil for none.
	budget *Budget
}

// Budget bounds what is done for the alerts of a part of the input. It belongs to one
// goroutine, and what is left of it depends on the alerts alone. A nil Budget bounds nothing.
//
// Evaluations that take more than freeSteps share inputSteps. Recalled results take nothing
// from these, since such evaluations are not recalled.
//
// Whoever does other work counts it, and who recalls its result counts it as if it were
// done. Beyond inputWork only what an event cannot be without is worked on, and beyond sparedWork
// nothing is.
type Budget struct {
	Work  int // in steps
	spent int
}

// Add counts work.
func (b *Budget) Add(work int) {
	if b != nil {
		b.Work += work
	}
}

// Done is the work so far.
func (b *Budget) Done() int {
	if b == nil {
		return 0
	}
	return b.Work
}

// Reset takes back work that was done since it was Done.
func (b *Budget) Reset(done int) {
	if b != nil {
		b.Work = done
	}
}

// Spent reports whether alerts become the least events.
func (b *Budget) Spent() bool { return b != nil && b.Work > inputWork }

// Err is why no alert is worked on any more, nil if one is. Strict is to work on none
// rather than to make the least events.
func (b *Budget) Err(strict bool) error {
	if b.Spent() && (strict || b.Work > inputWork+sparedWork) {
		return errWork
	}
	return nil
}

// Share sets the budget of the machine.
func (m *Machine) Share(b *Budget) { m.budget = b }

// Spent is that of the budget of the machine.
func (m *Machine) Spent() bool { return m.budget.Spent() }

// Step counts n steps.
func (m *Machine) Step(n int) error {
	m.steps += n
	switch {
	case m.limit == 0 && m.steps <= maxSteps: // outside of an evaluation
	case m.steps <= m.limit:
	case m.limit > 0 && m.limit < maxSteps && m.limit >= alertSteps-m.spent:
		return ErrAlert
	case m.limit > 0 && m.limit < maxSteps:
		return ErrInput
	default:
		return ErrSteps
	}
	return nil
}

// Begin begins another alert, for which work was done before.
func (m *Machine) Begin(work int) { m.spent, m.Costly, m.Work = 0, 0, work }

// End takes the work for the alert from the budget, with the steps of long evaluations: they
// have a bound of their own, and take as long.
func (m *Machine) End() { m.budget.Add(m.Work + m.spent) }

// Affords reports whether so much more work may be done for the alert.
func (m *Machine) Affords(work int) bool { return m.Work+work <= alertSteps }

// scan counts the work of going through n bytes of text.
func (m *Machine) scan(n int) error { return m.Step(1 + n/stepBytes) }

// Reads is scan for text that is usually short. Up to a KiB counts no steps beside
// the one that it is part of, but work.
func (m *Machine) Reads(n int) error {
	if n < 1<<10 {
		m.short += n
		return nil
	}
	return m.Step(n / stepBytes)
}

// makes counts a text of n bytes before it is made.
func (m *Machine) makes(n int) error {
	if n > maxText {
		return errText
	}
	return m.Holds(n)
}

// lists counts a list of n items before it is made.
func (m *Machine) lists(n int) error {
	if n > maxItems {
		return errItems
	}
	if err := m.Step(n); err != nil {
		return err
	}
	return m.Holds(n * itemBytes)
}

// Holds counts n bytes of memory.
func (m *Machine) Holds(n int) error {
	m.bytes += n
	if m.bytes > maxBytes {
		return ErrBytes
	}
	return nil
}

// pattern compiles a computed pattern, or finds it in the cache. A full cache is
// emptied. What it counts does not depend on the cache.
func (m *Machine) pattern(text string) (*pattern, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("a pattern has more than %d bytes", maxPattern)
	}
	if err := m.Step(len(text)); err != nil {
		return nil, err
	}
	if p, ok := m.patterns[text]; ok {
		return p, m.Step(p.states)
	}
	p, err := newPattern(strings.Clone(text)) // text may be part of the alert
	switch {
	case errors.Is(err, errStates):
		return nil, err
	case err != nil:
		return nil, errors.New("a computed pattern is not a regular expression")
	}
	if len(m.patterns) >= maxPatterns || m.patterns == nil {
		m.patterns = make(map[string]*pattern, maxPatterns)
	}
	m.patterns[p.String()] = p
	return p, m.Step(p.states)
}

// Frame is what an evaluation restores when it ends.
type Frame struct {
	steps, short, limit, bytes int
	// Base is where the stack of the evaluation begins.
	Base int
}

// Enter starts an evaluation, which Leave ends.
func (m *Machine) Enter() Frame {
	f := Frame{m.steps, m.short, m.limit, m.bytes, len(m.Stack)}
	m.steps, m.short, m.limit, m.bytes = 0, 0, m.most(), 0
	return f
}

// Confine lets the evaluation that was entered take no more than these steps, beyond which
// it fails with ErrInput.
func (m *Machine) Confine(steps int) { m.limit = min(m.limit, steps) }

// Taken returns the steps of the evaluation so far, and the bytes of what it made.
func (m *Machine) Taken() (steps, bytes int) { return m.steps, m.bytes }

// most is the steps that an evaluation may take.
func (m *Machine) most() int {
	left := min(maxSteps, alertSteps-m.spent)
	if m.budget != nil {
		left = min(left, inputSteps-m.budget.spent)
	}
	return max(freeSteps, left)
}

// Leave ends an evaluation and pops what it has left on the stack.
func (m *Machine) Leave(f Frame) {
	if m.bytes > keepBytes {
		m.shrink(f.Base)
	}
	// The first steps of one that takes many are work as well: once the budgets are spent,
	// each fails behind them.
	m.Last = m.short/shortBytes + min(m.steps, freeSteps)
	if m.steps > freeSteps {
		m.spent += m.steps
		m.Costly++
		if m.budget != nil {
			m.budget.spent += m.steps
		}
	}
	m.Work += m.Last
	m.steps, m.short, m.limit, m.bytes = f.steps, f.short, f.limit, f.bytes
	m.Stack = m.Stack[:f.Base]
}

// shrink frees what a large evaluation left behind.
func (m *Machine) shrink(base int) {
	m.scratch = nil
	if base == 0 {
		m.Stack = nil
	}
}
