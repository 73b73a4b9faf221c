package pipeline

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/source"
)

// stuck gives text, says so, and then blocks for good: a terminal that nobody
// types into.
func stuck(text string, reached func()) source.Input {
	return source.Input{Name: "stuck", Size: -1, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(text), &blocked{reached: reached})), nil
	}}
}

type blocked struct{ reached func() }

func (b *blocked) Read([]byte) (int, error) {
	b.reached()
	select {}
}

// Run returns although the input blocks, and leaves nothing of it; what was
// finished before stays.
func TestCancellingLeavesNothingHalf(t *testing.T) {
	for _, workers := range []int{1, 8} {
		root := filepath.Join(t.TempDir(), "lake")
		first := write(t, "first.json", alerts(500, ascending))
		ctx, cancel := context.WithCancel(t.Context())
		ins := append(inputs(t, first), stuck(alerts(3000, ascending), cancel))
		c := setup(t, root, workers, ins)
		res, err := Run(ctx, c)
		closeAll(t, c)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not written: ") || !strings.Contains(err.Error(), "stuck") {
			t.Errorf("the error is %v", err)
		}
		if res.Inputs[1].Done || len(res.Inputs[1].Objects) > 0 {
			t.Errorf("the input that was cut: %+v", res.Inputs[1])
		}
		keys := map[string]bool{}
		for _, in := range res.Inputs {
			for _, o := range in.Objects {
				keys[o.Key] = true
			}
			for _, k := range append(in.Rejects, in.Unmatched...) {
				keys["rejects/"+k] = true
			}
		}
		for name := range tree(t, root) {
			if !keys[name] {
				t.Errorf("%s was left behind", name)
			}
		}
	}
}

// nobody is a stream that nobody reads: it says so and takes nothing.
type nobody struct{ reached func() }

func (n nobody) Write([]byte) (int, error) {
	n.reached()
	select {}
}

// A reader of the events that does not read cannot keep a run from ending.
func TestCancellingWhileTheStreamBlocks(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := setup(t, t.TempDir(), 2, inputs(t, write(t, "a.json", alerts(3000, ascending))))
	c.Events = nobody{cancel}
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	closeAll(t, c)
}
