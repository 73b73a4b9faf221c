package wasm_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/wasm"
)

var busyFunctions = []string{"random", "write", "poll", "log", "short"}

// A guest that lets the host work for it is stopped in time too: by its limit,
// and when the context of its life is done.
func TestHostFunctionsStop(t *testing.T) {
	limits := map[string]func() (*wasm.Guest, error){
		"timeout": func() (*wasm.Guest, error) {
			m := load(t, "busy", wasm.Config{Functions: busyFunctions, Timeout: 20 * time.Millisecond})
			return m.Guest(context.Background())
		},
		"cancelled": func() (*wasm.Guest, error) {
			m := load(t, "busy", wasm.Config{Functions: busyFunctions, Timeout: time.Hour})
			life, cancel := context.WithCancel(context.Background())
			g, err := m.Guest(life)
			time.AfterFunc(20*time.Millisecond, cancel)
			return g, err
		},
		"cancelled without a timeout": func() (*wasm.Guest, error) {
			m := load(t, "busy", wasm.Config{Functions: busyFunctions, Timeout: -1})
			life, cancel := context.WithCancel(context.Background())
			g, err := m.Guest(life)
			time.AfterFunc(20*time.Millisecond, cancel)
			return g, err
		},
	}
	for name, guest := range limits {
		for _, function := range []string{"random", "write", "poll", "log"} {
			t.Run(name+"/"+function, func(t *testing.T) {
				g, err := guest()
				if err != nil {
					t.Fatal(err)
				}
				defer g.Close()
				began := time.Now()
				_, err = g.Call(context.Background(), function, nil)
				var fault *wasm.Fault
				if timeout := errors.As(err, &fault) && fault.Kind == wasm.Timeout; timeout == errors.Is(err, context.Canceled) {
					t.Errorf("it ended with %v", err)
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %v to stop", took)
				}
			})
		}
	}
}

// A call of fd_write writes at most 64 KiB and says so, as WASI allows.
func TestWritesAreShort(t *testing.T) {
	g := guestOf(t, load(t, "busy", wasm.Config{Functions: busyFunctions}))
	want(t, g, "short", 64<<10)
}

// A short call of host functions is not stopped, however busy the machine is.
func TestShortHostCallsAreNotLate(t *testing.T) {
	g := guestOf(t, load(t, "machine", wasm.Config{Functions: []string{"f"}, Timeout: time.Nanosecond, StartTimeout: time.Nanosecond}))
	for range 200 {
		machine(t, g)
	}
}
