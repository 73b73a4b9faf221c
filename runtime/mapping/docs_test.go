package mapping_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// The mapping that docs/wasm.md shows works with the example guests, and every
// key of its table of settings is taken.
func TestTheMappingOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/wasm.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(page), "\n```yaml\n")
	shown, _, _ = strings.Cut(shown, "```")
	dir := t.TempDir()
	for name, from := range map[string]string{"risk.wasm": "risk/risk_rs.wasm", "redact.wasm": "redact/redact_rs.wasm"} {
		code, err := os.ReadFile(examples + from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), code, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const head = "mapping: m\nschema: 1.1.0\nclass: detection_finding\n"
	const rest = "  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n  message: =full_log\n  finding_info: {uid: u, title: t}\n" +
		"  metadata: {product: {name: n, vendor_name: v}}\n"
	g := mapping.NewGuests(context.Background(), mapping.GuestOptions{})
	defer g.Close()
	compile := func(text string) *engine.Engine {
		t.Helper()
		e, err := engine.Compile([]engine.File{{Name: filepath.ToSlash(filepath.Join(dir, "m.yaml")), Text: []byte(text)}}, engine.Options{Load: g.Load})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return e
	}
	w := compile(head + shown + rest).NewWorker()
	defer w.Close()
	r := w.Apply(`{"timestamp":"2026-03-14T09:26:53Z","agent":{"ip":"10.1.0.1"},"rule":{"level":3},"full_log":"password=x"}`)
	if r.Outcome != engine.Event {
		t.Fatal(r.Reason)
	}
	if text := string(r.Events[0].Event.AppendJSON(nil)); !strings.Contains(text, `"risk_score":50`) || !strings.Contains(text, `"password=*"`) {
		t.Errorf("%s %s", text, r.Reason)
	}
	_, table, _ := strings.Cut(string(page), "| setting | default | meaning |")
	table, _, _ = strings.Cut(table, "\n\n")
	values := map[string]string{"wasm": "", "args": "", "stage": "", "sha256": "", "export": "risk", "limits.memory_mib": "64", "limits.timeout_ms": "1000", "limits.result_kib": "1024",
		"config": "{}", "fresh": "true", "grant": "[clock, random]", "on_error": "skip"}
	for _, row := range strings.Split(table, "\n| `")[1:] {
		name, _, _ := strings.Cut(row, "`")
		value, ok := values[name]
		delete(values, name)
		if !ok {
			t.Errorf("the table names %s, which is not tried", name)
		}
		if value == "" {
			continue // the mapping above has it; a digest is tried where modules are loaded
		}
		key, inner, nested := strings.Cut(name, ".")
		if nested {
			value = "{" + inner + ": " + value + "}"
		}
		compile(head + "functions:\n  risk: {wasm: risk.wasm, args: 2, " + key + ": " + value + "}\nevent:\n  risk_score: =risk(agent.ip, rule.level)\n" + rest)
	}
	if len(values) > 0 {
		t.Errorf("the table lacks %v", values)
	}
}
