package mapping_test

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/mappings"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

const examples = "../wasm/guest/examples/"

// onlyMessage gives one attribute by an expression.
const onlyMessage = `mapping: m
schema: 1.1.0
class: detection_finding
functions:
  ascii_lower: {wasm: ` + examples + `lower/lower_c.wasm, export: lower, args: 1}
event:
  activity_id: 1
  severity_id: 2
  time: =timestamp
  message: =EXPRESSION
  finding_info: {uid: u, title: t}
  metadata: {product: {name: n, vendor_name: v}}
`

func compiled(b *testing.B, text []byte, load func(plan.GuestUse) (*plan.Guest, error)) *engine.Worker {
	b.Helper()
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: text}}, engine.Options{Load: load})
	if err != nil {
		b.Fatal(err)
	}
	w := e.NewWorker()
	b.Cleanup(w.Close)
	return w
}

func guests(b *testing.B) *mapping.Guests {
	g := mapping.NewGuests(context.Background(), mapping.GuestOptions{})
	b.Cleanup(func() {
		if err := g.Close(); err != nil {
			b.Error(err)
		}
	})
	return g
}

// beside runs two things by turns, some hundred times each, and gives the time
// of one of each in nanoseconds: that of their best turns, which other programs
// disturb least.
func beside(b *testing.B, first, second func()) (x, y float64) {
	const turns = 200
	best := [2]time.Duration{math.MaxInt64, math.MaxInt64}
	for b.Loop() {
		for i, f := range []func(){first, second} {
			began := time.Now()
			for range turns {
				f()
			}
			best[i] = min(best[i], time.Since(began))
		}
	}
	b.ReportMetric(0, "ns/op") // it would be the sum
	return float64(best[0].Nanoseconds()) / turns, float64(best[1].Nanoseconds()) / turns
}

// BenchmarkFunction sets a function in C of one text beside the same expression:
// what mapping an alert costs more with it, in microseconds.
func BenchmarkFunction(b *testing.B) {
	const line = `{"timestamp":"2026-03-14T09:26:53Z","rule":{"description":"SSHD: Brute Force Trying To Get Access"}}`
	g := guests(b)
	apply := func(expression string) func() {
		w := compiled(b, []byte(strings.Replace(onlyMessage, "EXPRESSION", expression, 1)), g.Load)
		return func() {
			if r := w.Apply(line); r.Outcome != engine.Event {
				b.Fatal(r.Reason)
			}
		}
	}
	expression, guest := beside(b, apply("lower(rule.description)"), apply("ascii_lower(rule.description)"))
	b.ReportMetric(expression, "ns-expression")
	b.ReportMetric(guest, "ns-guest")
	b.ReportMetric((guest-expression)/1000, "µs-more")
}

// BenchmarkStage passes a line of a kilobyte through a stage that gives it back
// as it is, which is the border's cost, and through redact.rs, which searches it.
// The rest of the latter is the guest's own work, and takes several times as long.
func BenchmarkStage(b *testing.B) {
	g := guests(b)
	line := []byte(`{"rule":{"level":5},"full_log":"` + strings.Repeat("user=a password=b ", 54) + `"}`)
	stage := func(file string, config any) func() {
		module, err := g.Load(plan.GuestUse{Alert: true, Module: syntax.Module{File: file, Config: config}})
		if err != nil {
			b.Fatal(err)
		}
		instance, err := module.Open()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(instance.Close)
		return func() {
			if out, _, err := instance.Alert(line); err != nil || len(out) != len(line) {
				b.Fatal(err)
			}
		}
	}
	words := map[string]any{"words": []any{"password=", "token: ", "key="}}
	border, all := beside(b, stage("../wasm/testdata/hostile/faulty.wasm", nil), stage(examples+"redact/redact_rs.wasm", words))
	b.ReportMetric(border, "ns-border")
	b.ReportMetric(all, "ns-redact")
	b.ReportMetric(all/(all-border), "times-own-work")
}

// BenchmarkWithout maps samples with a shipped mapping, which names no module,
// without a loader of modules and with one.
func BenchmarkWithout(b *testing.B) {
	text, err := mappings.FS.ReadFile("wazuh/security_finding.yaml")
	if err != nil {
		b.Fatal(err)
	}
	samples, err := os.ReadFile("../../testdata/alerts/sshd.ndjson")
	if err != nil {
		b.Fatal(err)
	}
	line, _, _ := strings.Cut(string(samples), "\n")
	apply := func(load func(plan.GuestUse) (*plan.Guest, error)) func() {
		w := compiled(b, text, load)
		return func() { w.Apply(line) }
	}
	absent, present := beside(b, apply(nil), apply(guests(b).Load))
	b.ReportMetric(1e9/absent, "alerts/s-absent")
	b.ReportMetric(1e9/present, "alerts/s-present")
	b.ReportMetric(present/absent, "times")
}

// BenchmarkLoader makes a loader that no mapping wants anything of, which is
// what a start costs more.
func BenchmarkLoader(b *testing.B) {
	for b.Loop() {
		g := mapping.NewGuests(context.Background(), mapping.GuestOptions{CacheDir: "none"})
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
