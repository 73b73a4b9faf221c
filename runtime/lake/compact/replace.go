package compact

import (
	"context"
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// replace writes the objects of a plan, compares their rows with those of the inputs, and
// notes them as its result. The inputs are all that are there.
func (r *run) replace(ctx context.Context, s *survey, c *lake.Compaction, inputs []lake.Stored) error {
	if len(inputs) == 0 {
		return c.Finish(ctx, r.Ledger, []lake.ManifestObject{}) // somebody has removed them all
	}
	all, err := r.merge(ctx, s, c, inputs)
	if err != nil {
		return r.unlessDone(ctx, s, c, err)
	}
	if err := r.compare(ctx, all.written, all.sum); errors.Is(err, errOtherRows) {
		return r.discard(ctx, s, c, all.written, err)
	} else if err != nil {
		return r.unlessDone(ctx, s, c, err)
	}
	// A call that was stopped, of another version, may have written more objects.
	if err := r.remove(ctx, r.surplus(s, c, all.written)); err != nil {
		return err
	}
	if err := c.NoteRows(ctx, r.Ledger, all.rows); err != nil {
		return err
	}
	if err := c.Finish(ctx, r.Ledger, manifestObjects(all.written)); err != nil {
		return err
	}
	return r.unlessUndone(ctx, s, c, all.written)
}

// unlessUndone removes what was written if the plan was undone meanwhile: another call has
// ended it long ago.
func (r *run) unlessUndone(ctx context.Context, s *survey, c *lake.Compaction, written []lake.Written) error {
	all, err := lake.Compactions(ctx, r.Ledger, s.folder)
	if err != nil || c.Number >= len(all) || all[c.Number].Undone == nil {
		return err
	}
	var keys []string
	for _, o := range written {
		keys = append(keys, o.Key)
	}
	return r.remove(ctx, keys)
}

// unlessDone drops the error of a call whose objects another one has joined and removed
// meanwhile.
func (r *run) unlessDone(ctx context.Context, s *survey, c *lake.Compaction, failed error) error {
	if !errors.Is(failed, lake.ErrGone) {
		return failed
	}
	all, err := lake.Compactions(ctx, r.Ledger, s.folder)
	if err != nil || c.Number >= len(all) || all[c.Number].Result == nil {
		return errors.Join(failed, err)
	}
	c.Result = all[c.Number].Result
	return nil
}

func manifestObjects(written []lake.Written) []lake.ManifestObject {
	all := make([]lake.ManifestObject, 0, len(written))
	for _, o := range written {
		all = append(all, lake.ManifestObject{Key: o.Key, Rows: o.Rows, Bytes: o.Bytes})
	}
	return all
}

// mostResults is more than a plan can give: each lane gives one, and each row group of
// another at most.
const mostResults = 4096

// surplus are the keys of objects of the plan that are there and were not written now.
func (r *run) surplus(s *survey, c *lake.Compaction, written []lake.Written) (keys []string) {
	there := map[string]bool{}
	for _, o := range s.objects {
		there[o.Key] = true
	}
	for _, o := range written {
		there[o.Key] = false
	}
	n := namer(c)
	for ordinal := range mostResults {
		if key := s.folder + n.Object(ordinal) + ".parquet"; there[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

var errOtherRows = errors.New("the joined objects have other rows than those that were read")

// discard removes objects that have other rows, unless another call has taken objects of these
// names for the result: then the small ones may be gone.
func (r *run) discard(ctx context.Context, s *survey, c *lake.Compaction, written []lake.Written, failed error) error {
	all, err := lake.Compactions(ctx, r.Ledger, s.folder)
	if err != nil || c.Number >= len(all) || all[c.Number].Result != nil {
		return errors.Join(failed, err)
	}
	for _, o := range written {
		failed = errors.Join(failed, r.Lake.Remove(ctx, o.Key))
	}
	return failed
}

// compare reads what was written, and returns an error if its rows are not those that were
// read.
func (r *run) compare(ctx context.Context, written []lake.Written, want inspect.Sum) error {
	var got inspect.Sum
	for _, o := range written {
		sum, err := r.sum(ctx, lake.Stored{Key: o.Key, Bytes: o.Bytes}, nil)
		if err != nil {
			return fmt.Errorf("reading back %s: %w", o.Key, err)
		}
		got.Add(sum)
	}
	if got == want {
		return nil
	}
	return fmt.Errorf("%w (%d rows, not %d): the small ones stay; this is a bug in sluice, please report it", errOtherRows, got.Rows, want.Rows)
}

// sum sums up the rows of an object with the reader of package inspect, which shares no
// code with the writer nor with what reads columns into batches. Each is that of SumRows.
func (r *run) sum(ctx context.Context, o lake.Stored, each func(digest uint64)) (sum inspect.Sum, err error) {
	in, err := r.Lake.Open(ctx, o)
	if err != nil {
		return sum, err
	}
	sum, err = inspect.SumRows(in, o.Bytes, each)
	return sum, errors.Join(err, in.Close())
}
