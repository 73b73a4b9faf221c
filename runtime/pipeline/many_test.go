package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// listed is n inputs in a listing, which look says is at.
func listed(n int, text func(i int) string, look func(i int)) source.Input {
	return source.Input{Name: "s3://bucket/", Size: -1, Remote: true, Listing: func(context.Context) iter.Seq2[source.Input, error] {
		return func(yield func(source.Input, error) bool) {
			for i := range n {
				look(i)
				content := text(i)
				in := source.Input{Name: fmt.Sprintf("s3://bucket/20260314/ls.s3.%08x-200e-4259-b865-8ccea05812be.2026-03-14T09.05.part0.txt.gz", uint32(i)*2654435761),
					Size: int64(len(content)), Remote: true, Open: readerOf(content)}
				if !yield(in, nil) {
					return
				}
			}
		}
	}}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// nowhere takes objects and keeps nothing.
type nowhere struct{}

func (nowhere) Create(context.Context, string) (lake.Object, error) { return nowhere{}, nil }
func (nowhere) Remove(context.Context, string) error                { return nil }
func (nowhere) Write(b []byte) (int, error)                         { return len(b), nil }
func (nowhere) Close() error                                        { return nil }
func (nowhere) NameBy(func() (string, error))                       {}
func (nowhere) Keep()                                               {}
func (nowhere) Commit(context.Context, string) error                { return nil }
func (nowhere) Abort() error                                        { return nil }

// What a run keeps of an input that has ended is its fingerprint and its name, whatever came
// of it: a bucket may have any number of inputs.
func TestMemoryOfManyInputs(t *testing.T) {
	const warm, most = 20_000, 160
	inputs := 200_000
	if testing.Short() {
		inputs = 60_000
	}
	text := func(i int) string { // blank lines that differ, and something of each kind among them
		blank := strings.NewReplacer("0", " ", "1", "\t").Replace(fmt.Sprintf("%b", i)) + "\n"
		switch i % 400 {
		case 100:
			return alert(i, ascending(i)) + "\n"
		case 200:
			return blank + "no alert\n"
		case 300:
			return fmt.Sprintf(`{"rule":{"level":99},"n":%d}`, i) // unmatched
		case 301:
			return " \n" // as others
		}
		return blank
	}
	var first, last int64
	in := listed(inputs, text, func(i int) {
		switch i {
		case warm:
			first = heap()
		case inputs - 1:
			last = heap()
		}
	})
	c := setup(t, t.TempDir(), 1, []source.Input{in})
	c.Out, c.Rejects, c.EarlyIdentity = nowhere{}, nowhere{}, true
	ended, done := 0, 0
	c.Ended = func(in *Input) {
		ended++
		if in.Done {
			done++
		}
	}
	res, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if ended != done || ended+res.Repeated != inputs || res.Repeated < inputs/400-2 || len(res.Repeats) > mostRepeats || len(res.Inputs) > 0 {
		t.Errorf("%d of %d ended, %d are done, %d repeat others, of which %d are named", ended, inputs, done, res.Repeated, len(res.Repeats))
	}
	if res.Events == 0 || res.Rejects == 0 || res.Unmatched == 0 {
		t.Errorf("the test shows little: %+v", res.Counts)
	}
	each := (last - first) / int64(inputs-warm)
	t.Logf("%d bytes for each", each)
	if each > most {
		t.Errorf("each input keeps %d bytes, %d are enough", each, most)
	}
}

// Inputs of a listing become what the same inputs in a list become, and are reported in the
// same order.
func TestAListingIsAsItsInputs(t *testing.T) {
	text := func(i int) string {
		if i%7 == 5 {
			i-- // the content of the one before
		}
		return alerts(20+i%3, func(k int) int64 { return ascending(i*20 + k) }) + strings.Repeat("\n", i)
	}
	for _, early := range []bool{false, true} {
		listing := listed(60, text, func(int) {})
		plain, err := source.List(t.Context(), []source.Input{listing})
		if err != nil {
			t.Fatal(err)
		}
		one, want := runTo(t, func(c *Config) { c.EarlyIdentity = early }, plain...)
		var told []Input
		all, got := runTo(t, func(c *Config) {
			c.EarlyIdentity, c.Workers = early, 8
			c.Ended = func(in *Input) { told = append(told, *in) }
		}, listing)
		if d := differ(want, got); d != "" {
			t.Errorf("early %t: %s", early, d)
		}
		if d := cmp.Diff(one.Inputs, told); d != "" || len(told) != 60-8 {
			t.Errorf("early %t: %d are told\n%s", early, len(told), d)
		}
		if d := cmp.Diff(one.Tally, all.Tally); d != "" {
			t.Errorf("early %t: %s", early, d)
		}
		if d := cmp.Diff(one.Repeats, all.Repeats); d != "" || all.Repeated != 8 {
			t.Errorf("early %t: %d repeat others: %s", early, all.Repeated, d)
		}
	}
}

// A listing that breaks off is an input that failed, and what comes behind it is read. When a
// run is stopped it says what it has not read.
func TestAListingThatBreaksOff(t *testing.T) {
	listing := listed(3, func(i int) string { return alert(i, ascending(i)) + "\n" }, func(int) {})
	whole := listing.Listing
	listing.Listing = func(ctx context.Context) iter.Seq2[source.Input, error] {
		return func(yield func(source.Input, error) bool) {
			for in, err := range whole(ctx) {
				yield(in, err)
			}
			yield(source.Input{}, errBroken)
		}
	}
	last := stream("last", alert(9, ascending(9)))
	c := setup(t, t.TempDir(), 2, []source.Input{listing, last})
	res, err := Run(t.Context(), c)
	closeAll(t, c)
	if !errors.Is(err, errBroken) || res.Events != 4 || len(res.Inputs) != 5 || res.Inputs[3].Name != "the rest of s3://bucket/" || !res.Inputs[4].Done {
		t.Errorf("%v: %d events, %+v", err, res.Events, res.Inputs)
	}

	ctx, cancel := context.WithCancel(t.Context())
	c = setup(t, t.TempDir(), 2, []source.Input{listed(100, func(i int) string { return alert(i, ascending(i)) }, func(i int) {
		if i == 50 {
			cancel()
		}
	}), last})
	res, err = Run(ctx, c)
	closeAll(t, c)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not written: s3://bucket/20260314/ls.s3.") {
		t.Errorf("the error is %v", err)
	}
	if n := len(res.Inputs); n < 50 || n > 52 || res.Inputs[n-1].Name != "last" || res.Inputs[n-1].Done {
		t.Errorf("%d inputs, the last %+v", n, res.Inputs[n-1])
	}
}

// A run that is stopped while it waits for memory has written nothing, and says so.
func TestCancellingBeforeTheFirstInput(t *testing.T) {
	account := memory.New(16<<20, false)
	other := account.Open(0, 0)
	if err := other.Take(t.Context(), memory.Reading, 16<<20); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := setup(t, t.TempDir(), 1, []source.Input{stream("a", alert(1, ascending(1)))})
	c.Memory = account.Open(0, 0)
	res, err := Run(ctx, c)
	closeAll(t, c)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not written: a;") || len(res.Inputs) != 1 || res.Inputs[0].Done {
		t.Errorf("%v, %+v", err, res.Inputs)
	}
}
