package wasm_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

var faultyFunctions = []string{
	"loop", "branching", "recurse", "trap", "divide", "outside", "indirect", "grow", "far", "over", "two_gigabytes", "minus_one",
	"empty", "claims", "not_utf8", "trailing", "unknown", "deep", "count", "refuse", "refuse_outside", "refuse_long",
	"chatter", "echo",
}

// Each way to fail gives its kind of fault and a sentence about it; the next
// call goes to a new instance and succeeds.
func TestCallFaults(t *testing.T) {
	tests := []struct {
		function string
		kind     wasm.Kind
		want     string
	}{
		{"loop", wasm.Timeout, "it ran longer than the 50ms it may"},
		{"branching", wasm.Timeout, "it ran longer than the 50ms it may"},
		{"recurse", wasm.Trap, "its calls were nested too deep"},
		{"trap", wasm.Trap, "unreachable"},
		{"divide", wasm.Trap, "it divided by zero"},
		{"outside", wasm.Trap, "it reached outside its memory"},
		{"indirect", wasm.Trap, "invalid table access"},
		{"far", wasm.Nonsense, "16 bytes at 4294967280, but its memory ends at 65536"},
		{"over", wasm.Nonsense, "16 bytes at 65528, but its memory ends at 65536"},
		{"two_gigabytes", wasm.Nonsense, "2147483648 bytes, 1048576 are allowed"},
		{"minus_one", wasm.Nonsense, "4294967295 bytes"},
		{"empty", wasm.Nonsense, "byte 0: ends in the middle of a value"},
		{"claims", wasm.Nonsense, "byte 6: a length of 2147483647"},
		{"not_utf8", wasm.Nonsense, "byte 5: a text that is not UTF-8"},
		{"trailing", wasm.Nonsense, "byte 9: bytes after the value"},
		{"unknown", wasm.Nonsense, "byte 0: 0x6e begins no value"},
		{"deep", wasm.Nonsense, "nested more than 64 deep"},
		{"refuse", wasm.Refusal, "the guest refused: not this [31m one"},
		{"refuse_outside", wasm.Refusal, "the guest refused: (a text outside its memory)"},
		{"refuse_long", wasm.Refusal, strings.Repeat("x", 297) + "…"},
	}
	quick := load(t, "faulty", wasm.Config{Functions: faultyFunctions, Timeout: 50 * time.Millisecond})
	patient := load(t, "faulty", wasm.Config{Functions: faultyFunctions, Timeout: time.Minute})
	for _, test := range tests {
		t.Run(test.function, func(t *testing.T) {
			ctx := context.Background()
			g := guestOf(t, patient)
			if test.kind == wasm.Timeout {
				g = guestOf(t, quick)
			}
			want(t, g, "count", 1)
			want(t, g, "count", 2)
			_, err := g.Call(ctx, test.function, []alert.Value{alert.OfText("secret of the alert")})
			var fault *wasm.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("error %v is not a Fault", err)
			}
			if fault.Kind != test.kind || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v: %v\nwant %v: %s", fault.Kind, err, test.kind, test.want)
			}
			if fault.Module != "faulty" || fault.Export != test.function {
				t.Errorf("fault of %s, %s", fault.Module, fault.Export)
			}
			if strings.Contains(err.Error(), "secret") || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 400 {
				t.Errorf("the error shows too much: %q", err)
			}
			want(t, g, "count", 1) // a new instance
		})
	}
}

func want(t *testing.T, g *wasm.Guest, function string, n int64) {
	t.Helper()
	v, err := g.Call(context.Background(), function, nil)
	if diff := cmp.Diff(alert.OfInt(n), v, plain); err != nil || diff != "" {
		t.Fatalf("%s: %v\n%s", function, err, diff)
	}
}

// A guest that runs without end is stopped even while memory is collected all
// the time, which wants the goroutine of the guest to stop for a moment: with
// one processor the timer does so too.
func TestStopsDuringCollection(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
			}
		}
	}()
	g := guestOf(t, load(t, "faulty", wasm.Config{Functions: faultyFunctions, Timeout: 10 * time.Millisecond}))
	for range 10 {
		for _, function := range []string{"loop", "branching"} {
			_, err := g.Call(context.Background(), function, nil)
			var fault *wasm.Fault
			if !errors.As(err, &fault) || fault.Kind != wasm.Timeout {
				t.Errorf("%s: %v", function, err)
			}
		}
	}
	close(done)
	<-stopped
}

// A guest without a time limit can be stopped, also while Go waits to collect memory.
func TestStopsWithoutATimeLimit(t *testing.T) {
	for _, function := range []string{"loop", "branching"} {
		life, cancel := context.WithCancel(context.Background())
		g, err := load(t, "faulty", wasm.Config{Functions: faultyFunctions, Timeout: -1}).Guest(life)
		if err != nil {
			t.Fatal(err)
		}
		collected := make(chan struct{})
		go func() {
			defer close(collected)
			time.Sleep(10 * time.Millisecond)
			runtime.GC()
			cancel()
		}()
		if _, err := g.Call(context.Background(), function, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", function, err)
		}
		<-collected
		g.Close()
	}
}

// A call that comes to its end has its result, and its instance goes on, even
// if the time was over.
func TestLateIsNotWrong(t *testing.T) {
	g := guestOf(t, load(t, "faulty", wasm.Config{Functions: faultyFunctions, Timeout: time.Nanosecond, StartTimeout: time.Nanosecond}))
	for i := range 2000 {
		want(t, g, "count", int64(i+1))
	}
}

// Memory grows to the limit and not beyond; with more allowed, to more.
func TestMemoryLimit(t *testing.T) {
	for _, pages := range []uint32{1, 2, 100} {
		g := guestOf(t, load(t, "faulty", wasm.Config{Functions: faultyFunctions, MemoryPages: pages}))
		want(t, g, "grow", int64(pages))
		want(t, g, "grow", int64(pages))
	}
}

// A buffer for arguments that the guest does not give, or gives where it has
// no memory, or never gives.
func TestAllocFaults(t *testing.T) {
	for module, words := range map[string]string{
		"alloc_nothing": "it has no room for 10 bytes",
		"alloc_outside": "sluice_alloc gave 256 bytes at 65500, its memory ends at 65536",
		"alloc_loops":   "it ran longer than the 20ms",
	} {
		g := guestOf(t, load(t, module, wasm.Config{Functions: []string{"f"}, Timeout: 20 * time.Millisecond}))
		for range 2 {
			_, err := g.Call(context.Background(), "f", []alert.Value{alert.OfText("")})
			var fault *wasm.Fault
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %v", module, err)
			}
		}
	}
}

// State lives as long as the instance: until Renew, or for one call if Fresh.
func TestStateEnds(t *testing.T) {
	g := guestOf(t, load(t, "faulty", wasm.Config{Functions: faultyFunctions}))
	want(t, g, "count", 1)
	want(t, g, "count", 2)
	g.Renew()
	want(t, g, "count", 1)

	fresh := guestOf(t, load(t, "faulty", wasm.Config{Functions: faultyFunctions, Fresh: true}))
	for range 3 {
		want(t, fresh, "count", 1)
	}
}

// Two guests of a module share nothing.
func TestGuestsAreApart(t *testing.T) {
	m := load(t, "faulty", wasm.Config{Functions: faultyFunctions})
	a, b := guestOf(t, m), guestOf(t, m)
	want(t, a, "count", 1)
	want(t, a, "count", 2)
	want(t, b, "count", 1)
}

// The stage: a line in; a line, nothing, or nonsense out.
func TestStage(t *testing.T) {
	g := guestOf(t, load(t, "faulty", wasm.Config{Alert: true}))
	tests := []struct {
		line, out string
		dropped   bool
		fault     string
	}{
		{line: "1", dropped: true},
		{line: "22", out: `{"a":1}`},
		{line: "333", fault: "its result is empty"},
		{line: "4444", fault: "more than one line"},
		{line: "55555", fault: "4294967295 bytes"},
		{line: `{"full_log":"x"}`, out: `{"full_log":"x"}`},
		{line: strings.Repeat("y", 40000), out: strings.Repeat("y", 40000)},
	}
	for range 2 {
		for _, test := range tests {
			out, dropped, err := g.Alert(context.Background(), []byte(test.line))
			var fault *wasm.Fault
			if test.fault != "" && (!errors.As(err, &fault) || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("%.20s: error %v", test.line, err)
			}
			if test.fault == "" && err != nil || string(out) != test.out || dropped != test.dropped {
				t.Errorf("%.20s: %.20q, dropped %v, %v", test.line, out, dropped, err)
			}
		}
	}
	if _, _, err := g.Event(context.Background(), []byte("{}")); err == nil {
		t.Error("a stage that was not asked for was served")
	}
}

// A line larger than the guest's memory is a fault of that line.
func TestArgumentsTooLarge(t *testing.T) {
	g := guestOf(t, load(t, "faulty", wasm.Config{Alert: true, MemoryPages: 1}))
	_, _, err := g.Alert(context.Background(), make([]byte, 100_000))
	if err == nil || !strings.Contains(err.Error(), "sluice_alloc gave 125000 bytes at 4096") {
		t.Error(err)
	}
	if _, _, err := g.Alert(context.Background(), []byte(`{"a":"b"}`)); err != nil {
		t.Error(err)
	}
}

// What a guest logs is bounded, cleaned, and of a known level.
func TestLog(t *testing.T) {
	var texts []string
	g := guestOf(t, load(t, "faulty", wasm.Config{Functions: faultyFunctions, Log: func(level wasm.Level, text string) {
		if level != wasm.Error {
			t.Errorf("level %d", level)
		}
		texts = append(texts, text)
	}}))
	for range 2 {
		if _, err := g.Call(context.Background(), "chatter", nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(texts) != 32 || texts[0] != "not this [31m one" {
		t.Errorf("%d texts, the first %q", len(texts), texts[0])
	}
}

// A guest is not called while it runs, not even by its own log.
func TestNoCallInsideACall(t *testing.T) {
	var g *wasm.Guest
	var inner error
	m := load(t, "faulty", wasm.Config{Functions: faultyFunctions, Log: func(wasm.Level, string) {
		g.Renew()
		_, inner = g.Call(context.Background(), "count", nil)
	}})
	g = guestOf(t, m)
	want(t, g, "count", 1)
	if _, err := g.Call(context.Background(), "chatter", nil); err != nil {
		t.Fatal(err)
	}
	if inner == nil || !strings.Contains(inner.Error(), "from inside one of its own calls") {
		t.Errorf("the inner call gave %v", inner)
	}
	want(t, g, "count", 2)
}

// A done context stops a running call, and is told apart from a timeout.
func TestCancelStopsACall(t *testing.T) {
	m := load(t, "faulty", wasm.Config{Functions: faultyFunctions, Timeout: time.Hour})
	life, cancel := context.WithCancel(context.Background())
	g, err := m.Guest(life)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = g.Call(context.Background(), "loop", nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the loop ended with %v", err)
	}
	if _, err := g.Call(context.Background(), "count", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a call after that gave %v", err)
	}
	if _, err := m.Guest(life); !errors.Is(err, context.Canceled) {
		t.Errorf("a guest for a done context: %v", err)
	}
}

// A call that is wrong in itself says so and leaves the guest alone.
func TestCallMisuse(t *testing.T) {
	g := guestOf(t, load(t, "faulty", wasm.Config{Functions: []string{"echo", "count"}}))
	want(t, g, "count", 1)
	if _, err := g.Call(context.Background(), "trap", nil); err == nil || !strings.Contains(err.Error(), "not among the functions") {
		t.Error(err)
	}
	if _, err := g.Func(context.Background(), "trap"); err == nil {
		t.Error("a function that was not asked for was bound")
	}
	deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	_, err := g.Call(context.Background(), "echo", []alert.Value{{Kind: alert.List, Text: deep}})
	var fault *wasm.Fault
	if !errors.As(err, &fault) || fault.Kind != wasm.BadArgument {
		t.Error(err)
	}
	want(t, g, "count", 2)
	g.Close()
	g.Close()
	if _, err := g.Call(context.Background(), "count", nil); err == nil || !strings.Contains(err.Error(), "after it was closed") {
		t.Error(err)
	}
}
