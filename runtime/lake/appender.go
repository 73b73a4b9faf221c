package lake

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/runtime/table"
)

// Group is the rows of one row group, in order of time.
type Group struct {
	Table     int // which of the Appender's tables the rows belong to
	Partition Partition
	Rows      []table.Row
	// Free are the batches that nothing needs once this group and all groups
	// before it are encoded; Bytes is their weight in memory.
	Free  []*table.Batch
	Bytes int64

	key   streamKey
	fresh bool // begins a new object, because a row lies before the last one of the old
}

// Table is the rows that share objects: those of one custom source with one
// schema. Several mappings may fill it.
type Table struct {
	Source string // name of the custom source
	Schema *table.Schema
}

// Appender holds rows back until enough are there to be sorted into row groups.
// It only decides and copies; it encodes and writes nothing. It belongs to one
// goroutine, and sees the runs in the order of the input.
//
// A partition holds up to one and a half row groups; then its earliest row
// group is given out. Rows that come too late for that (their time lies before
// the last row given out) go to another lane, which makes an object of its own
// beside the first. So two sorted inputs, or an agent that is an hour behind,
// make an object more and not one for every late row. There are three lanes;
// rows too late for all of them end the object of one.
type Appender struct {
	limits  Limits
	region  string
	account string
	tables  []Table
	streams map[streamKey]*stream
	held    int64 // weight of what all streams hold
	clock   int   // counts batches: tells which lane was used least recently
	spare   []entry
}

type streamKey struct {
	table int
	day   int32
	lane  int
}

const lanes = 3

// NewAppender makes an Appender for one input.
func NewAppender(limits Limits, region, account string, tables []Table) *Appender {
	return &Appender{limits: limits.WithDefaults(), region: region, account: account, tables: tables, streams: map[streamKey]*stream{}}
}

// Add takes the runs of one batch (see Runs) of the table with this number, and
// returns the row groups that are full because of them. Unused is the batch when
// no group will refer to it, nil when the Appender keeps it until a Group frees it.
func (a *Appender) Add(number int, runs []Run) (groups []*Group, unused *table.Batch) {
	kept := false
	var touched []*stream
	a.clock++
	for _, run := range runs {
		for len(run.rows) > 0 {
			s, full := a.lane(number, run.Day, run.rows[len(run.rows)-1].time)
			groups = append(groups, full...)
			late := s.late(run.rows)
			kept = a.put(s, Run{run.Day, run.batch, run.rows[late:]}) || kept
			touched = append(touched, s)
			run.rows = run.rows[:late]
		}
	}
	if len(runs) > 0 && !kept {
		unused = runs[0].batch.batch
	}
	for _, s := range touched {
		groups = append(groups, a.giveFull(s)...)
	}
	return append(groups, a.giveLargest()...), unused
}

// lane chooses the stream for a row: of those that it is not too late for, the
// one that has come furthest. A row that is too late for all begins a lane, or
// takes over the one that was used least recently, whose rows are then given out.
func (a *Appender) lane(number int, day int32, time int64) (best *stream, full []*Group) {
	var oldest *stream
	for lane := range lanes {
		key := streamKey{number, day, lane}
		s := a.streams[key]
		if s == nil {
			if best == nil {
				best = a.begin(key)
			}
			return best, nil
		}
		if s.floor() <= time && (best == nil || best.floor() < s.floor()) {
			best = s
		}
		if oldest == nil || s.used < oldest.used {
			oldest = s
		}
	}
	if best == nil {
		best, full = oldest, a.giveAll(oldest)
		best.given, best.fresh = false, true
	}
	return best, full
}

// put adds rows to a stream and tells whether it keeps their batch for that. It
// does when more than half of the batch is in it; at most one part is that
// large, so no two streams share a batch and none is held for a few rows.
func (a *Appender) put(s *stream, run Run) (kept bool) {
	before := s.bytes
	s.used = a.clock
	kept = 2*len(run.rows) > run.batch.rows
	if kept {
		run.batch.left = len(run.rows)
		s.take(run)
	} else {
		s.copy(run, a.tables[s.table].Schema)
	}
	a.held += s.bytes - before
	return kept
}

// Finish gives out everything that is held, the earliest day first.
func (a *Appender) Finish() (groups []*Group) {
	for _, s := range a.ordered() {
		groups = append(groups, a.giveAll(s)...)
	}
	return groups
}

func (a *Appender) ordered() []*stream {
	all := make([]*stream, 0, len(a.streams))
	for _, s := range a.streams {
		all = append(all, s)
	}
	slices.SortFunc(all, func(s, t *stream) int {
		return cmp.Or(cmp.Compare(s.table, t.table), cmp.Compare(s.day, t.day), cmp.Compare(s.lane, t.lane))
	})
	return all
}

func (a *Appender) begin(key streamKey) *stream {
	p := Partition{Source: a.tables[key.table].Source, Region: a.region, Account: a.account, Day: key.day}
	s := &stream{streamKey: key, partition: p}
	a.streams[key] = s
	return s
}

// giveFull gives out row groups as long as half as much again stays behind, as
// the window in which late rows are still put in order.
func (a *Appender) giveFull(s *stream) (groups []*Group) {
	for s.bytes >= a.limits.RowGroupBytes*3/2 || len(s.rows) > a.limits.RowGroupRows*3/2 {
		perRow := max(1, (s.bytes-s.wasted)/int64(len(s.rows)))
		n := int(min(a.limits.RowGroupBytes/perRow, int64(a.limits.RowGroupRows)))
		groups = append(groups, a.give(s, n))
	}
	return groups
}

// giveLargest keeps the bound over all streams. It empties the largest one,
// because the fewer rows a row group has the worse it reads.
func (a *Appender) giveLargest() (groups []*Group) {
	for a.held > a.limits.HeldBytes {
		var largest *stream
		for _, s := range a.streams {
			if largest == nil || larger(s, largest) {
				largest = s
			}
		}
		groups = append(groups, a.giveAll(largest)...)
	}
	return groups
}

func larger(s, t *stream) bool {
	return cmp.Or(cmp.Compare(t.bytes, s.bytes), cmp.Compare(s.day, t.day), cmp.Compare(s.table, t.table), cmp.Compare(s.lane, t.lane)) < 0
}

// giveAll gives out all rows of a stream, in groups of about equal size.
func (a *Appender) giveAll(s *stream) (groups []*Group) {
	parts := (s.bytes - s.wasted + a.limits.RowGroupBytes - 1) / a.limits.RowGroupBytes
	byRows := (len(s.rows) + a.limits.RowGroupRows - 1) / a.limits.RowGroupRows
	for left := max(int(parts), byRows); len(s.rows) > 0; left-- {
		groups = append(groups, a.give(s, len(s.rows)/max(left, 1)))
	}
	return groups
}

func (a *Appender) give(s *stream, n int) *Group {
	before := s.bytes
	a.spare = s.sort(a.spare)
	g := s.give(min(max(n, 1), len(s.rows)))
	if s.wasted > a.limits.RowGroupBytes/4 {
		s.compact(g, a.tables[s.table].Schema)
	}
	a.held += s.bytes - before
	return g
}
