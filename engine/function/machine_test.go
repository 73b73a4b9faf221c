package function

import (
	"strconv"
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
