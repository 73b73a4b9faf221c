package pipeline

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/source"
)

// slow are inputs of which each opens only once the others after it are open or were, or fails
// after a while.
func slow(n, others int) (ins []source.Input) {
	opened, late := make([]chan struct{}, n), make(chan struct{})
	time.AfterFunc(20*time.Second, func() { close(late) })
	for i := range n {
		opened[i] = make(chan struct{})
		text := alerts(20, func(k int) int64 { return ascending(i*20 + k) }) + strings.Repeat("\n", i)
		ins = append(ins, source.Input{Name: fmt.Sprintf("%03d", i), Size: -1, Open: func(ctx context.Context) (io.ReadCloser, error) {
			close(opened[i])
			select {
			case <-opened[min(i+others, n-1)]:
			case <-late:
				return nil, fmt.Errorf("input %d is not open when %d is", min(i+others, n-1), i)
			}
			return io.NopCloser(strings.NewReader(text)), nil
		}})
	}
	return ins
}

// Inputs are opened before those in front of them are read, sixteen at a time, and yet what
// becomes of them is in their order and the same as one after the other.
func TestInputsAreOpenedAhead(t *testing.T) {
	for _, merge := range []bool{false, true} {
		change := func(c *Config) { c.Merge = merge }
		one, want := runTo(t, change, slow(40, 0)...)
		ahead, got := runTo(t, change, slow(40, 15)...)
		if d := differ(want, got); d != "" {
			t.Errorf("merge %t: %s", merge, d)
		}
		if diff := cmp.Diff(one.Inputs, ahead.Inputs); diff != "" {
			t.Errorf("merge %t: %s", merge, diff)
		}
	}
}
