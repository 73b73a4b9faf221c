package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

// newGuest begins a guest in a language, as people do. One in Go is built by the
// command that is said, once for all tests.
func newGuest(t *testing.T, lang string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), lang)
	if _, said, code := sluice(t, "", "wasm", "new", "--lang", lang, dir); code != 0 {
		t.Fatal(said)
	}
	if lang == "go" {
		code, err := builtInGo()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "risk.wasm"), code, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var builtInGo = sync.OnceValues(func() ([]byte, error) {
	top, err := os.MkdirTemp("", "sluice-guest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(top)
	dir := filepath.Join(top, "g")
	var said bytes.Buffer
	streams := cli.Streams{In: strings.NewReader(""), Out: &said, Err: &said}
	code := cli.Run(context.Background(), []string{"wasm", "new", "--lang", "go", dir}, streams, func(string) string { return "" })
	_, command, ok := strings.Cut(said.String(), "test it\n")
	command, _, _ = strings.Cut(command, "\n")
	if code != 0 || !ok {
		return nil, fmt.Errorf("no command is said: %s", &said)
	}
	build := exec.Command("sh", "-c", command)
	build.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOWORK=off", "GOTOOLCHAIN=local")
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", command, err, said)
	}
	return os.ReadFile(filepath.Join(dir, "risk.wasm"))
})

// cacheFolder keeps compiled modules from one command to the next: one in Go
// takes most of a second.
func cacheFolder(t *testing.T) { t.Setenv("XDG_CACHE_HOME", t.TempDir()) }

var guestLanguages = []string{"c", "rust", "as", "go"}

// The same mapping with the same tests, and the same function in each language:
// all tests pass, and all rules are reached.
func TestTheSameMappingInEachLanguage(t *testing.T) {
	slow(t)
	cacheFolder(t)
	var tests []byte
	for _, lang := range guestLanguages {
		dir := newGuest(t, lang)
		out, said, code := sluice(t, "", "test", dir)
		if code != 0 || !strings.Contains(out, "4 tests: 4 passed, 0 failed") || !strings.Contains(out, "each of the") {
			t.Errorf("%s: exit code %d\n%s%s", lang, code, out, said)
		}
		own, err := os.ReadFile(filepath.Join(dir, "risk_test.yaml"))
		if err != nil || tests != nil && !bytes.Equal(own, tests) {
			t.Errorf("%s has other tests (%v)", lang, err)
		}
		tests = own
	}
}

// everyGuest calls the same function in every language, and every example. It gives
// its guests all the time that a busy machine may need: a limit that strikes is the
// one thing that may differ between runs.
const everyGuest = `mapping: guests
schema: 1.1.0
class: detection_finding
source: guests
functions:
  risk_c: {wasm: c.wasm, export: risk, args: 2, config: &weights {weights: {"1": 5, "10.": 10, "192.168.": 30}}, limits: &limits {timeout_ms: 60000}}
  risk_rust: {wasm: rust.wasm, export: risk, args: 2, config: *weights, limits: *limits}
  risk_as: {wasm: as.wasm, export: risk, args: 2, config: *weights, limits: *limits}
  risk_go: {wasm: go.wasm, export: risk, args: 2, config: *weights, limits: *limits}
  place: {wasm: cidr_c.wasm, args: 1, config: {ranges: {"10.0.0.0/8": inside, "192.168.0.0/16": {name: lab}, "::/0": six}}, limits: *limits}
  agent: {wasm: agent_as.wasm, args: 1, limits: *limits}
  calls: {wasm: faulty.wasm, export: count, limits: *limits}
transforms:
  - {wasm: redact_rs.wasm, stage: alert, config: {words: ["password=", "key=", "for "]}, limits: *limits}
  - {wasm: quiet_c.wasm, stage: event, config: {least: 2}, limits: *limits}
let:
  seen: =agent(data.useragent ?? data.http.http_user_agent ?? full_log)
event:
  activity_id: 1
  severity_id: "=rule.level >= 5 ? 2 : 1"
  time: =timestamp ?? 1773478913
  message: =full_log
  risk_score: =risk_go(agent.ip, rule.level)
  count: =calls()
  comment: =seen.name
  finding_info:
    uid: =id ?? sha256(line)
    title: t
    types: ["=string(place(agent.ip))", "=string(place(data.srcip))", "=string(risk_c(agent.ip, rule.level))",
      "=string(risk_rust(agent.ip, rule.level))", "=string(risk_as(agent.ip, rule.level))"]
  metadata: {product: {name: n, vendor_name: v}}
  unmapped: {$rest: true}
`

// Law 3 with the same guest in every language, with every example guest, and with
// one that counts its calls: the same input gives the same bytes for any number of
// workers.
func TestWorkersChangeNothingWithGuests(t *testing.T) {
	slow(t)
	cacheFolder(t)
	dir := t.TempDir()
	put := func(name string, code []byte, err error) {
		t.Helper()
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), code, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, lang := range guestLanguages {
		code, err := os.ReadFile(filepath.Join(newGuest(t, lang), "risk.wasm"))
		put(lang+".wasm", code, err)
	}
	for _, example := range []string{"cidr/cidr_c", "agent/agent_as", "redact/redact_rs", "quiet/quiet_c"} {
		code, err := guest.Files.ReadFile("examples/" + example + ".wasm")
		put(filepath.Base(example)+".wasm", code, err)
	}
	faulty, err := os.ReadFile("../runtime/wasm/testdata/hostile/faulty.wasm")
	put("faulty.wasm", faulty, err)
	put("all.yaml", []byte(everyGuest), nil)
	input := writeFile(t, "in.ndjson", corpus(t, 20, 1))
	var first map[string][]byte
	for _, workers := range []string{"1", "2", "8"} {
		root := t.TempDir()
		c := run(t, "-o", root, "--ocsf-json", filepath.Join(root, "json"), "--workers", workers, "-m", filepath.Join(dir, "all.yaml"), input)
		if c.Events < c.Lines/4 || c.Dropped == 0 {
			t.Fatalf("%+v", c)
		}
		tree := treeOf(root)
		if first == nil {
			first = tree
		} else if d := differ(first, tree); d != "" {
			t.Errorf("%s workers: %s", workers, d)
		}
	}
}
