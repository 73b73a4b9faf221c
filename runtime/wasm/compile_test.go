package wasm_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/wasm"
)

// slowModule takes wazero most of a second to compile: one function of many
// blocks.
func slowModule() []byte {
	section := func(id byte, content string) string {
		return string(id) + string(binary.AppendUvarint(nil, uint64(len(content)))) + content
	}
	body := "\x00" + strings.Repeat("\x41\x00\x04\x40\x0b", 8000) + "\x0b"
	body = string(binary.AppendUvarint(nil, uint64(len(body)))) + body
	return []byte("\x00asm\x01\x00\x00\x00" + section(1, "\x01\x60\x00\x00") + section(3, "\x01\x00") + section(5, "\x01\x00\x01") + section(10, "\x01"+body))
}

// Compiling ends when its time is over, or when it is cancelled, and leaves the
// host usable.
func TestCompileEnds(t *testing.T) {
	for _, options := range []wasm.Options{{}, {CacheDir: t.TempDir()}} {
		h := hostWith(t, options)
		_, err := h.Load(context.Background(), "slow", slowModule(), wasm.Config{Alert: true, CompileTime: time.Millisecond})
		var rejected *wasm.LoadError
		if !errors.As(err, &rejected) || !strings.Contains(err.Error(), "compiling it takes longer than 1ms") {
			t.Errorf("without time: %v", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(10*time.Millisecond, cancel)
		if _, err := h.Load(ctx, "slow", slowModule(), wasm.Config{Alert: true, Timeout: -1}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		m, err := h.Load(context.Background(), "faulty", hostile(t, "faulty"), wasm.Config{Functions: []string{"count"}})
		if err != nil {
			t.Fatal(err)
		}
		want(t, guestOf(t, m), "count", 1)
	}
}
