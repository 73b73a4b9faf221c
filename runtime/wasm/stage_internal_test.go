package wasm

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

// BenchmarkStage sets the stage beside its guest's own work: the same call with
// the line already in the guest's memory and the result left there.
func BenchmarkStage(b *testing.B) {
	line := []byte(`{"rule":{"level":5},"full_log":"` + strings.Repeat("user=a password=b ", 54) + `"}`)
	code, err := guest.Files.ReadFile("examples/redact/redact_rs.wasm")
	if err != nil {
		b.Fatal(err)
	}
	for name, timeout := range map[string]time.Duration{"trusted": -1, "timed": 0} {
		h := New(Options{})
		defer h.Close(context.Background())
		settings := alert.From(map[string]any{"words": []any{"password=", "token="}})
		config := Config{Alert: true, Settings: settings, Timeout: timeout}
		m, err := h.Load(context.Background(), "redact", code, config)
		if err != nil {
			b.Fatal(err)
		}
		g, err := m.Guest(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/stage", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := g.Alert(context.Background(), line); err != nil {
					b.Fatal(err)
				}
			}
		})
		if _, _, err := g.Alert(context.Background(), line); err != nil {
			b.Fatal(err)
		}
		it := g.instance
		f := it.guest.ExportedFunction(alertExport)
		b.Run(name+"/guest", func(b *testing.B) {
			for b.Loop() {
				it.stack = [2]uint64{uint64(it.buffer), uint64(len(line))}
				if err := f.CallWithStack(it.state, it.stack[:]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
