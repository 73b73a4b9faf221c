package compact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// candidate is an object that may be joined.
type candidate struct {
	lake.Stored
	name   string
	schema int // index of its schema among those of the partition
	rows   int64
	first  int64  // least time
	reason string // why it stays as it is, "" if it does not
}

// choose makes the plans for a partition, and says which objects stay as they are. A plan
// has objects of one schema that are neighbours in time.
func (r *run) choose(ctx context.Context, s *survey, p *Partition) ([]lake.Plan, error) {
	all, err := r.candidates(ctx, s)
	if err != nil {
		return nil, err
	}
	left := map[string]*Left{}
	stay := func(c *candidate, reason string) {
		if left[reason] == nil {
			left[reason] = &Left{Reason: reason, Name: c.name}
		}
		left[reason].Objects++
	}
	var plans []lake.Plan
	for len(all) > 0 {
		n := cut(all, objectsOfPlan*r.ObjectBytes)
		part := all[:n]
		all = all[n:]
		switch {
		case part[0].reason != "":
			stay(&part[0], part[0].reason)
		case n == 1:
			stay(&part[0], "there is no other of its schema to join it with")
		default:
			plans = append(plans, planOf(s.folder, part, r.ObjectBytes))
			if !r.Apply {
				for i := range part {
					p.Before.add(part[i].rows, part[i].Bytes)
				}
				p.After.Objects += (bytesOf(part) + r.ObjectBytes - 1) / r.ObjectBytes
			}
		}
	}
	for _, l := range left {
		p.Left = append(p.Left, *l)
	}
	return plans, nil
}

// objectsOfPlan is how many full objects a plan gives at most: what a call that is stopped
// has to do again.
const objectsOfPlan = 4

// cut returns how many of the first candidates, which are sorted, share a plan.
func cut(all []candidate, most int64) int {
	n, bytes := 0, int64(0)
	for n < len(all) && all[n].reason == "" && all[n].schema == all[0].schema && (n == 0 || bytes+all[n].Bytes <= most) {
		bytes += all[n].Bytes
		n++
	}
	return max(n, 1)
}

func bytesOf(part []candidate) (sum int64) {
	for i := range part {
		sum += part[i].Bytes
	}
	return sum
}

func planOf(folder string, part []candidate, objectBytes int64) lake.Plan {
	plan := lake.Plan{Folder: folder, ObjectBytes: objectBytes}
	for i := range part {
		plan.Names = append(plan.Names, part[i].name)
	}
	slices.Sort(plan.Names)
	return plan
}

// candidates returns the small objects of a partition by schema and time.
func (r *run) candidates(ctx context.Context, s *survey) ([]candidate, error) {
	joined := map[string]bool{}
	for _, c := range s.plans {
		if !c.Void {
			for _, name := range c.Names {
				joined[name] = true
			}
		}
	}
	var all []candidate
	for _, o := range s.objects {
		_, name, _ := lake.SplitKey(o.Key)
		if r.small(o) && !joined[name] {
			all = append(all, candidate{Stored: o, name: name, reason: r.listingReason(s, o)})
		}
	}
	schemas := schemas{}
	day := lake.Value(s.folder, "eventDay=")
	err := lake.Each(len(all), func(i int) error {
		if all[i].reason != "" {
			return nil
		}
		return r.look(ctx, &all[i], &schemas, day)
	})
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.reason, b.reason), cmp.Compare(a.schema, b.schema), cmp.Compare(a.first, b.first), cmp.Compare(a.name, b.name))
	})
	return all, err
}

// listingReason is why an object stays as it is, as far as the listing and the manifests
// say.
func (r *run) listingReason(s *survey, o lake.Stored) string {
	root := s.root(o.Key)
	l, ok := r.listed[digestOf(root)]
	by := s.results[root]
	switch {
	case !ok && by == nil:
		return "no manifest in these rejects lists it, so a rerun of its input could not be kept from writing it again"
	case by != nil && by.Undos > 0:
		return "another call undoes what it came of"
	case l.busy:
		return "the run that wrote it has not ended"
	case !o.Modified.Before(r.Before):
		return "it is too new"
	}
	return ""
}

// look reads the footer of an object.
func (r *run) look(ctx context.Context, c *candidate, schemas *schemas, day string) error {
	in, err := r.Lake.Open(ctx, c.Stored)
	if err != nil {
		return err
	}
	defer in.Close() // nothing is written
	f, err := inspect.Open(in, c.Bytes)
	if err != nil {
		if !errors.Is(err, inspect.ErrNotParquet) || errors.Is(err, lake.ErrGone) {
			return fmt.Errorf("%s: %w", c.Key, err)
		}
		c.reason = fmt.Sprintf("it cannot be read: %v", err)
		return nil
	}
	file := table.NewFile(f)
	c.rows = file.Rows()
	if l, ok := r.listed[digestOf(c.Key)]; ok && l.rows != c.rows {
		c.reason = "its manifest says another number of rows"
		return nil
	}
	for group := range file.Groups() {
		first, last, ok := file.Times(group)
		if !ok || !ofDay(first, day) || !ofDay(last, day) {
			c.reason = "it has rows without time, or of another day"
			return nil
		}
		if group == 0 || first < c.first {
			c.first = first
		}
	}
	if _, err := file.Schema(); err != nil {
		c.reason = err.Error()
		return nil
	}
	c.schema = schemas.number(file.SameSchema())
	return nil
}

func ofDay(ms int64, day string) bool { return lake.Date(lake.DayOf(ms)) == day }

// schemas numbers the schemas of a partition. Several goroutines may use it.
type schemas struct {
	mu      sync.Mutex
	numbers map[string]int
}

func (s *schemas) number(schema string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.numbers[schema]
	if !ok {
		if s.numbers == nil {
			s.numbers = map[string]int{}
		}
		n = len(s.numbers)
		s.numbers[schema] = n
	}
	return n
}
