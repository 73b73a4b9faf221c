package wasm_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

// work is a folder for what all tests share: built guests and their compiled
// code.
var work = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "sluice-wasm-test-") })

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := work(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// builtInGo builds the examples in Go, each once for all tests. They share their
// flags with each other and with the tests of cli, so that an empty build cache
// compiles the standard library for WebAssembly only once.
var builtInGo = map[string]func() ([]byte, error){
	"risk/risk_go":   sync.OnceValues(func() ([]byte, error) { return buildInGo("risk") }),
	"twice/twice_go": sync.OnceValues(func() ([]byte, error) { return buildInGo("twice") }),
}

// goCommand is how docs/wasm.md says that a guest in Go is built.
var goCommand = []string{"go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o"}

func buildInGo(name string) ([]byte, error) {
	dir, err := work()
	if err != nil {
		return nil, err
	}
	out := filepath.Join(dir, name+"_go.wasm")
	build := exec.Command(goCommand[0], append(slices.Clone(goCommand[1:]), out, "./guest/examples/"+name)...)
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	return os.ReadFile(out)
}

// example gives the code of a built example.
func example(t testing.TB, name string) []byte {
	t.Helper()
	build := builtInGo[name]
	if build == nil {
		build = func() ([]byte, error) { return guest.Files.ReadFile("examples/" + name + ".wasm") }
	}
	code, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// cachingHost makes a host with a cache folder that all tests share: a guest in
// Go takes most of a second to compile.
func cachingHost(t testing.TB) *wasm.Host {
	t.Helper()
	dir, err := work()
	if err != nil {
		t.Fatal(err)
	}
	return hostWith(t, wasm.Options{CacheDir: filepath.Join(dir, "cache")})
}

func loadExample(t testing.TB, name string, config wasm.Config) *wasm.Module {
	t.Helper()
	m, err := cachingHost(t).Load(context.Background(), name, example(t, name), config)
	if err != nil {
		t.Fatal(err)
	}
	if m.CacheErr != nil {
		t.Errorf("the cache: %v", m.CacheErr)
	}
	return m
}

var riskInEachLanguage = []string{"risk/risk_c", "risk/risk_rs", "risk/risk_as", "risk/risk_go"}

var riskSettings = alert.From(map[string]any{
	"weights": map[string]any{"10.": 5, "10.1.": 30, "10.1.9.": -100, "é": 7, "x": "no number"},
})

func riskConfig() wasm.Config {
	return wasm.Config{Functions: []string{"risk"}, Settings: riskSettings}
}

// One table for the same function in every language.
func TestRiskInEachLanguage(t *testing.T) {
	tests := []struct {
		address, level any
		want           any
		refused        bool
	}{
		{address: "192.0.2.1", level: 0, want: 0},
		{address: "192.0.2.1", level: 7, want: 46},
		{address: "192.0.2.1", level: 15, want: 100},
		{address: "192.0.2.1", level: 99, want: 100},
		{address: "10.2.0.1", level: 3, want: 25},
		{address: "10.1.0.1", level: 3, want: 50},
		{address: "10.1.9.1", level: 3, want: 0},
		{address: "10.1.0.1", level: 12.5, want: 100},
		{address: "élan", level: 1.5, want: 17},
		{address: "xyz", level: 1, want: 6},
		{address: nil, level: 1, want: 6},
		{address: []any{"10.1."}, level: 1, want: 6},
		{address: "10.1.0.1", level: nil},
		{address: "10.1.0.1", level: "3"},
		{address: "10.1.0.1", level: true},
		{address: map[string]any{"a": []any{nil, 1, 1.5, "x"}}, level: -0.5, refused: true},
	}
	for _, name := range riskInEachLanguage {
		t.Run(name, func(t *testing.T) {
			g := guestOf(t, loadExample(t, name, riskConfig()))
			for _, test := range tests {
				args := []alert.Value{alert.From(test.address), alert.From(test.level)}
				got, err := g.Call(context.Background(), "risk", args)
				if test.refused {
					var fault *wasm.Fault
					if !errors.As(err, &fault) || fault.Kind != wasm.Refusal || fault.Reason != "a level below zero" {
						t.Errorf("risk(%v, %v): %v", test.address, test.level, err)
					}
					continue
				}
				if diff := cmp.Diff(alert.From(test.want), got, plain); err != nil || diff != "" {
					t.Errorf("risk(%v, %v): %v\n%s", test.address, test.level, err, diff)
				}
			}
			if got, err := g.Call(context.Background(), "risk", nil); err != nil || got.Kind != alert.Nil {
				t.Errorf("risk(): %v, %v", got, err)
			}
		})
	}
}

// A config that the guest cannot take is said at load.
func TestRiskConfigIsChecked(t *testing.T) {
	for _, name := range riskInEachLanguage {
		config := riskConfig()
		config.Settings = alert.From(map[string]any{"weights": "heavy"})
		h := cachingHost(t)
		_, err := h.Load(context.Background(), name, example(t, name), config)
		var fault *wasm.Fault
		if !errors.As(err, &fault) || fault.Kind != wasm.Refusal || fault.Export != "sluice_configure" {
			t.Errorf("%s: %v", name, err)
		}
		config.Settings = alert.Value{}
		if _, err := h.Load(context.Background(), name, example(t, name), config); err != nil {
			t.Errorf("%s without a config: %v", name, err)
		}
	}
}

func guestOf(t testing.TB, m *wasm.Module) *wasm.Guest {
	t.Helper()
	g, err := m.Guest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

var agentConfig = wasm.Config{Functions: []string{"agent"}}

func TestAgent(t *testing.T) {
	g := guestOf(t, loadExample(t, "agent/agent_as", agentConfig))
	of := func(name, version, os any, mobile, bot bool) any {
		return map[string]any{"name": name, "version": version, "os": os, "mobile": mobile, "bot": bot}
	}
	tests := []struct {
		text any
		want any
	}{
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87", of("Edge", "126.0.2592.87", "Windows", false, false)},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", of("Firefox", "128.0", "Linux", false, false)},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", of("Safari", "17.5", "iOS", true, false)},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/125.0.6422.175 Safari/537.36", of("Chrome", "125.0.6422.175", nil, false, true)},
		{"curl/8.5.0", of("curl", "8.5.0", nil, false, false)},
		{"sqlmap", of("sqlmap", nil, nil, false, false)},
		{"é𝄞/1", of("é𝄞", "1", nil, false, false)},
		{"", nil},
		{nil, nil},
		{7, nil},
	}
	for _, test := range tests {
		got, err := g.Call(context.Background(), "agent", []alert.Value{alert.From(test.text)})
		if diff := cmp.Diff(alert.From(test.want), got, plain); err != nil || diff != "" {
			t.Errorf("%v: %v\n%s", test.text, err, diff)
		}
	}
}

// A guest with a collector of its own does not run out of memory.
func TestAgentKeepsItsMemory(t *testing.T) {
	config := agentConfig
	config.MemoryPages = 8
	g := guestOf(t, loadExample(t, "agent/agent_as", config))
	args := []alert.Value{alert.OfText("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")}
	for range 20_000 {
		if _, err := g.Call(context.Background(), "agent", args); err != nil {
			t.Fatal(err)
		}
	}
}

var redactConfig = wasm.Config{Alert: true, Settings: alert.From(map[string]any{"words": []any{"password=", "token: ", "key="}})}

func TestRedact(t *testing.T) {
	g := guestOf(t, loadExample(t, "redact/redact_rs", redactConfig))
	tests := []struct{ line, want string }{
		{`{"full_log":"login password=hunter2 ok","a":"password=x"}`, `{"full_log":"login password=******* ok","a":"password=x"}`},
		{`{"full_log":"PassWord=a,Token: b;key="}`, `{"full_log":"PassWord=*,Token: *;key="}`},
		{`{"full_log":"key=a\\b\u00e9\/c\nnext key=\"x\""}`, `{"full_log":"key=*************\nnext key=\"x\""}`},
		{`{"a":{"full_log":"key=é"},"full_log" : "key=1&key=2"}`, `{"a":{"full_log":"key=**"},"full_log" : "key=*&key=*"}`},
		{`{"b":"full_log","c":["full_log","key=1"],"full_log":null,"d":"key=1"}`, `{"b":"full_log","c":["full_log","key=1"],"full_log":null,"d":"key=1"}`},
		{`{"full_log":"key=cut\`, `{"full_log":"key=****`},
		{`no json at all`, `no json at all`},
	}
	for _, test := range tests {
		out, dropped, err := g.Alert(context.Background(), []byte(test.line))
		if err != nil || dropped || string(out) != test.want {
			t.Errorf("%s\n%s, dropped %v, %v", test.line, out, dropped, err)
		}
	}
}
