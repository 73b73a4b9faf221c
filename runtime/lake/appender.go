package lake

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/runtime/table"
)

// Group is the rows of one row group, in order of time.
type Group struct {
	Table     int // index of the rows' table in the Appender's tables
	Partition Partition
	Rows      []table.Row
	// Free are the batches that nothing needs once this group and all groups before
	// it are encoded; Reserved is their memory in bytes.
	Free     []*table.Batch
	Reserved int64

	key   streamKey
	fresh bool // starts a new object, because a row is earlier than the last of the old one
}

// Table is the rows that share objects: those of one custom source with one
// schema. Several mappings may fill it.
type Table struct {
	Source string // name of the custom source
	Schema *table.Schema
}

// Appender holds rows until there are enough to sort them into row groups. It only
// decides and copies; it encodes and writes nothing. It belongs to one goroutine, and
// gets the runs in the order of the input.
//
// A partition holds up to one and a half row groups; then it releases the earliest row
// group. Rows that come too late (their time is before the last row released) go to
// another lane, which makes an object of its own beside the first. So two sorted inputs,
// or an agent that is an hour behind, cost one more object and not one for every late
// row. There are three lanes; rows that are too late for all of them end the object of
// one.
type Appender struct {
	limits   Limits
	region   string
	account  string
	tables   []Table
	streams  map[streamKey]*stream
	holding  map[*stream]bool // of these, those that have rows
	held     int64            // weight of what all streams hold
	reserved int64            // memory of what all streams hold
	clock    int              // counts batches, to find the least recently used lane
	spare    []entry
}

type streamKey struct {
	table int
	day   int32
	lane  int
}

const lanes = 3

// NewAppender makes an Appender for one input.
func NewAppender(limits Limits, region, account string, tables []Table) *Appender {
	return &Appender{limits: limits.WithDefaults(), region: region, account: account, tables: tables, streams: map[streamKey]*stream{}, holding: map[*stream]bool{}}
}

// Add adds the runs of one batch (see Runs) of the table with this index, and returns
// the row groups that are full now. Unused is the batch if no group will refer to it,
// nil if the Appender keeps it until a Group frees it.
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
		groups = append(groups, a.releaseFull(s)...)
	}
	return append(groups, a.makeRoom()...), unused
}

// lane chooses the stream for a row: of those for which it is not too late, the one
// that has advanced most. A row that is too late for all of them starts a lane, or takes
// over the least recently used one, whose rows it releases.
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
		best, full = oldest, a.releaseAll(oldest)
		best.begun, best.fresh = false, true
	}
	return best, full
}

// put adds rows to a stream and reports whether the stream keeps their batch. It does
// if the rows are more than half of the batch; at most one part is that large, so no two
// streams share a batch. None is held for a few rows that can lie with others.
func (a *Appender) put(s *stream, run Run) (kept bool) {
	before, reserved := s.bytes, s.reserved
	s.used = a.clock
	kept = 2*len(run.rows) > run.batch.rows && !s.gathers(run)
	if kept {
		run.batch.left = len(run.rows)
		s.take(run)
	} else {
		s.copy(run, a.tables[s.table].Schema)
	}
	a.held += s.bytes - before
	a.reserved += s.reserved - reserved
	a.holding[s] = true
	return kept
}

// Reserved is the memory, in bytes, of the batches that the Appender holds.
func (a *Appender) Reserved() int64 { return a.reserved }

// Finish releases all rows, the earliest day first.
func (a *Appender) Finish() (groups []*Group) {
	for _, s := range a.ordered() {
		groups = append(groups, a.releaseAll(s)...)
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

// releaseFull releases row groups as long as half a row group stays behind, as the window
// in which late rows are still sorted in.
func (a *Appender) releaseFull(s *stream) (groups []*Group) {
	for s.bytes >= a.limits.RowGroupBytes*3/2 || len(s.rows) > a.limits.RowGroupRows*3/2 {
		perRow := max(1, (s.bytes-s.wasted)/int64(len(s.rows)))
		n := int(min(a.limits.RowGroupBytes/perRow, int64(a.limits.RowGroupRows)))
		groups = append(groups, a.release(s, n))
	}
	return groups
}

// makeRoom keeps the bound over all streams. It releases one with half a row group or more, of several
// the one that got its last rows first: its day is likely to be over, and no more will come.
// Without any it releases the largest one, because small row groups are slow to read.
func (a *Appender) makeRoom() (groups []*Group) {
	for a.held > a.limits.HeldBytes {
		var next *stream
		for s := range a.holding {
			if next == nil || a.sooner(s, next) {
				next = s
			}
		}
		groups = append(groups, a.releaseAll(next)...)
	}
	return groups
}

// sooner reports whether s makes room before t.
func (a *Appender) sooner(s, t *stream) bool {
	if half := a.limits.RowGroupBytes / 2; s.bytes >= half && t.bytes >= half && s.used != t.used {
		return s.used < t.used
	}
	return larger(s, t)
}

func larger(s, t *stream) bool {
	return cmp.Or(cmp.Compare(t.bytes, s.bytes), cmp.Compare(s.day, t.day), cmp.Compare(s.table, t.table), cmp.Compare(s.lane, t.lane)) < 0
}

// releaseAll releases all rows of a stream, in groups of about equal size.
func (a *Appender) releaseAll(s *stream) (groups []*Group) {
	parts := (s.bytes - s.wasted + a.limits.RowGroupBytes - 1) / a.limits.RowGroupBytes
	byRows := (len(s.rows) + a.limits.RowGroupRows - 1) / a.limits.RowGroupRows
	for left := max(int(parts), byRows); len(s.rows) > 0; left-- {
		groups = append(groups, a.release(s, len(s.rows)/max(left, 1)))
	}
	return groups
}

func (a *Appender) release(s *stream, n int) *Group {
	before, reserved := s.bytes, s.reserved
	a.spare = s.sort(a.spare)
	g := s.release(min(max(n, 1), len(s.rows)))
	if s.wasted > a.limits.RowGroupBytes/4 {
		s.compact(g, a.tables[s.table].Schema)
	}
	a.held += s.bytes - before
	a.reserved += s.reserved - reserved
	if len(s.rows) == 0 {
		delete(a.holding, s)
	}
	return g
}
