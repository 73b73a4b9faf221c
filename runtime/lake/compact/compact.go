package compact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/table"
)

// Config says what is joined, and how.
type Config struct {
	Lake   lake.Repository
	Ledger lake.Ledger // of the rejects of the runs that wrote the lake
	// Prefix selects partitions by their keys: "ext/" for all, or the folder of one.
	Prefix string
	// ObjectBytes is the most bytes of an object; default as in lake.Limits. Objects of
	// half of it, and more, stay as they are.
	ObjectBytes int64
	// Before is the time before which an object must have been written.
	Before  time.Time
	Options table.Options
	// Apply joins objects. Without it Run only finds out what it would join.
	Apply bool
	// Memory bounds what is held.
	Memory *memory.Share
	// Done, if not nil, gets each partition in turn.
	Done func(*Partition)
}

// Count sums up objects.
type Count struct {
	Objects int64 `json:"objects"`
	Rows    int64 `json:"rows"`
	Bytes   int64 `json:"bytes"`
}

// Plus is the sum of both.
func (c Count) Plus(d Count) Count {
	return Count{c.Objects + d.Objects, c.Rows + d.Rows, c.Bytes + d.Bytes}
}

func (c *Count) add(rows, bytes int64) {
	c.Objects++
	c.Rows += rows
	c.Bytes += bytes
}

// Partition says what of a partition was joined, or would be.
type Partition struct {
	Folder string `json:"folder"`
	Before Count  `json:"before"` // what was joined, or would be
	// After is what came of it. If nothing was applied, it only has the number of objects,
	// as if they took as many bytes as before.
	After Count `json:"after"`
	// Left are the objects that stay as they are, without those that are large enough.
	Left []Left `json:"left"`
	// Unfinished counts plans of calls that were stopped: if something was applied, it
	// ended them.
	Unfinished int `json:"unfinished"`
}

// Left are objects that stay as they are for one reason.
type Left struct {
	Reason  string `json:"reason"`
	Objects int64  `json:"objects"`
	Name    string `json:"such_as"` // of one of them
}

// ErrMayNotRemove is wrapped by the error of a call whose identity may not delete objects.
var ErrMayNotRemove = errors.New("nothing was changed: this identity may not delete objects, so their rows would be there twice")

// Run joins the objects of all partitions, one after another. Partitions that cannot be
// compacted do not affect the others; their errors are joined.
func Run(ctx context.Context, c Config) error {
	r := newRun(c)
	folders, err := r.folders(ctx)
	if err != nil || len(folders) == 0 {
		return err
	}
	if err := r.readManifests(ctx); err != nil {
		return err
	}
	defer func() { c.Memory.Add(memory.Reading, -r.listedBytes) }()
	var errs []error
	for _, folder := range folders {
		p, err := r.partition(ctx, folder)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", folder, err))
		}
		if ctx.Err() != nil {
			break
		}
		if p != nil {
			r.Done(p)
		}
	}
	return errors.Join(errs...)
}

// run is the state of one Run or Undo.
type run struct {
	Config
	oldest      time.Time // of the objects that may be joined
	listed      listed
	listedBytes int64
}

func newRun(c Config) *run {
	if c.ObjectBytes <= 0 {
		c.ObjectBytes = lake.Limits{}.WithDefaults().ObjectBytes
	}
	if c.Done == nil {
		c.Done = func(*Partition) {}
	}
	return &run{Config: c}
}

// small reports whether an object may be joined, as far as a listing says.
func (r *run) small(o lake.Stored) bool { return o.Bytes < r.ObjectBytes/2 }

// folders returns the partitions that have small objects, in order.
func (r *run) folders(ctx context.Context) (all []string, err error) {
	err = r.Lake.List(ctx, r.Prefix, func(o lake.Stored) {
		folder, _, ok := lake.SplitKey(o.Key)
		if !ok || !r.small(o) {
			return
		}
		if r.oldest.IsZero() || o.Modified.Before(r.oldest) {
			r.oldest = o.Modified
		}
		if n := len(all); n == 0 || all[n-1] != folder {
			all = append(all, folder)
		}
	})
	slices.Sort(all)
	return slices.Compact(all), err
}

// partition joins the objects of one partition.
func (r *run) partition(ctx context.Context, folder string) (*Partition, error) {
	p := &Partition{Folder: folder, Left: []Left{}}
	s, err := r.survey(ctx, folder)
	if err != nil {
		return nil, err
	}
	if err := r.resume(ctx, s, p); err != nil {
		return nil, err
	}
	if p.Unfinished > 0 && r.Apply {
		if s, err = r.survey(ctx, folder); err != nil { // it has other objects now
			return nil, err
		}
	}
	plans, err := r.choose(ctx, s, p)
	if err != nil {
		return nil, err
	}
	for _, plan := range plans {
		if !r.Apply {
			continue
		}
		if err := r.execute(ctx, s, plan, p); err != nil {
			return nil, err
		}
	}
	if p.Before.Objects == 0 && p.Unfinished == 0 && len(p.Left) == 0 {
		return nil, nil
	}
	slices.SortFunc(p.Left, func(a, b Left) int { return strings.Compare(a.Reason, b.Reason) })
	return p, nil
}

// resume ends what a call before this one has begun.
func (r *run) resume(ctx context.Context, s *survey, p *Partition) error {
	for _, c := range s.plans {
		left := s.present(&c.Plan)
		if c.Void || c.Result != nil && len(left) == 0 {
			continue
		}
		p.Unfinished++
		if !r.Apply {
			continue
		}
		if err := r.end(ctx, s, c, p); err != nil {
			return err
		}
	}
	return r.resumeUndo(ctx, s, p)
}

// execute notes a plan and follows it. Another call may have noted one in its place: that
// is left to it.
func (r *run) execute(ctx context.Context, s *survey, plan lake.Plan, p *Partition) error {
	if err := r.mayRemove(ctx, s.folder); err != nil {
		return err
	}
	c, ours, err := lake.Propose(ctx, r.Ledger, plan, len(s.plans))
	if err != nil {
		return err
	}
	if !ours {
		return errors.New("another call joins objects of this partition now: run it again when that has ended")
	}
	s.plans = append(s.plans, c)
	return r.end(ctx, s, c, p)
}

// mayRemove asks for the removal of an object that does not exist.
func (r *run) mayRemove(ctx context.Context, folder string) error {
	err := r.Lake.Remove(ctx, folder+lake.Digest("may objects be removed", folder)+".parquet")
	if errors.Is(err, lake.ErrMayNotRemove) {
		return fmt.Errorf("%w: allow it s3:DeleteObject there, or use another identity", ErrMayNotRemove)
	}
	return err
}

// end follows a noted plan to its end, from wherever it is.
func (r *run) end(ctx context.Context, s *survey, c *lake.Compaction, p *Partition) error {
	if !c.Counts {
		free, err := r.free(ctx, s, c)
		if err != nil {
			return err
		}
		if err := c.Decide(ctx, r.Ledger, free); err != nil {
			return err
		}
		if c.Void {
			return nil
		}
	}
	inputs := s.present(&c.Plan)
	if c.Result == nil {
		if err := r.mayRemove(ctx, s.folder); err != nil {
			return err
		}
		if err := r.replace(ctx, s, c, inputs); err != nil {
			return err
		}
		for _, o := range inputs {
			p.Before.add(0, o.Bytes)
		}
		for _, o := range c.Result {
			p.Before.Rows += o.Rows
			p.After.add(o.Rows, o.Bytes)
		}
	}
	return r.remove(ctx, keysOf(inputs))
}

func keysOf(objects []lake.Stored) (keys []string) {
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

// remove removes objects, many at a time.
func (r *run) remove(ctx context.Context, keys []string) error {
	return lake.Each(len(keys), func(i int) error {
		if err := r.Lake.Remove(ctx, keys[i]); err != nil {
			return fmt.Errorf("%s, whose rows are in other objects now, could not be removed, so they are there twice: %w; run it again once that is cured", keys[i], err)
		}
		return nil
	})
}
