package wasm_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// A call with a text in and a text out allocates the text and nothing else, with
// a limit of time and without one.
func TestCallAllocates(t *testing.T) {
	for _, timeout := range []time.Duration{0, -1} {
		config := cidrConfig()
		config.Timeout = timeout
		f, err := guestOf(t, loadExample(t, "cidr/cidr_c", config)).Func(context.Background(), "place")
		if err != nil {
			t.Fatal(err)
		}
		args := []alert.Value{alert.OfText("10.1.2.3")}
		got := testing.AllocsPerRun(200, func() {
			if v, err := f(args); err != nil || v.Text != "printer" {
				t.Fatal(v, err)
			}
		})
		if got > 1 {
			t.Errorf("timeout %v: %v allocations a call", timeout, got)
		}
	}
}

// A stage allocates nothing once its buffers have grown.
func TestStageAllocates(t *testing.T) {
	g := guestOf(t, loadExample(t, "redact/redact_rs", redactConfig))
	line := kilobyte()
	got := testing.AllocsPerRun(200, func() {
		if _, _, err := g.Alert(context.Background(), line); err != nil {
			t.Fatal(err)
		}
	})
	if got > 0 {
		t.Errorf("%v allocations a line", got)
	}
}

func kilobyte() []byte {
	return []byte(`{"rule":{"level":5},"full_log":"` + strings.Repeat("user=a password=b ", 54) + `"}`)
}

// BenchmarkFunction sets a call with one text into a guest beside the same work
// in Go behind the same kind of function.
func BenchmarkFunction(b *testing.B) {
	native := func(args []alert.Value) (alert.Value, error) {
		if address, err := netip.ParseAddr(args[0].Text); err == nil && address.Is4() {
			return alert.OfText("printer"), nil
		}
		return alert.Value{}, nil
	}
	run := func(name string, f func([]alert.Value) (alert.Value, error), args ...alert.Value) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f(args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("go/parse", native, alert.OfText("10.1.2.3"))
	for _, limit := range []struct {
		name   string
		config func(wasm.Config) wasm.Config
	}{
		{"trusted", func(c wasm.Config) wasm.Config { c.Timeout = -1; return c }},
		{"timed", func(c wasm.Config) wasm.Config { return c }},
	} {
		bind := func(module, function string, config wasm.Config) func([]alert.Value) (alert.Value, error) {
			f, err := guestOf(b, loadExample(b, module, limit.config(config))).Func(context.Background(), function)
			if err != nil {
				b.Fatal(err)
			}
			return f
		}
		echo, err := guestOf(b, load(b, "faulty", limit.config(wasm.Config{Functions: []string{"echo"}}))).Func(context.Background(), "echo")
		if err != nil {
			b.Fatal(err)
		}
		run(limit.name+"/border", echo, alert.Value{})
		run(limit.name+"/place_c", bind("cidr/cidr_c", "place", cidrConfig()), alert.OfText("10.1.2.3"))
		for _, name := range riskInEachLanguage {
			run(limit.name+"/"+strings.TrimPrefix(name, "risk/"), bind(name, "risk", riskConfig()), alert.OfText("10.1.2.3"), alert.OfInt(7))
		}
	}
}

// BenchmarkRenew is what a new instance costs.
func BenchmarkRenew(b *testing.B) {
	for _, name := range riskInEachLanguage {
		b.Run(strings.TrimPrefix(name, "risk/"), func(b *testing.B) {
			g := guestOf(b, loadExample(b, name, riskConfig()))
			for b.Loop() {
				g.Renew()
				if _, err := g.Call(context.Background(), "risk", nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
