package interrupt_test

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/sluice-lake/sluice/runtime/wasm/interrupt"
)

// BenchmarkStoppable runs a call of 100,000 iterations of a tight loop: as the
// module is, fitted, and with wazero's own way to stop it.
func BenchmarkStoppable(b *testing.B) {
	code := module(times(100_000, 1, ""))
	fitted, err := interrupt.Fit(code)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		code   []byte
		config wazero.RuntimeConfig
	}{
		{"not", code, wazero.NewRuntimeConfig()},
		{"fitted", fitted, wazero.NewRuntimeConfig()},
		{"closeOnContextDone", code, wazero.NewRuntimeConfig().WithCloseOnContextDone(true)},
	} {
		b.Run(c.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			runtime := wazero.NewRuntimeWithConfig(ctx, c.config)
			defer runtime.Close(ctx)
			m, err := runtime.Instantiate(ctx, c.code)
			if err != nil {
				b.Fatal(err)
			}
			f := m.ExportedFunction("f")
			b.ReportAllocs()
			for b.Loop() {
				if err := f.CallWithStack(ctx, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
