package pipeline

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// runWithLedger runs inputs into a folder, with manifests.
func runWithLedger(t *testing.T, root string, workers int, change func(*Config), ins ...source.Input) (*Result, map[string][]byte) {
	t.Helper()
	c := setup(t, root, workers, ins)
	ledger, err := c.Rejects.(*dir.Sink).Ledger()
	if err != nil {
		t.Fatal(err)
	}
	c.Ledger, c.Place = ledger, ".."
	plain := c
	if change != nil {
		change(&c)
	}
	res, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	closeAll(t, plain)
	return res, tree(t, root)
}

// Law 3 for manifests: any number of workers, an identity that is known early, and the
// same run again give the same files, and the same run again changes none.
func TestManifestsFollowTheInput(t *testing.T) {
	paths := []string{write(t, "a.json", alerts(900, orders()["descending"])), write(t, "b.json", alerts(400, ascending)), write(t, "empty.json", "")}
	var want map[string][]byte
	for _, workers := range []int{1, 2, 8} {
		for _, early := range []bool{false, true} {
			root := filepath.Join(t.TempDir(), "lake")
			for again := range 2 {
				res, got := runWithLedger(t, root, workers, func(c *Config) { c.EarlyIdentity = early }, inputs(t, paths...)...)
				if want == nil {
					want = got
				}
				if d := differ(want, got); d != "" || res.Removed > 0 || len(res.Stale) > 0 {
					t.Errorf("%d workers, early %t, again %d: %s, removed %d", workers, early, again, d, res.Removed)
				}
			}
		}
	}
	manifests := 0
	for name, text := range want {
		if !strings.Contains(name, "/"+lake.LedgerFolder+"/") {
			continue
		}
		manifests++
		m, err := lake.ParseManifest(text)
		if err != nil {
			t.Fatal(err)
		}
		var rows int64
		for _, o := range m.Objects {
			if int64(len(want[o.Key])) != o.Bytes {
				t.Errorf("%s has %d bytes, the manifest of %s says %d", o.Key, len(want[o.Key]), m.Name, o.Bytes)
			}
			rows += o.Rows
		}
		for _, key := range append(m.Rejects, m.Unmatched...) {
			if len(want["rejects/"+key]) == 0 {
				t.Errorf("%s is not there", key)
			}
		}
		if rows != m.Events || m.Lines != m.Taken+m.RejectLines+m.UnmatchedLines+m.Dropped+m.Blank || m.RejectLines == 0 || m.Pending != nil {
			t.Errorf("the manifest is %s", text)
		}
	}
	if manifests != 2 {
		t.Errorf("%d manifests of 2 inputs that have lines", manifests)
	}
}

// A replay into other tables than the runs filled is an error before anything is written.
func TestAReplayStaysInItsTables(t *testing.T) {
	c := setup(t, t.TempDir(), 1, []source.Input{stream("x", "")})
	ledger, err := c.Rejects.(*dir.Sink).Ledger()
	if err != nil {
		t.Fatal(err)
	}
	c.Ledger = ledger
	c.Replay = []*lake.Manifest{{ID: "a", Name: "x", Destination: lake.Destination{Sources: []string{"other"}}}}
	if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "are of other") {
		t.Errorf("%v", err)
	}
}

// An input with the content of another that fails is not taken for an empty one: what is
// in the lake of both stays.
func TestARepeatOfAnInputThatFails(t *testing.T) {
	text := alerts(4000, ascending)
	path := write(t, "a.json", text)
	root := filepath.Join(t.TempDir(), "lake")
	_, want := runWithLedger(t, root, 2, nil, inputs(t, path)...)
	once := inputs(t, path)[0]
	open, opened := once.Open, 0
	once.Name = "fails when its identity is known"
	once.Open = func(ctx context.Context) (io.ReadCloser, error) {
		if opened++; opened == 1 { // before it is read for its names
			return io.NopCloser(io.MultiReader(strings.NewReader(text[:400<<10]), errReader{})), nil
		}
		return open(ctx)
	}
	once.Remote = true // so that it is not compared before
	once.Size += 2 << 20
	c := setup(t, root, 2, []source.Input{once, inputs(t, path)[0]})
	ledger, err := c.Rejects.(*dir.Sink).Ledger()
	if err != nil {
		t.Fatal(err)
	}
	plain := c
	c.Out = impatient{c.Out, 0}
	c.Ledger, c.Place, c.EarlyIdentity, c.Variant = ledger, "..", true, "another"
	c.Memory = memory.New(1, false).Open(0, 0) // so that nothing is read before the identity is known
	res, err := Run(t.Context(), c)
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), path+" has the same content as an input that failed") || res.Inputs[1].Done {
		t.Errorf("%v", err)
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	closeAll(t, plain)
	if d := differ(want, tree(t, root)); d != "" {
		t.Error(d)
	}
}
