package interrupt_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-lake/sluice/runtime/wasm/interrupt"
)

// module is a module with 64 MiB of memory, a table of a million entries, a
// passive data segment and a passive element segment. Its functions are of type
// () -> (), have four variables of type i64, and the first is exported as f.
func module(bodies ...string) []byte {
	const pages, tableEntries, dataBytes, elements = 1024, 1 << 20, 1 << 20, 1 << 16
	out := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, items int, content string) {
		content = string(leb(items)) + content
		out = append(append(append(out, id), leb(len(content))...), content...)
	}
	var code strings.Builder
	for _, b := range bodies {
		b = "\x01\x04\x7e" + b + "\x0b"
		code.WriteString(string(leb(len(b))) + b)
	}
	section(1, 1, "\x60\x00\x00")
	section(3, len(bodies), strings.Repeat("\x00", len(bodies)))
	section(4, 1, "\x70\x00"+string(leb(tableEntries)))
	section(5, 1, "\x00"+string(leb(pages)))
	section(7, 1, "\x01f\x00\x00")
	section(9, 1, "\x01\x00"+string(leb(elements))+strings.Repeat("\x00", elements))
	out = append(out, 12, 1, 1)
	section(10, len(bodies), code.String())
	section(11, 1, "\x01"+string(leb(dataBytes))+strings.Repeat("\x00", dataBytes))
	return out
}

func leb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

// number is an i32.const.
func number(n int) string {
	b := []byte{0x41}
	for n > 0x3f {
		b = append(b, byte(n&0x7f|0x80))
		n >>= 7
	}
	return string(append(b, byte(n)))
}

func forever(body string) string { return "\x03\x40" + body + "\x0c\x00\x0b" }

// times runs a body n times, with a variable.
func times(n int, variable byte, body string) string {
	v := string(variable)
	return "\x42\x00\x21" + v + "\x03\x40" + body +
		"\x20" + v + "\x42\x01\x7c\x22" + v + "\x42" + number(n)[1:] + "\x54\x0d\x00\x0b"
}

// divisions is the slowest code for its size: n divisions, in one variable.
func divisions(n int) string {
	return "\x42\x7f\x21\x00\x20\x00" + strings.Repeat("\x42\x03\x80", n) + "\x21\x00"
}

const (
	fill      = "\xfc\x0b\x00"
	copyBytes = "\xfc\x0a\x00\x00"
	initBytes = "\xfc\x08\x00\x00"
	tableFill = "\xfc\x11\x00"
	tableCopy = "\xfc\x0e\x00\x00"
	tableInit = "\xfc\x0c\x00\x00"
	null      = "\xd0\x70"
)

// endless are functions that run for many seconds at least, each by work of its
// own kind.
var endless = []struct {
	name string
	code func() []byte
}{
	{"nothing", func() []byte { return module(forever("")) }},
	{"fill", func() []byte { return module(forever(number(0) + number(1) + number(64<<20) + fill)) }},
	{"copy", func() []byte { return module(forever(number(0) + number(1) + number(64<<20-1) + copyBytes)) }},
	{"copy backward", func() []byte { return module(forever(number(1) + number(0) + number(64<<20-1) + copyBytes)) }},
	{"init", func() []byte { return module(forever(number(0) + number(0) + number(1<<20) + initBytes)) }},
	{"short runs", func() []byte {
		return module(forever(strings.Repeat(number(0)+number(1)+number(1024)+fill, 200)))
	}},
	{"table fill", func() []byte { return module(forever(number(0) + null + number(1<<20) + tableFill)) }},
	{"table copy", func() []byte { return module(forever(number(0) + number(1) + number(1<<20-1) + tableCopy)) }},
	{"table init", func() []byte { return module(forever(number(0) + number(0) + number(1<<16) + tableInit)) }},
	{"straight", func() []byte {
		return module(strings.Repeat(number(0)+number(1)+number(64<<20)+fill, 600))
	}},
	{"long loop", func() []byte { return module(forever(divisions(20_000))) }},
	{"long function", func() []byte { return module(forever("\x10\x01"), divisions(20_000)) }},
	{"short function", func() []byte {
		return module(forever(strings.Repeat("\x10\x01", 1000)), divisions(150))
	}},
	{"loops inside", func() []byte {
		return module(forever("\x10\x01"), times(60_000, 1, divisions(1000)))
	}},
	{"loops in loops", func() []byte {
		return module(forever(times(200, 1, times(200, 2, times(200, 3, divisions(500))))))
	}},
	{"calls", func() []byte {
		return module("\x10\x01\x10\x01", strings.Repeat("\x10\x02", 20)+divisions(100), "\x10\x03\x10\x03\x10\x03", forever(""))
	}},
	{"failing grow", func() []byte { return module(forever(number(1<<20) + "\x40\x00\x1a")) }},
}

// Law: whatever a module does, it stops soon after the global is set, and every
// call after that stops as well.
func TestStopsWhateverItDoes(t *testing.T) {
	const most = 2 * time.Second // and a fifth of a second where nothing else runs
	for _, c := range endless {
		t.Run(c.name, func(t *testing.T) {
			var took time.Duration
			for range 5 { // on a busy machine it may have to wait for the processor
				if took = stops(t, c.code()); took <= most {
					return
				}
			}
			t.Errorf("it stopped %v after the global was set", took)
		})
	}
}

// stops runs a module until it is stopped, twice, and returns how long that takes.
func stops(t *testing.T, code []byte) time.Duration {
	t.Helper()
	ctx := t.Context()
	fitted, err := interrupt.Fit(code)
	if err != nil {
		t.Fatal(err)
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(1024))
	defer runtime.Close(ctx)
	m, err := runtime.Instantiate(ctx, fitted)
	if err != nil {
		t.Fatal(err)
	}
	global := m.ExportedGlobal(interrupt.Global).(api.MutableGlobal)
	set := make(chan time.Time, 1)
	time.AfterFunc(20*time.Millisecond, func() { set <- time.Now(); global.Set(1) })
	for range 2 {
		if _, err = m.ExportedFunction("f").Call(ctx); err == nil || !strings.Contains(err.Error(), "unreachable") {
			t.Fatalf("it ended with %v", err)
		}
	}
	return time.Since(<-set)
}
