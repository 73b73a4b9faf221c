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
		m.Begin()
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
