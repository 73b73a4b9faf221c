package studio

import (
	"context"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/source"
)

// beside applies the alerts by the version on the disk, in a goroutine of its own, while
// another goroutine applies them by a trial and compares the two.
type beside struct {
	comparison *compare.Comparison
	results    chan engine.Result // valid until taken
	taken      chan struct{}
	ctx        context.Context
	stop       context.CancelFunc
	failed     any // of a panic, once results is closed
}

func (s *Studio) beside(ctx context.Context, t *trial) *beside {
	b := &beside{comparison: compare.New(t.disk.Engine, t.now.Engine, 3), results: make(chan engine.Result), taken: make(chan struct{})}
	b.ctx, b.stop = context.WithCancel(ctx)
	go b.apply(s, t.disk.Engine)
	return b
}

func (b *beside) apply(s *Studio, e *engine.Engine) {
	defer close(b.results)
	defer func() { b.failed = recover() }() // a panic is for who asked
	w := e.NewWorker()
	defer w.Close()
	s.each(b.ctx, w.Renew, func(_ int, line source.Line) {
		if unfit(&line) != "" {
			return
		}
		select {
		case b.results <- w.Apply(line.Text):
		case <-b.ctx.Done():
			return
		}
		select {
		case <-b.taken:
		case <-b.ctx.Done():
		}
	})
}

// differs compares what becomes of the next alert, under the trial r, and reports whether it
// differs. R is nil for a line that can be no alert.
func (b *beside) differs(line *source.Line, r *engine.Result) bool {
	if r == nil {
		return !b.comparison.Add(*line)
	}
	old, ok := <-b.results
	if !ok {
		return false // the context has ended, or a panic is coming
	}
	differs := !b.comparison.Results(line, &old, r)
	select {
	case b.taken <- struct{}{}:
	case <-b.ctx.Done():
	}
	return differs
}

// end ends the goroutine, and passes its panic on.
func (b *beside) end() {
	b.stop()
	for range b.results {
	}
	b.comparison.Close()
	if b.failed != nil {
		panic(b.failed)
	}
}
