package lambda

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/source"
)

// convert reads, maps and writes one object, as soon as there is memory for it.
func (inv *invocation) convert(w *work) error {
	set, err := inv.current(inv.config.rejectsFor(w.ref))
	if err != nil {
		return err
	}
	input, err := inv.input(w)
	if err != nil {
		return err
	}
	return inv.run(set, w, input.Size, input)
}

// smallBytes is the size up to which an object is read when it is looked at: that saves a
// request, for which the function would wait. Up to atOnce of them wait for their memory.
const smallBytes = 256 << 10

// input looks at an object. A notification says how large the object was, but it may be another
// one by now.
func (inv *invocation) input(w *work) (source.Input, error) {
	if err := inv.timeLeft(); err != nil {
		return source.Input{}, &notBegun{err}
	}
	if w.bytes > 0 && w.bytes <= smallBytes {
		return inv.own.Small(inv.ctx, w.ref, smallBytes)
	}
	return inv.own.Input(inv.ctx, w.ref)
}

// run converts inputs of that many bytes as one.
func (inv *invocation) run(set *set, w *work, size int64, inputs ...source.Input) error {
	share := inv.memory.Open(min(runBytes, inv.memory.Total()/3*2), size)
	defer share.Close()
	if err := share.Take(inv.ctx, memory.Reading, objectBytes); err != nil {
		return &notBegun{err}
	}
	if err := inv.timeLeft(); err != nil {
		return &notBegun{err}
	}
	inv.enter(w)
	defer inv.leave(w)
	c := inv.pipeline(set, w, inputs, share)
	result, err := pipeline.Run(inv.ctx, c)
	w.result = *result
	if i, ok := c.Ledger.(*intents); ok {
		err = i.after(err)
	}
	if inv.poisoned(w, err) {
		return &poison{w.ref, size, c.Progress.Lines.Load(), time.Since(w.entered)}
	}
	if server := inv.silent(w); server != "" && errors.Is(err, errTime) {
		return fmt.Errorf("%w; it was waiting for an answer of %s: see that the network of the function has a way to it, such as an endpoint of its VPC", err, server)
	}
	if large := (*memory.TooLarge)(nil); errors.As(err, &large) {
		return fmt.Errorf("%w; give the function %d MB, which suffice for objects of any size, or convert this one with `sluice run %s`", large, leastMemory>>20, w.ref)
	}
	return err
}

// runBytes is what a run can use of the memory, as a rule: rows held for sorting, row
// groups being encoded, and the chunks behind them. With little memory it is less, so that
// a small object need not wait for a large one.
const runBytes = 96 << 20

// objectBytes is the memory that an object takes besides what its run counts: its
// connections, and what is in progress in them.
const objectBytes = 4 << 20

// curable reports whether the same object may succeed later by itself.
func curable(err error) bool {
	if errors.As(err, new(*noMapping)) {
		return true
	}
	return !errors.As(err, new(*memory.TooLarge)) && !errors.As(err, new(*poison)) && s3.Curable(err)
}

// notBegun is the error of an object for which there was no time or memory: nothing was
// done, and nothing is wrong with it.
type notBegun struct{ error }

func (n *notBegun) Error() string { return "not begun: " + n.error.Error() }
func (n *notBegun) Unwrap() error { return n.error }

// timeLeft returns an error when an object begun now would probably not finish:
// when less time is left than the slowest one of this invocation took.
func (inv *invocation) timeLeft() error {
	if inv.ctx.Err() != nil {
		return context.Cause(inv.ctx)
	}
	deadline, ok := inv.ctx.Deadline()
	if !ok {
		return nil
	}
	inv.mu.Lock()
	need := inv.slowest
	inv.mu.Unlock()
	if left := time.Until(deadline); left < need {
		return fmt.Errorf("%w (%s are left, and another object took %s)", errTime, left.Round(time.Millisecond), need.Round(time.Millisecond))
	}
	return nil
}

// pipeline makes the same settings as the command line, so that both write the
// same objects.
func (inv *invocation) pipeline(s *set, w *work, inputs []source.Input, share *memory.Share) pipeline.Config {
	c := inv.config
	sink := func(at s3.Ref) *s3.Sink {
		s := inv.own.NewSink(at, c.sse)
		s.Memory = share
		return s
	}
	rejects := sink(c.rejectsFor(w.ref))
	p := pipeline.Config{
		Memory: share, Warm: &s.warm, Progress: &pipeline.Progress{},
		Engine: s.engine, Inputs: inputs, Merge: len(inputs) > 1, EarlyIdentity: true, Workers: runtime.GOMAXPROCS(0),
		Sources: s.sources, Region: c.Region, Account: c.Account,
		Out:     inv.lake.NewSink(s3.Ref{Bucket: c.bucket}, c.sse, share, s.several()),
		Rejects: rejects, GzipRejects: true,
		Ledger: rejects.Ledger(), Place: c.Out, Copies: c.OCSFJSON,
		MappingNames: c.Mappings, ClassSources: c.ClassSources, Strict: c.Strict, Variant: pipeline.Variant(c.Strict, s.guests.Digest()),
		Overwrite: w.overwrite, LeavesPlan: w.leaves, Pending: w.pending,
		UndoCommand: "sluice compact --undo --apply --rejects " + c.rejectsFor(w.ref).String() + " " + c.Out,
	}
	if w.message != nil {
		p.Ledger = &intents{Ledger: p.Ledger, inv: inv, work: w}
	}
	p.TakeDays(&c.Settings, time.Now())
	if c.ocsfBucket != "" {
		p.JSON = sink(s3.Ref{Bucket: c.ocsfBucket})
	}
	return p
}
