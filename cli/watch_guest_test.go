package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

// A watch takes a rebuilt module up; with one that is broken a run goes on with
// what it had.
func TestWatchGuests(t *testing.T) {
	cacheFolder(t)
	dir := newGuest(t, "c")
	module, mapping, alerts := filepath.Join(dir, "risk.wasm"), filepath.Join(dir, "risk.yaml"), filepath.Join(dir, "alerts.ndjson")
	save(t, alerts, `{"id":"1","timestamp":"2026-03-14T00:00:00Z","rule":{"level":3}}`+"\n")
	run := startWatched(t, "run", "--watch", "-m", mapping, "-o", "-", "--rejects", filepath.Join(t.TempDir(), "rejects"), alerts)
	test := startWatched(t, "test", "--watch", dir)
	run.expect(`"risk_score":20`)
	test.expect("4 tests: 4 passed")
	whole, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		save(t, module, "no module")
		run.expect("it is not a WebAssembly module", "the last good mapping stays in use")
		test.expect("it is not a WebAssembly module")
		save(t, alerts, strings.Repeat(`{"id":"1","timestamp":"2026-03-14T00:00:00Z","rule":{"level":6}}`+"\n", 2))
		run.expect(`"risk_score":40`)
		test.round() // the alerts are in the folder of the tests
		save(t, alerts, `{"id":"1","timestamp":"2026-03-14T00:00:00Z","rule":{"level":3}}`+"\n")
		run.expect(`"risk_score":20`)
		test.round()
		other, err := guest.Files.ReadFile("examples/risk/risk_rs.wasm")
		if err != nil {
			t.Fatal(err)
		}
		save(t, module, string(other))
		run.expect(`"risk_score":20`)
		test.expect("4 tests: 4 passed")
		save(t, module, string(whole))
		run.expect(`"risk_score":20`)
		test.expect("4 tests: 4 passed")
	}
}
