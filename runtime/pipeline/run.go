package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// run is the state of one Run.
type run struct {
	config   *Config
	result   *Result
	progress *Progress
	*fixed
	settings string // for the names of objects
	digest   string // of all that decides what becomes of an alert
	to       lake.Destination
	// compacted knows what the ledger has about joined objects, nil without a ledger.
	compacted *lake.Compacted
	undoing   sync.Mutex
	pools     []*pool
	inputs    []source.Input
	rest      []source.Input // the reader's: those that are not begun, and a listing that has not ended
	units     int            // the reader's: how many it has begun
	outcomes  outcomes
	made      []int64 // events by mapping, of the units that are passed on
	uuids     map[fingerprint]bool
	examples  examples    // the appender's
	stop      func(error) // ends the run; the first error counts
	over      atomic.Bool // soon after that

	places   chan struct{} // bounds the items in progress, see placesPerChunk
	items    chan *item    // reader to appender, in order
	toMap    chan *item    // reader to workers
	toEncode chan *job     // appender to workers
	jobs     chan *job     // appender to committer, in order
	share    *memory.Share // of the bytes that all runs hold
	// mostShared is the most that an input may become that shares batches with others, in bytes; 0 if none may.
	mostShared int

	contents contents
	ending   chan struct{} // bounds the units being published, see endingWeight
	endings  sync.WaitGroup
}

// Run reads the inputs, maps their lines and writes the results. It always returns a
// Result, which says what is in the lake; nothing is in progress any more when it
// returns.
//
// The error joins the errors of the inputs that could not be read, which do not affect
// the others; with Config.Ended it has none of them. An error of a sink or the end of the context ends the run: then the error
// says what is written and what is not. Objects that were committed stay; they are
// complete, and the same run again replaces them with the same bytes.
func Run(ctx context.Context, c Config) (*Result, error) {
	c.Limits = c.Limits.WithDefaults()
	if c.Warm == nil {
		c.Warm = new(Warm)
		defer c.Warm.Close()
	}
	if c.Read.Memory == nil {
		c.Read.Memory = &c.Warm.read
	}
	if c.Read.ChunkBytes <= 0 {
		c.Read.ChunkBytes = 1 << 20
	}
	if err := c.check(); err != nil {
		return &Result{}, err
	}
	c.Read.Strict = c.Engine.Strict()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := newRun(&c, cancel)
	defer context.AfterFunc(ctx, func() { r.over.Store(true) })()
	if len(c.Inputs) > 0 {
		if err := r.share.Take(ctx, memory.Reading, int64(c.Workers)*workerBytes); err != nil {
			cancel(err)
		} else {
			r.plan(ctx)
			r.work(ctx)
		}
	}
	return r.result, r.end(ctx)
}

// workerBytes is what a worker takes besides the batches: what it recalls of alerts, and
// the memory of its encoder.
const workerBytes = 4 << 20

func newRun(c *Config, stop func(error)) *run {
	r := &run{config: c, fixed: c.Warm.begin(c), result: &Result{}, progress: c.Progress, stop: stop,
		made: make([]int64, len(c.Engine.Mappings)), uuids: map[fingerprint]bool{}, examples: examples{},
		contents: contents{first: map[fingerprint]origin{}}, ending: make(chan struct{}, endingWeight)}
	r.inputs, r.rest, r.outcomes.pass = c.Inputs, c.Inputs, r.pass
	if r.share = c.Memory; r.share == nil {
		r.share = memory.New(memory.Of(0), false).Open(0, 0)
	}
	if r.progress == nil {
		r.progress = &Progress{}
	}
	r.settings, r.digest, r.to = c.settings(), c.digest(), c.destination(r.tables)
	if c.Ledger != nil {
		r.compacted = lake.NewCompacted(c.Ledger)
	}
	r.share.Drop(func() {
		for _, p := range r.pools {
			p.drop()
		}
	})
	r.mostShared = min(partBytes, c.Limits.MostShared(len(r.tables)))
	r.pools = c.Warm.pools(r.fixed, r.share, 8*c.Read.ChunkBytes)
	places := (2*c.Workers + 2) * placesPerChunk
	r.places = make(chan struct{}, places)
	r.items, r.toMap = make(chan *item, places), make(chan *item, places)
	r.toEncode, r.jobs = make(chan *job, maxJobs+1), make(chan *job, maxJobs+1)
	return r
}

// plan leaves out inputs that are the same as others. Those that cannot be compared stay: reading them
// returns the error, and equal content is noticed at its end too, or when the first chunk is all. Rejects are never
// the same as others: those of two inputs may have the same lines.
func (r *run) plan(ctx context.Context) {
	if r.config.Replay != nil {
		return
	}
	least := int64(r.config.Read.ChunkBytes)
	if r.config.Merge || !r.mayRepeat() {
		least = -1 // they are not noticed later
	}
	inputs, repeats, err := source.SameContent(ctx, r.inputs, r.config.Merge, least, r.config.Read)
	if err != nil {
		return
	}
	r.inputs, r.rest = inputs, inputs
	for _, repeat := range repeats {
		r.result.repeated(repeat)
	}
}

// work runs all goroutines and waits for them.
func (r *run) work(ctx context.Context) {
	var mappers []*mapper
	var all sync.WaitGroup
	for range r.config.Workers {
		w := r.newWorker()
		mappers = append(mappers, w.mapper)
		all.Go(func() { w.loop(ctx) })
	}
	all.Go(func() { r.read(ctx) })
	all.Go(func() { r.append(ctx) })
	r.commit(ctx)
	all.Wait()
	r.endings.Wait()
	r.result.conversions(r.config.Engine.Mappings, mappers, r.examples)
	r.config.Warm.end(r.fixed, mappers, r.pools, ctx.Err() != nil || r.over.Load())
}

// pass takes what became of the next unit.
func (r *run) pass(in *Input) {
	r.result.add(in, r.config.Events != nil, r.made)
	if r.config.Ended != nil {
		r.config.Ended(in)
	} else {
		r.result.Inputs = append(r.result.Inputs, *in)
	}
}

// end aborts the units that are not finished and returns the run's error.
func (r *run) end(ctx context.Context) error {
	var errs []error
	var unwritten []string
	r.outcomes.rest(func(u *unit) {
		errs, unwritten = append(errs, u.abort()), append(unwritten, u.result.Name)
	})
	for _, in := range r.rest {
		if in.Listing != nil {
			unwritten = append(unwritten, "the rest of "+in.Name)
			continue
		}
		unwritten = append(unwritten, in.Name)
		r.pass(&Input{Name: in.Name, Identity: in.Identity})
	}
	r.result.name(r.made, r.config.Engine.Mappings)
	if len(unwritten) > 0 {
		errs = append([]error{r.stopped(context.Cause(ctx), unwritten)}, errs...)
	}
	for _, in := range r.result.Inputs {
		errs = append(errs, in.Err)
	}
	return errors.Join(errs...)
}

func (r *run) stopped(cause error, unwritten []string) error {
	const most = 5
	names := strings.Join(unwritten[:min(most, len(unwritten))], ", ")
	if n := len(unwritten) - most; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	kept := "nothing"
	if n := r.result.Objects; n > 0 {
		kept = fmt.Sprintf("%d complete objects", n)
	}
	return fmt.Errorf("the run was stopped: %w; the lake has %s of it; not written: %s; run these again", cause, kept, names)
}

func (p *Progress) count(c Counts) {
	p.Lines.Add(c.accounted())
	p.Events.Add(c.Events)
	p.Rejects.Add(c.Rejects)
	p.Unmatched.Add(c.Unmatched)
}
