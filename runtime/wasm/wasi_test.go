package wasm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

func machine(t *testing.T, g *wasm.Guest) []any {
	t.Helper()
	v, err := g.Call(context.Background(), "f", nil)
	if err != nil {
		t.Fatal(err)
	}
	var list []any
	for it := v.Items(); it.Next(); {
		if item := it.Value(); item.Kind == alert.Int {
			list = append(list, int(int64(item.Num)))
		} else {
			list = append(list, item.Text)
		}
	}
	if len(list) != 8 {
		t.Fatalf("it saw %v", list)
	}
	return list
}

// What a guest sees of the machine is nothing, and the same in each call: the
// wall clock, the monotonic clock before and after it slept an hour, random
// bytes, arguments, environment, standard input, preopened files.
func TestMachineIsEmpty(t *testing.T) {
	m := load(t, "machine", wasm.Config{Functions: []string{"f"}})
	g := guestOf(t, m)
	second := int(time.Second)
	hour := 3600 * second
	random := machine(t, guestOf(t, m))[3]
	want := []any{946684800 * second, second, second + hour, random, 0, 0, 0, 8}
	if diff := cmp.Diff(want, machine(t, g)); diff != "" {
		t.Error(diff)
	}
	want[1], want[2] = second+hour, second+2*hour // what it slept stays slept
	if diff := cmp.Diff(want, machine(t, g)); diff != "" {
		t.Error(diff)
	}
}

// The clock and randomness are real where they are granted.
func TestMachineGrants(t *testing.T) {
	g := guestOf(t, load(t, "machine", wasm.Config{Functions: []string{"f"}, Clock: true, Random: true}))
	before := time.Now().UnixNano()
	a, b := machine(t, g), machine(t, g)
	if now, _ := a[0].(int); int64(now) < before {
		t.Errorf("the clock shows %d, it was %d", now, before)
	}
	if a[3] == b[3] {
		t.Errorf("random bytes came twice: %v", a[3])
	}
}

// A guest that ends itself is a trap with its last words, which are logged too.
func TestExit(t *testing.T) {
	var texts []string
	g := guestOf(t, load(t, "machine", wasm.Config{Functions: []string{"leave"}, Log: func(level wasm.Level, text string) {
		if level != wasm.Warning {
			t.Errorf("level %d", level)
		}
		texts = append(texts, text)
	}}))
	for range 2 {
		_, err := g.Call(context.Background(), "leave", []alert.Value{alert.OfInt(1)})
		var fault *wasm.Fault
		if !errors.As(err, &fault) || fault.Kind != wasm.Trap || !strings.Contains(err.Error(), "ended itself with exit code 3: bye!") {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"bye!", "bye!"}, texts); diff != "" {
		t.Error(diff)
	}
}
