package pipeline

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

var errBroken = errors.New("broken on purpose")

// breaking gives text and then an error.
func breaking(name, text string) source.Input {
	return source.Input{Name: name, Size: -1, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(text), errReader{})), nil
	}}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errBroken }

func TestAnInputThatFailsDoesNotStopTheOthers(t *testing.T) {
	good := []string{write(t, "a.json", alerts(900, ascending)), write(t, "b.json", alerts(901, ascending))}
	alone := filepath.Join(t.TempDir(), "lake")
	c := setup(t, alone, 2, inputs(t, good...))
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	closeAll(t, c)

	root := filepath.Join(t.TempDir(), "lake")
	gone := filepath.Join(t.TempDir(), "gone.json")
	ins := inputs(t, good[0], gone, good[1])
	ins = append([]source.Input{breaking("broken", alerts(5000, ascending))}, ins...)
	c = setup(t, root, 2, ins)
	res, err := Run(t.Context(), c)
	closeAll(t, c)
	if err == nil || !strings.Contains(err.Error(), gone) || !errors.Is(err, errBroken) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
	for i, want := range []bool{false, true, false, true} {
		if in := res.Inputs[i]; in.Done != want || (in.Err == nil) != want || (len(in.Objects) > 0) != want {
			t.Errorf("input %d: %+v", i, in)
		}
	}
	if d := differ(tree(t, alone), tree(t, root)); d != "" {
		t.Error(d)
	}
	if res.Lines != 1801 {
		t.Errorf("the tally has %d lines of inputs that were written", res.Lines)
	}
}

// failing is a sink that fails at one of its steps, the nth one.
type failing struct {
	lake.Sink
	steps *atomic.Int64
	at    int64
}

func (f failing) step() error {
	if f.steps.Add(1) == f.at {
		return errBroken
	}
	return nil
}

func (f failing) Create(ctx context.Context, key string) (lake.Object, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	o, err := f.Sink.Create(ctx, key)
	return failingObject{o, f}, err
}

type failingObject struct {
	lake.Object
	sink failing
}

func (o failingObject) Write(p []byte) (int, error) {
	if err := o.sink.step(); err != nil {
		return 0, err
	}
	return o.Object.Write(p)
}

func (o failingObject) Close() error { return errors.Join(o.sink.step(), o.Object.Close()) }

func (o failingObject) Commit(ctx context.Context, key string) error {
	if err := o.sink.step(); err != nil {
		return err
	}
	return o.Object.Commit(ctx, key)
}

// Whichever step of a sink fails: the run ends with its error, names what is not
// written, and leaves no half object and no temporary file. Without the fault
// the next run gives the tree of an undisturbed one.
func TestASinkThatFailsLeavesNothingHalf(t *testing.T) {
	path := write(t, "a.json", alerts(600, ascending))
	whole := filepath.Join(t.TempDir(), "lake")
	c := setup(t, whole, 2, inputs(t, path))
	plain, steps := c, &atomic.Int64{}
	c.Out, c.Rejects = failing{c.Out, steps, -1}, failing{c.Rejects, steps, -1}
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	closeAll(t, plain)
	want := tree(t, whole)
	for at := int64(1); at <= steps.Load(); at++ {
		root := filepath.Join(t.TempDir(), "lake")
		c := setup(t, root, 2, inputs(t, path))
		plain := c
		steps := &atomic.Int64{}
		c.Out, c.Rejects = failing{c.Out, steps, at}, failing{c.Rejects, steps, at}
		_, err := Run(t.Context(), c)
		closeAll(t, plain)
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), path) {
			t.Errorf("step %d: the error is %v", at, err)
		}
		for name, data := range tree(t, root) {
			if string(want[name]) != string(data) {
				t.Errorf("step %d: %s was left behind, or has other bytes", at, name)
			}
		}
		c = setup(t, root, 2, inputs(t, path))
		if _, err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		closeAll(t, c)
		if d := differ(want, tree(t, root)); d != "" {
			t.Errorf("step %d, then again: %s", at, d)
		}
	}
}
