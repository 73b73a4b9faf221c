package expression

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Bounds of one evaluation. They are far above what a mapping needs, and far
// below what would slow down a worker.
const (
	maxSteps    = 1_000_000 // iterations, list items and KiB of text worked on
	maxBytes    = 64 << 20  // memory for all that the evaluation makes
	maxText     = 16 << 20  // bytes of one text that is made
	maxItems    = 1_000_000 // items of one list that is made
	maxPatterns = 64        // computed patterns that a machine keeps compiled
	maxPattern  = 4 << 10   // bytes of a computed pattern

	itemBytes   = 48  // an item of a list
	memberBytes = 64  // a member of an object
	loopBytes   = 256 // what starting a predicate counts for

	keepBytes  = 1 << 20 // after an evaluation that makes more, scratch and stack are freed
	usualStack = 64      // initial capacity of the stack
)

var (
	errNotFinite = errors.New("the result is too large for a number")
	errSteps     = fmt.Errorf("the evaluation takes more than %d steps; simplify the expression or shorten its lists", maxSteps)
	errBytes     = fmt.Errorf("the evaluation needs more than %d MiB; simplify the expression or shorten its texts and lists", maxBytes>>20)
	errText      = fmt.Errorf("the result is a text of more than %d MiB", maxText>>20)
	errItems     = fmt.Errorf("the result is a list of more than %d items", maxItems)
)

// Machine holds what evaluations need besides their program: the stack, scratch
// memory and the counters of steps and memory. It belongs to one goroutine.
// Evaluations may nest: Env.Let may run another program on the same Machine.
type Machine struct {
	// Guests are for the Functions of a Scope to call, in an order that the caller
	// chooses. Set them before the first evaluation.
	Guests []func(args []alert.Value) (alert.Value, error)

	// Origins, if it is set, follows the values of the alert; see package alert.
	// It is set before the first evaluation.
	Origins *alert.Origins

	env       *Env
	stack     []alert.Value // variables and arguments of the running programs
	base      int           // of the innermost program's variables
	iteration iteration     // of the innermost predicate
	scratch   []byte
	pairs     arrangement
	columns   [][]alert.Value
	steps     int
	bytes     int
	patterns  map[string]*regexp.Regexp
}

// NewMachine makes a Machine, which grows to what its programs need.
func NewMachine() *Machine {
	return &Machine{stack: make([]alert.Value, 0, usualStack)}
}

// step counts n steps.
func (m *Machine) step(n int) error {
	m.steps += n
	if m.steps > maxSteps {
		return errSteps
	}
	return nil
}

// scan counts the work of going through n bytes of text.
func (m *Machine) scan(n int) error { return m.step(1 + n>>10) }

// reads is scan for text that is usually short. Up to a KiB counts nothing beside
// the step that it is part of.
func (m *Machine) reads(n int) error {
	if n < 1<<10 {
		return nil
	}
	return m.step(n >> 10)
}

// makes counts a text of n bytes before it is made.
func (m *Machine) makes(n int) error {
	if n > maxText {
		return errText
	}
	return m.holds(n)
}

// lists counts a list of n items before it is made.
func (m *Machine) lists(n int) error {
	if n > maxItems {
		return errItems
	}
	if err := m.step(n); err != nil {
		return err
	}
	return m.holds(n * itemBytes)
}

// holds counts n bytes of memory.
func (m *Machine) holds(n int) error {
	m.bytes += n
	if m.bytes > maxBytes {
		return errBytes
	}
	return nil
}

// pattern compiles a computed pattern, or finds it in the cache. A full cache is
// emptied.
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
	m.patterns[strings.Clone(text)] = re // text may be part of the alert
	return re, nil
}

// frame is what an evaluation restores when it ends.
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

// shrink frees what a large evaluation left behind.
func (m *Machine) shrink(stack int) {
	m.scratch = nil
	if stack == 0 {
		m.stack = make([]alert.Value, 0, usualStack)
	}
}
