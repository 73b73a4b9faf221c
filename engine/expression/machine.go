package expression

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Bounds of one evaluation. They are far above what a mapping needs and far
// below what would hurt the worker that runs it.
const (
	maxSteps    = 1_000_000 // predicate rounds, list items and KiB of text worked on
	maxBytes    = 64 << 20  // memory for what the evaluation makes, all of it together
	maxText     = 16 << 20  // bytes of one text that is made
	maxItems    = 1_000_000 // items of one list that is made
	maxPatterns = 64        // computed patterns that a machine keeps compiled
	maxPattern  = 4 << 10   // bytes of a computed pattern

	itemBytes   = 48  // an item of a list
	memberBytes = 64  // a member of an object
	roundBytes  = 256 // what each start of a predicate counts for

	keepBytes  = 1 << 20 // an evaluation that makes more leaves no scratch and no stack behind
	usualStack = 64      // values that the stack has room for at first
)

var (
	errNotFinite = errors.New("the result is too large for a number")
	errSteps     = fmt.Errorf("the evaluation takes more than %d steps; simplify the expression or shorten its lists", maxSteps)
	errBytes     = fmt.Errorf("the evaluation needs more than %d MiB; simplify the expression or shorten its texts and lists", maxBytes>>20)
	errText      = fmt.Errorf("the result is a text of more than %d MiB", maxText>>20)
	errItems     = fmt.Errorf("the result is a list of more than %d items", maxItems)
)

// Machine holds what evaluations need besides their program: the stack, scratch
// and the counters of steps and memory. It belongs to one goroutine. Programs
// may nest on it: Env.Let may run another program on the same machine.
type Machine struct {
	// Guests are what Functions of a Scope may call, in an order of the
	// caller's making. They are set before the first evaluation.
	Guests []func(args []alert.Value) (alert.Value, error)

	env      *Env
	stack    []alert.Value // variables of the programs that run, and their arguments
	base     int           // of the variables of the innermost program
	round    round         // of the innermost predicate
	scratch  []byte
	pairs    arrangement
	columns  [][]alert.Value
	steps    int
	bytes    int
	patterns map[string]*regexp.Regexp
}

// NewMachine makes a machine; it grows to what its programs need.
func NewMachine() *Machine {
	return &Machine{stack: make([]alert.Value, 0, usualStack)}
}

// step counts n steps of the evaluation.
func (m *Machine) step(n int) error {
	m.steps += n
	if m.steps > maxSteps {
		return errSteps
	}
	return nil
}

// scan counts the work of going through n bytes of text.
func (m *Machine) scan(n int) error { return m.step(1 + n>>10) }

// reads is scan for what is usually short: up to a KiB it costs nothing beside
// the round that it is part of.
func (m *Machine) reads(n int) error {
	if n < 1<<10 {
		return nil
	}
	return m.step(n >> 10)
}

// makes counts a text of n bytes that is about to be made.
func (m *Machine) makes(n int) error {
	if n > maxText {
		return errText
	}
	return m.holds(n)
}

// lists counts a list of n items that is about to be made.
func (m *Machine) lists(n int) error {
	if n > maxItems {
		return errItems
	}
	if err := m.step(n); err != nil {
		return err
	}
	return m.holds(n * itemBytes)
}

func (m *Machine) holds(n int) error {
	m.bytes += n
	if m.bytes > maxBytes {
		return errBytes
	}
	return nil
}

// pattern compiles a computed pattern, or finds it among the last ones. A full
// cache is emptied, so it stays small and nothing but time depends on it.
func (m *Machine) pattern(text string) (*regexp.Regexp, error) {
	if re, ok := m.patterns[text]; ok {
		return re, nil
	}
	if len(text) > maxPattern {
		return nil, fmt.Errorf("a pattern has more than %d bytes", maxPattern)
	}
	if err := m.step(len(text)); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, errors.New("a computed pattern is not a regular expression")
	}
	if len(m.patterns) >= maxPatterns || m.patterns == nil {
		m.patterns = make(map[string]*regexp.Regexp, maxPatterns)
	}
	m.patterns[strings.Clone(text)] = re // text may lie in the alert's bytes
	return re, nil
}

// frame is what a nested evaluation must give back.
type frame struct {
	env          *Env
	steps, bytes int
	stack, base  int
}

func (m *Machine) enter(p *Program, env *Env) frame {
	f := frame{m.env, m.steps, m.bytes, len(m.stack), m.base}
	m.env, m.steps, m.bytes = env, 0, 0
	if p.variables > 0 {
		m.base = f.stack
		for range p.variables {
			m.stack = append(m.stack, alert.Value{})
		}
	}
	return f
}

func (m *Machine) leave(f frame) {
	if m.bytes > keepBytes {
		m.shrink(f.stack)
	}
	m.env, m.steps, m.bytes, m.base = f.env, f.steps, f.bytes, f.base
	m.stack = m.stack[:f.stack]
}

// shrink gives up what a large evaluation left behind.
func (m *Machine) shrink(stack int) {
	m.scratch = nil
	if stack == 0 {
		m.stack = make([]alert.Value, 0, usualStack)
	}
}
