package wasm_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

func newHost(t testing.TB) *wasm.Host { return hostWith(t, wasm.Options{}) }

func hostWith(t testing.TB, options wasm.Options) *wasm.Host {
	t.Helper()
	h := wasm.New(options)
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Errorf("closing the host: %v", err)
		}
	})
	return h
}

func hostile(t testing.TB, name string) []byte {
	t.Helper()
	code, err := os.ReadFile(filepath.Join("testdata", "hostile", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// load loads a module of the hostile ones with short limits.
func load(t testing.TB, name string, config wasm.Config) *wasm.Module {
	t.Helper()
	m, err := newHost(t).Load(context.Background(), name, hostile(t, name), config)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every module that does not fit is refused at load, with what is wrong by
// name, and all of it at once.
func TestLoadRefuses(t *testing.T) {
	f := wasm.Config{Functions: []string{"f"}}
	short := wasm.Config{Functions: []string{"f"}, Timeout: 20 * time.Millisecond, StartTimeout: 20 * time.Millisecond}
	trusted := wasm.Config{Functions: []string{"f"}, Timeout: -1}
	withSettings := wasm.Config{Functions: []string{"f"}, Settings: alert.From(map[string]any{"db": "cities"})}
	tests := []struct {
		module string
		config wasm.Config
		want   []string
	}{
		{"configure_traps", f, []string{"sluice_configure: the guest broke off: it ran into an unreachable"}},
		{"configure_loops", short, []string{"sluice_configure: it ran longer than the 20ms"}},
		{"configure_refuses", f, []string{"sluice_configure: the guest refused: it rejected its config (it returned 7)"}},
		{"start_loops", short, []string{"start section: it ran longer than the 20ms"}},
		{"start_fills", short, []string{"start section: it ran longer than the 20ms"}},
		{"start_traps", f, []string{"start section: the guest broke off: it divided by zero"}},
		{"start_traps", trusted, []string{"start section: the guest broke off: it divided by zero"}},
		{"data_outside", f, []string{"instantiation: the guest broke off: it reached outside its memory"}},
		{"data_outside", trusted, []string{"instantiation: the guest broke off: it reached outside its memory"}},
		{"own_start", f, []string{`it exports "sluice_interrupt", which the host adds`, `it exports "sluice_start"`}},
		{"own_start", trusted, []string{`it exports "sluice_interrupt", which the host adds`}},
		{"initialize_loops", short, []string{"_initialize: it ran longer than the 20ms"}},
		{"abi_v2", f, []string{"it speaks sluice_abi_v2, this sluice speaks sluice_abi_v1"}},
		{"abi_lies", f, []string{"it says that it speaks version 2"}},
		{"no_abi", f, []string{"it exports no sluice_abi_v1", `no function "sluice_alloc"`, `no function "sluice_free"`, `no function "f"`}},
		{"no_memory", f, []string{
			"it exports no memory",
			`"sluice_alloc" is (i64) -> (i32), it must be (i32) -> (i32)`,
			`no function "sluice_free" (it has g)`,
			`"f" is (i32 i32) -> (i32), it must be (i32 i32) -> (i64)`,
		}},
		{"wasi_sockets", f, []string{`"wasi_snapshot_preview1.sock_accept"`, `"wasi_snapshot_preview1.path_open"`, "no files, sockets"}},
		{"foreign_imports", f, []string{`"env.abort"`, "--use abort=", `"sluice.sluice_alloc"`, `"env.stack", which is not a function`, `"env.table", which is not a function`}},
		{"import_type", f, []string{`"sluice.log" as (i64) -> (i64), it is (i32 i32 i32) -> ()`}},
		{"big_memory", f, []string{"it needs more memory at the start than it may have", "2048 pages"}},
		{"big_table", f, []string{"16000000 entries"}},
		{"grows_table", f, []string{"it grows a table, which no limit would bound"}},
		{"grows_table", trusted, []string{"it grows a table, which no limit would bound"}},
		{"alloc_nothing", withSettings, []string{"it gets a config, but exports no sluice_configure to take it"}},
		{"faulty", wasm.Config{Functions: []string{"sluice_alloc"}}, []string{`"sluice_alloc" is a name of the ABI`}},
		{"faulty", wasm.Config{Functions: []string{"f"}, Event: true}, []string{`no function "f" (it has branching, chatter, claims,`, `no function "sluice_event"`}},
		{"faulty", wasm.Config{}, []string{"the config names nothing to call"}},
		{"faulty", wasm.Config{Alert: true, MemoryPages: 70000, ResultBytes: -1, SHA256: "abc"}, []string{"70000 memory pages", "-1 result bytes", "not 64 hex digits"}},
	}
	for _, test := range tests {
		t.Run(test.module, func(t *testing.T) {
			_, err := newHost(t).Load(context.Background(), test.module+".wasm", hostile(t, test.module), test.config)
			var refused *wasm.LoadError
			if !errors.As(err, &refused) {
				t.Fatalf("error %v is not a LoadError", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error\n%v\nlacks\n%s", err, want)
				}
			}
		})
	}
}

// Bytes that are not a module, or not the pinned one.
func TestLoadRefusesBytes(t *testing.T) {
	good := hostile(t, "faulty")
	digest := ""
	if m, err := newHost(t).Load(context.Background(), "m", good, wasm.Config{Alert: true}); err != nil {
		t.Fatal(err)
	} else {
		digest = m.SHA256
	}
	locals := append([]byte("\x00asm\x01\x00\x00\x00"), 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 12, 1, 10, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b, 0, 0)
	changed := append([]byte(nil), good...)
	changed[len(changed)-1]++
	tests := []struct {
		name string
		code []byte
		pin  string
		want string
	}{
		{"nothing", nil, "", "the file is empty"},
		{"text", []byte(" (module)"), "", "WebAssembly text"},
		{"other", []byte("MZ\x90\x00\x03"), "", "not a WebAssembly module"},
		{"component", []byte("\x00asm\x0d\x00\x01\x00"), "", "WebAssembly component"},
		{"later", []byte("\x00asm\x02\x00\x00\x00"), "", "of a version of WebAssembly"},
		{"head", good[:6], "", "ends too soon"},
		{"cut", good[:len(good)/2], "", "ends too soon"},
		{"locals", locals, "", "local variables"},
		{"pin", changed, digest, "pinned is " + digest + ": the file changed"},
		{"right pin", good, strings.ToUpper(digest), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := newHost(t).Load(context.Background(), "m.wasm", test.code, wasm.Config{Alert: true, SHA256: test.pin})
			if test.want == "" && err == nil {
				return
			}
			if err == nil || test.want == "" || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// Loading, the first call and closing may happen at once, of the same code too.
func TestLoadAtOnce(t *testing.T) {
	h := wasm.New(wasm.Options{CacheDir: t.TempDir()})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			name := []string{"risk/risk_c", "risk/risk_rs"}[i/2%2]
			config := riskConfig()
			config.Timeout = []time.Duration{0, -1}[i%2]
			m, err := h.Load(context.Background(), name, example(t, name), config)
			if err != nil {
				t.Error(err)
				return
			}
			g, err := m.Guest(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			if v, err := g.Call(context.Background(), "risk", []alert.Value{{}, alert.OfInt(15)}); err != nil || v != alert.OfInt(100) {
				t.Errorf("%s: %v, %v", name, v, err)
			}
			g.Close()
			if err := m.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := h.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// No cut and no single changed byte of a module makes Load do worse than say
// no, or Guest and Call worse than fail.
func TestLoadDamaged(t *testing.T) {
	good := hostile(t, "faulty")
	h := newHost(t)
	config := wasm.Config{Functions: []string{"echo"}, Timeout: 20 * time.Millisecond, StartTimeout: 20 * time.Millisecond}
	try := func(code []byte) {
		m, err := h.Load(context.Background(), "damaged", code, config)
		if err != nil {
			return
		}
		g, err := m.Guest(context.Background())
		if err == nil {
			g.Call(context.Background(), "echo", []alert.Value{alert.OfText("x")})
			g.Close()
		}
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	for i := 0; i < len(good); i += 3 {
		try(good[:i])
		changed := append([]byte(nil), good...)
		changed[i] ^= 1 << (i % 8)
		try(changed)
	}
}
