package lake

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table"
)

const testDay = int64(1_700_000_000_000) / dayMillis * dayMillis

// testTable is of a small class: a row's message is its number in the input.
func testTable(t testing.TB, source string) Table {
	t.Helper()
	schema, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	class, _ := schema.Class("security_finding")
	layout, err := ocsf.NewLayout(schema, class, []*ocsf.Field{{Name: "message"}, {Name: "raw_data"}, {Name: "time"}})
	if err != nil {
		t.Fatal(err)
	}
	return Table{Source: source, Schema: table.NewSchema(layout)}
}

// batchOf makes a batch of rows of these times, numbered from first on, each
// with a text of so many bytes that is not found twice.
func (t Table) batchOf(times []int64, first, size int) *table.Batch {
	b := t.Schema.NewBatch()
	ev := ocsf.NewEvent(t.Schema.Layout)
	random := rand.NewChaCha8([32]byte{byte(first), byte(first >> 8)})
	text := make([]byte, size)
	for i, ms := range times {
		ev.Reset()
		for j := range text {
			text[j] = byte('a' + random.Uint64()%16)
		}
		set(ev, "message", ocsf.Cell{Set: true, Text: strconv.Itoa(first + i)})
		set(ev, "raw_data", ocsf.Cell{Set: size > 0, Text: string(text)})
		set(ev, "time", ocsf.Cell{Set: true, Num: ms})
		b.Append(ev)
	}
	return b
}

func set(ev *ocsf.Event, name string, c ocsf.Cell) {
	for _, f := range ev.Layout.Fields {
		if f.Name == name {
			ev.Cells[f.Cell] = c
		}
	}
}

// numbers gives the rows' numbers in the input.
func (t Table) numbers(g *Group) []int {
	events := t.Schema.NewEventReader()
	var all []int
	for _, r := range g.Rows {
		ev := events.Read(r)
		n, _ := strconv.Atoi(ev.Cells[t.Schema.Layout.Fields[0].Cell].Text)
		all = append(all, n)
	}
	return all
}

// pattern makes the times of an input of n rows.
type pattern struct {
	name  string
	times func(n int, r *rand.Rand) []int64
}

func each(n int, f func(i int) int64) []int64 {
	times := make([]int64, n)
	for i := range times {
		times[i] = testDay + f(i)
	}
	return times
}

func patterns() []pattern {
	days := func(d int) func(int, *rand.Rand) []int64 {
		return func(n int, _ *rand.Rand) []int64 {
			return each(n, func(i int) int64 { return int64(i%d)*dayMillis + int64(i/d) })
		}
	}
	return []pattern{
		{"sorted", func(n int, _ *rand.Rand) []int64 { return each(n, func(i int) int64 { return int64(i) }) }},
		{"all at once", func(n int, _ *rand.Rand) []int64 { return each(n, func(int) int64 { return 7 }) }},
		{"nearly sorted", func(n int, r *rand.Rand) []int64 {
			return each(n, func(i int) int64 { return int64(i*10 + r.IntN(300)) })
		}},
		{"reversed", func(n int, _ *rand.Rand) []int64 { return each(n, func(i int) int64 { return int64(n - i) }) }},
		{"two sorted inputs, one after the other", func(n int, _ *rand.Rand) []int64 {
			return each(n, func(i int) int64 { return int64(i % ((n + 1) / 2)) })
		}},
		{"shuffled", func(n int, r *rand.Rand) []int64 { return each(n, func(int) int64 { return r.Int64N(dayMillis) }) }},
		{"one in fifty is hours ahead", func(n int, _ *rand.Rand) []int64 {
			return each(n, func(i int) int64 { return int64(i + i%50/49*6*3_600_000) })
		}},
		{"one in fifty is late", func(n int, _ *rand.Rand) []int64 {
			return each(n, func(i int) int64 { return int64(i + 100_000 - i%50/49*90_000) })
		}},
		{"across midnight", func(n int, _ *rand.Rand) []int64 {
			return each(n, func(i int) int64 { return dayMillis - int64(n/2) + int64(i) })
		}},
		{"three interleaved days", days(3)},
		{"400 interleaved days", days(400)},
		{"every row its own day", days(1 << 20)},
	}
}

func (p pattern) String() string { return p.name }

func random(seed int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 1)) }

func label(g *Group) string {
	return fmt.Sprintf("table %d, %s, lane %d", g.Table, Date(g.Partition.Day), g.key.lane)
}
