package function

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// A Machine keeps a bounded number of computed patterns, and those it has lost
// match as before.
func TestComputedPatternsAreBounded(t *testing.T) {
	m := new(Machine)
	for i := range 2000 {
		n := strconv.Itoa(i % 1000)
		holds, err := Operator("matches").Invoke(m, []alert.Value{alert.OfText(n), alert.OfText("^" + n + "$")})
		if err != nil || holds != alert.OfBool(true) {
			t.Fatalf("%s: %v, %v", n, holds, err)
		}
	}
	if len(m.patterns) > maxPatterns {
		t.Errorf("the machine keeps %d patterns", len(m.patterns))
	}
}

// What a large evaluation leaves behind is freed, what nests in it stays.
func TestLargeEvaluationsAreFreed(t *testing.T) {
	m := new(Machine)
	outer := m.Enter()
	m.Stack = append(m.Stack, alert.OfInt(1))
	inner := m.Enter()
	if _, err := Operator("..").Invoke(m, []alert.Value{alert.OfInt(1), alert.OfInt(100_000)}); err != nil {
		t.Fatal(err)
	}
	m.scratch = make([]byte, 1<<20)
	m.Leave(inner)
	if len(m.Stack) != 1 || m.scratch != nil {
		t.Errorf("the stack has %d values, scratch %d bytes", len(m.Stack), cap(m.scratch))
	}
	m.Holds(2 * keepBytes)
	m.Leave(outer)
	if cap(m.Stack) != 0 || m.steps != 0 || m.bytes != 0 {
		t.Errorf("%d values, %d steps, %d bytes are left", cap(m.Stack), m.steps, m.bytes)
	}
}

// Machines that share a budget use it up together; evaluations of few steps go on.
func TestABudgetIsShared(t *testing.T) {
	b := new(Budget)
	machines := []*Machine{new(Machine), new(Machine)}
	evaluate := func(m *Machine, steps int) error {
		m.Begin(0)
		f := m.Enter()
		defer m.Leave(f)
		return m.Step(steps)
	}
	for _, m := range machines {
		m.Share(b)
	}
	for i := range inputSteps / maxSteps {
		if err := evaluate(machines[i%2], maxSteps); err != nil {
			t.Fatalf("evaluation %d: %v", i, err)
		}
	}
	for _, m := range machines {
		if err := evaluate(m, freeSteps+1); !errors.Is(err, ErrInput) {
			t.Errorf("beyond the budget: %v", err)
		}
		if err := evaluate(m, freeSteps); err != nil {
			t.Errorf("few steps: %v", err)
		}
		m.Share(new(Budget))
		if err := evaluate(m, maxSteps); err != nil {
			t.Errorf("with another budget: %v", err)
		}
	}
}

// Work counts apart from the budget for costly evaluations.
func TestWorkIsBounded(t *testing.T) {
	b, m := new(Budget), new(Machine)
	m.Share(b)
	evaluate := func(steps int) {
		f := m.Enter()
		defer m.Leave(f)
		if err := m.Step(steps); err != nil {
			t.Fatal(err)
		}
	}
	m.Begin(7)
	for range 3 {
		evaluate(100)
	}
	f := m.Enter()
	if err := m.Reads(10 * shortBytes); err != nil {
		t.Fatal(err)
	}
	evaluate(1) // another inside it
	m.Leave(f)
	if m.Last != 10 {
		t.Errorf("reading %d bytes is %d steps of work", 10*shortBytes, m.Last)
	}
	if evaluate(freeSteps + 1); m.Work != 318+freeSteps || m.Last != freeSteps {
		t.Errorf("%d steps of work, %d of the last evaluation", m.Work, m.Last)
	}
	if !m.Affords(alertSteps-m.Work) || m.Affords(alertSteps-m.Work+1) {
		t.Error("an alert affords more work or less than it may")
	}
	m.End()
	if b.Add(inputWork - 318 - freeSteps - m.spent); b.Spent() || b.Err(true) != nil {
		t.Error(b.Err(true))
	}
	if b.Add(1); !b.Spent() || b.Err(true) == nil || b.Err(false) != nil {
		t.Error("there is no bound, or nothing behind it")
	}
	if b.Add(sparedWork); b.Err(false) == nil {
		t.Error("there is work beyond the bound")
	}
	b = nil
	if b.Add(inputWork + sparedWork + 1); b.Spent() || b.Err(true) != nil {
		t.Error("without a budget work is bounded")
	}
}

// A pattern that is large when it is compiled is refused before that, and one that is
// not takes steps for it, whether it is remembered or not.
func TestPatternsAreBounded(t *testing.T) {
	for _, bomb := range []string{strings.Repeat("a{1000}b", 20), "(" + strings.Repeat("(a{10}|b{5}c)", 8) + "){99}", strings.Repeat("(((ab){10}){10}){10}", 7), strings.Repeat(`\pL`, 1000) + "{2}", "(?i:" + strings.Repeat("é", 11_000) + ")"} {
		if _, err := newPattern(bomb); !errors.Is(err, errStates) {
			t.Errorf("%.60s: %v", bomb, err)
		}
	}
	m, steps := new(Machine), map[int]bool{}
	for range 3 {
		f := m.Enter()
		if _, err := m.pattern("((ab){20}c){40}"); err != nil {
			t.Fatal(err)
		}
		steps[m.steps] = true
		m.Leave(f)
		if _, err := m.pattern(strings.Repeat("a{1000}b", 20)); !errors.Is(err, errStates) {
			t.Errorf("%v", err)
		}
	}
	if len(steps) != 1 || steps[0] {
		t.Errorf("a pattern takes %v steps", steps)
	}
}

// A pattern takes the steps of its size, whether it is constant, computed or remembered.
func TestPatternsTakeStepsBySize(t *testing.T) {
	text := alert.OfText(strings.Repeat("ab", 500))
	m := new(Machine)
	steps := map[string]int{}
	for _, pattern := range []string{"a", "user=(\\S+) from", "(.*a){100}x", "(.*a){200}x", "(.*a){200}x"} {
		f := m.Enter()
		if _, err := Operator("matches").Invoke(m, []alert.Value{text, alert.OfText(pattern)}); err != nil {
			t.Fatal(err)
		}
		if before, ok := steps[pattern]; ok && before != m.steps {
			t.Errorf("%s takes %d steps, then %d", pattern, before, m.steps)
		}
		steps[pattern] = m.steps
		m.Leave(f)
	}
	if small, large, larger := steps["a"], steps["(.*a){100}x"], steps["(.*a){200}x"]; small > 40 || large < 100*1000/stepBytes || larger < 3*large/2 {
		t.Errorf("steps are %v", steps)
	}
}
