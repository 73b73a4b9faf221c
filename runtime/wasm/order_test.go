package wasm_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// job is one piece of the input: a worker renews its guest, then does all of it.
type job struct{ from, to int }

const (
	inputs    = 400
	inOneGo   = 25
	wantsLine = "" // in place of a function: the stage alert
)

// input makes arguments or a line; each seventh makes some guest fail.
func input(i int) []alert.Value {
	level := alert.OfInt(int64(i%17 - i%7/6*20))
	return []alert.Value{alert.OfText(fmt.Sprintf("10.%d.%d.%d", i%3, i%10, i%256)), level, alert.OfText("x/1 Linux bot")}
}

func lineOf(i int) []byte {
	return fmt.Appendf(nil, `{"id":%d,"full_log":"user=a password=%s"}`, i, strings.Repeat("p", i%40))
}

// answer is all that a call gives, as text.
func answer(t *testing.T, g *wasm.Guest, function string, i int) string {
	t.Helper()
	if function == wantsLine {
		out, dropped, err := g.Alert(context.Background(), lineOf(i))
		return fmt.Sprintf("%s %v %v", out, dropped, err)
	}
	v, err := g.Call(context.Background(), function, input(i))
	if err != nil {
		return err.Error()
	}
	return string(v.AppendJSON(nil))
}

// answers lets some workers, each with its guest, share out the input.
func answers(t *testing.T, m *wasm.Module, function string, workers int) []string {
	t.Helper()
	all := make([]string, inputs)
	jobs := make(chan job)
	var group sync.WaitGroup
	for range workers {
		g := guestOf(t, m)
		group.Go(func() {
			for j := range jobs {
				g.Renew()
				for i := j.from; i < j.to; i++ {
					all[i] = answer(t, g, function, i)
				}
			}
		})
	}
	for from := 0; from < inputs; from += inOneGo {
		jobs <- job{from, from + inOneGo}
	}
	close(jobs)
	group.Wait()
	return all
}

// The same input gives the same bytes for any number of workers, with each
// example, and even with a guest that counts its calls, because guests are
// renewed at fixed places of the input.
func TestSameBytesForAnyWorkers(t *testing.T) {
	tests := []struct {
		name, function string
		module         *wasm.Module
	}{
		{"cidr_c", "place", loadExample(t, "cidr/cidr_c", cidrConfig())},
		{"agent_as", "agent", loadExample(t, "agent/agent_as", agentConfig)},
		{"redact_rs", wantsLine, loadExample(t, "redact/redact_rs", redactConfig)},
		{"counting", "count", load(t, "faulty", wasm.Config{Functions: faultyFunctions})},
	}
	for _, name := range riskInEachLanguage {
		tests = append(tests, struct {
			name, function string
			module         *wasm.Module
		}{name, "risk", loadExample(t, name, riskConfig())})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			one := answers(t, test.module, test.function, 1)
			if different := distinct(one); different < 3 {
				t.Fatalf("all inputs gave %d answers: they show nothing", different)
			}
			for _, workers := range []int{2, 8} {
				if diff := cmp.Diff(one, answers(t, test.module, test.function, workers)); diff != "" {
					t.Errorf("%d workers\n%s", workers, diff)
				}
			}
		})
	}
}

func distinct(all []string) int {
	seen := make(map[string]bool)
	for _, a := range all {
		seen[a] = true
	}
	return len(seen)
}
