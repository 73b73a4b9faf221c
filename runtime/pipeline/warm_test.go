package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/plan"
)

// counting is a guest that takes "secret" out of alerts and remembers how many it saw.
type counting struct{ open, opened atomic.Int64 }

func (g *counting) load(plan.GuestUse) (*plan.Guest, error) {
	return &plan.Guest{Open: func() (plan.Instance, error) {
		g.open.Add(1)
		g.opened.Add(1)
		seen := 0
		return plan.Instance{
			Alert: func(in []byte) ([]byte, bool, error) {
				seen++
				return bytes.Replace(in, []byte("of a log"), fmt.Appendf(nil, "after %d", seen), 1), false, nil
			},
			Renew: func() { seen = 0 },
			Close: func() { g.open.Add(-1) },
		}, nil
	}}, nil
}

func warmEngine(t *testing.T, g *counting, description string) *engine.Engine {
	t.Helper()
	text := strings.Replace(mapping, "event:\n", "transforms: [{wasm: g.wasm, stage: alert}]\nevent:\n  status_detail: "+description+"\n  status_id: =rule.firedtimes\n", 1)
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, engine.Options{Load: g.load})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Law: what a run writes and counts does not depend on the runs before it. Among these are runs that are
// stopped, runs of another engine, and some with a JSON copy.
func TestWarmRunsWriteWhatColdOnesDo(t *testing.T) {
	g := new(counting)
	engines := []*engine.Engine{warmEngine(t, g, "first"), warmEngine(t, g, "second")}
	random := rand.New(rand.NewPCG(1, 2))
	warm := new(Warm)
	for i := range 24 {
		lines, at := 20+random.IntN(900), random.IntN(1000)
		path := write(t, "alerts.json", alerts(lines, func(i int) int64 { return ascending(i + at) }))
		e, workers, copies := engines[random.IntN(8)/7], 1+random.IntN(3), random.IntN(3) == 0
		var trees [2]map[string][]byte
		var results [2]Tally
		for k, w := range []*Warm{warm, nil} {
			root := filepath.Join(t.TempDir(), "lake")
			c := setup(t, root, workers, inputs(t, path))
			if c.Engine, c.Warm = e, w; copies {
				c.JSON = sink(t, filepath.Join(root, "json"))
			}
			res, err := Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			closeAll(t, c)
			trees[k], results[k] = tree(t, root), res.Tally
		}
		if d := differ(trees[0], trees[1]); d != "" {
			t.Errorf("run %d: %s", i, d)
		}
		if d := cmp.Diff(results[1], results[0]); d != "" || results[0].Guests.Changed == 0 || results[0].ConversionsFailed == 0 {
			t.Errorf("run %d: %s", i, d)
		}
		if random.IntN(3) == 0 {
			stopMidway(t, warm, e)
		}
	}
	if g.open.Load() == 0 || g.opened.Load() > 200 {
		t.Errorf("guests: %d are open, %d were opened", g.open.Load(), g.opened.Load())
	}
	warm.Close()
	if n := g.open.Load(); n != 0 {
		t.Errorf("%d guests are open at the end", n)
	}
}

// stopMidway has a run that is stopped while it maps.
func stopMidway(t *testing.T, warm *Warm, e *engine.Engine) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := setup(t, filepath.Join(t.TempDir(), "lake"), 2, inputs(t, write(t, "first.json", alerts(300, ascending))))
	c.Engine, c.Warm = e, warm
	c.Inputs = append(c.Inputs, stuck(alerts(900, ascending), cancel))
	if _, err := Run(ctx, c); err == nil {
		t.Error("a run that was stopped has no error")
	}
	closeAll(t, c)
}

// Runs at the same time do not disturb each other, and what they keep is what one has.
func TestWarmRunsAtTheSameTime(t *testing.T) {
	g := new(counting)
	engines := []*engine.Engine{warmEngine(t, g, "first"), warmEngine(t, g, "second")}
	warm := new(Warm)
	want, paths := make([]map[string][]byte, 6), make([]string, 6)
	for i := range paths {
		paths[i] = write(t, "alerts.json", alerts(100+150*i, ascending))
	}
	run := func(i int, w *Warm) map[string][]byte {
		root := filepath.Join(t.TempDir(), "lake")
		c := setup(t, root, 2, inputs(t, paths[i]))
		c.Engine, c.Warm = engines[i/5], w
		if _, err := Run(t.Context(), c); err != nil {
			t.Error(err)
		}
		closeAll(t, c)
		return tree(t, root)
	}
	for i := range want {
		want[i] = run(i, nil)
	}
	for range 4 {
		var all sync.WaitGroup
		for i := range want {
			all.Go(func() {
				if d := differ(run(i, warm), want[i]); d != "" {
					t.Errorf("run %d: %s", i, d)
				}
			})
		}
		all.Wait()
		if n := g.open.Load(); n > 2 {
			t.Errorf("%d workers are kept", n)
		}
	}
	warm.Close()
}

// What is kept is bounded: no batch of a large chunk, and no more of them than a small run needs.
func TestWarmKeepsLittle(t *testing.T) {
	warm := new(Warm)
	defer warm.Close()
	long := strings.Repeat(alert(1, startMillis)+"\n", 8000)
	for _, text := range []string{long, alerts(100, ascending)} {
		c := setup(t, t.TempDir(), 3, inputs(t, write(t, "alerts.json", text)))
		c.Read.ChunkBytes, c.Warm = 1<<20, warm
		if _, err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		closeAll(t, c)
		if n := len(warm.batches[0]); n != warmBatches {
			t.Errorf("%d batches are kept", n)
		}
		bytes := 0
		for _, block := range warm.blocks {
			bytes += 8 * cap(block)
		}
		if bytes > warmBytes || text != long && bytes == 0 {
			t.Errorf("blocks of %d bytes are kept", bytes)
		}
		for _, m := range warm.mappers {
			if b := m.idle[0]; b != nil && (b.Rows() > 0 || b.Reserved() != m.idleBytes) || m.idleBytes > idleBytes {
				t.Errorf("a batch to fill is kept, and %d bytes", m.idleBytes)
			}
		}
		if n := len(warm.mappers); n != 3 {
			t.Errorf("%d mappers are kept", n)
		}
	}
}
