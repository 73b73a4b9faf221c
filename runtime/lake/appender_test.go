package lake

import (
	"fmt"
	"testing"

	"github.com/sluice-lake/sluice/runtime/table"
)

// feed puts an input through an Appender and holds every step against the laws.
type feed struct {
	t        *testing.T
	table    Table
	appender *Appender
	times    []int64
	released map[int]bool
	last     map[string]place     // last row of each object at work
	rowsLeft map[*table.Batch]int // rows not yet released
	freed    map[*table.Batch]bool
	fresh    int // objects begun because of the order
	groups   int
}

type place struct {
	time   int64
	number int
}

func newFeed(t *testing.T, limits Limits, times []int64) *feed {
	wazuh := testTable(t, "wazuh")
	return &feed{t: t, table: wazuh, appender: NewAppender(limits, "us-east-1", "external", []Table{wazuh}), times: times,
		released: map[int]bool{}, last: map[string]place{}, rowsLeft: map[*table.Batch]int{}, freed: map[*table.Batch]bool{}}
}

// run feeds chunks of that many rows, each with texts of size bytes.
func (f *feed) run(chunk, size int) {
	for first := 0; first < len(f.times); first += chunk {
		b := f.table.batchOf(f.times[first:min(first+chunk, len(f.times))], first, size)
		f.rowsLeft[b] = b.Rows()
		groups, unused := f.appender.Add(0, Runs(b))
		if unused != nil {
			f.free(unused)
		}
		f.check(groups)
		if held, most := f.held(), f.appender.limits.HeldBytes; held > most {
			f.t.Fatalf("after %d rows %d bytes are held, more than %d", first+chunk, held, most)
		}
	}
	f.check(f.appender.Finish())
	if len(f.released) != len(f.times) {
		f.t.Errorf("%d of %d rows were released", len(f.released), len(f.times))
	}
	if f.appender.held != 0 || f.held() != 0 {
		f.t.Errorf("at the end %d bytes are held, %d by the Appender's account", f.held(), f.appender.held)
	}
}

// held weighs the batches that rows still wait in, by the test's own account.
func (f *feed) held() (sum int64) {
	for _, s := range f.appender.streams {
		seen := map[*table.Batch]bool{}
		for _, e := range s.rows {
			if b := e.batch.batch; !seen[b] {
				seen[b] = true
				sum += int64(b.Bytes()) + batchOverhead
			}
			if f.freed[e.batch.batch] {
				f.t.Fatal("a batch was freed while rows of it are held")
			}
		}
	}
	return sum
}

func (f *feed) free(b *table.Batch) {
	if f.freed[b] {
		f.t.Fatal("a batch was freed twice")
	}
	f.freed[b] = true
}

func (f *feed) check(groups []*Group) {
	for _, g := range groups {
		f.groups++
		if g.fresh {
			f.fresh++
			delete(f.last, label(g))
		}
		if len(g.Rows) == 0 || len(g.Rows) > f.appender.limits.RowGroupRows {
			f.t.Fatalf("a group has %d rows", len(g.Rows))
		}
		for _, n := range f.table.numbers(g) {
			f.row(g, n)
		}
		for _, b := range g.Free {
			f.free(b)
		}
	}
}

func (f *feed) row(g *Group, n int) {
	if f.released[n] {
		f.t.Fatalf("row %d was released twice", n)
	}
	f.released[n] = true
	now := place{f.times[n], n}
	if DayOf(now.time) != g.Partition.Day {
		f.t.Fatalf("row %d of time %d went to day %s", n, now.time, Date(g.Partition.Day))
	}
	last, ok := f.last[label(g)]
	if ok && (last.time > now.time || last.time == now.time && last.number > now.number) {
		f.t.Fatalf("row %d of time %d follows row %d of time %d in one object", n, now.time, last.number, last.time)
	}
	f.last[label(g)] = now
}

// Whatever the order of the input: every row is released once, in order within
// its object, in its own day, and what is held stays within the bound.
func TestRowsOfAnObjectAscendAndMemoryIsBounded(t *testing.T) {
	for _, p := range patterns() {
		for _, c := range []struct {
			rows, chunk, size int
			limits            Limits
		}{
			{2000, 97, 1500, Limits{RowGroupBytes: 512 << 10, HeldBytes: 1 << 20}},
			{4000, 1000, 0, Limits{RowGroupRows: 700, HeldBytes: 4 << 20}},
			{500, 1, 0, Limits{RowGroupRows: 40, HeldBytes: 2 << 20}},
		} {
			t.Run(fmt.Sprintf("%s/%d", p, c.chunk), func(t *testing.T) {
				newFeed(t, c.limits, p.times(c.rows, random(c.chunk))).run(c.chunk, c.size)
			})
		}
	}
}

// An input that is sorted but for what the window covers makes one object, and
// so do rows that are hours ahead: they wait.
func TestOrderWithinTheWindowCostsNoObject(t *testing.T) {
	limits := Limits{RowGroupBytes: 512 << 10, HeldBytes: 3 << 20}
	for _, p := range patterns()[:3] {
		f := newFeed(t, limits, p.times(8000, random(1)))
		f.run(100, 500)
		if f.fresh != 0 || f.groups < 5 {
			t.Errorf("%s: %d groups, and the order began %d objects", p, f.groups, f.fresh)
		}
	}
}

// Rows that are hours ahead wait, and late ones share an object of their own:
// neither costs an object for each of them.
func TestStragglersCostOneObject(t *testing.T) {
	const hours = 6 * 3_600_000
	for _, c := range []struct {
		name    string
		objects int
		ms      func(i int) int64
	}{
		{"ahead", 1, func(i int) int64 { return int64(i + i%50/49*hours) }},
		{"behind", 2, func(i int) int64 { return int64(i + hours - i%50/49*hours) }},
		{"always the same", 2, func(i int) int64 { return int64(i%50/49*3000 + (1-i%50/49)*i) }},
		{"two inputs", 2, func(i int) int64 { return int64(i % 4000) }},
		{"five inputs", 5, func(i int) int64 { return int64(i % 1600) }},
		{"five inputs with rows that are always the same", 5, func(i int) int64 {
			return int64(i%50/49*1200 + (1-i%50/49)*(i%1600))
		}},
	} {
		f := newFeed(t, Limits{RowGroupBytes: 512 << 10, HeldBytes: 2 << 20}, each(8000, c.ms))
		f.run(100, 500)
		if got := f.fresh + len(f.appender.streams); got != c.objects {
			t.Errorf("%s: %d objects, want %d", c.name, got, c.objects)
		}
	}
}

// TestDaysThatAreOverGoFirst: when the bound is reached, the rows of a day behind which others came make
// room, in one row group. Those of the day that goes on stay until they are a full one.
func TestDaysThatAreOverGoFirst(t *testing.T) {
	const days, perDay = 5, 500
	limits := Limits{RowGroupBytes: 512 << 10, HeldBytes: 1 << 20}
	f := newFeed(t, limits, each(days*perDay, func(i int) int64 { return int64(i) * dayMillis / perDay }))
	f.run(50, 500)
	if f.fresh != 0 || len(f.appender.streams) != days || f.groups != 2*days {
		t.Errorf("%d days with %d objects and %d begun by the order have %d groups, not 2 each", days, len(f.appender.streams), f.fresh, f.groups)
	}
}

// TestFewRowsShareABatch: rows that come a few at a time hold no batch of their own, but for the first.
// What an input has of a batch that others read, too, stays there.
func TestFewRowsShareABatch(t *testing.T) {
	const rows, chunk = 600, fewRows - 1
	f := newFeed(t, Limits{}, each(rows, func(i int) int64 { return int64(i) * 1000 }))
	for first := 0; first < rows; first += chunk {
		_, unused := f.appender.Add(0, Runs(f.table.batchOf(f.times[first:first+chunk], first, 50)))
		if stays := unused == nil; stays != (first == 0) {
			t.Errorf("the batch from row %d on is held: %v", first, stays)
		}
	}
	for _, s := range f.appender.streams {
		if len(s.rows) != rows || len(s.batches) != 2 {
			t.Errorf("%d rows are held in %d batches", len(s.rows), len(s.batches))
		}
	}
	shared := f.table.batchOf(f.times, 0, 50)
	part := Part{From: rows - chunk, To: rows, Bytes: shared.Bytes(), Last: true}
	if _, unused := f.appender.Add(0, PartRuns(shared, part)); unused != nil {
		t.Error("a batch is free whose other rows are still to be encoded")
	}
}

func FuzzAppender(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 0, 0, 9}, uint8(3), uint8(2))
	f.Add([]byte("the rows of one object ascend by time"), uint8(1), uint8(5))
	f.Fuzz(func(t *testing.T, order []byte, chunk, group uint8) {
		times := each(len(order), func(i int) int64 {
			return int64(order[i]%8) + int64(order[i]/64)*dayMillis
		})
		limits := Limits{RowGroupRows: int(group) + 1, HeldBytes: 512 << 10}
		newFeed(t, limits, times).run(int(chunk)+1, int(group))
	})
}
