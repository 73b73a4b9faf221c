package lake

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Rows come in any order, and a run has those of a day by time; rows of equal times stay in
// the order of the batch.
func TestRunsOfAnyOrder(t *testing.T) {
	table, random := testTable(t, "wazuh"), rand.New(rand.NewPCG(1, 2))
	const rows, span = 700, 3 * dayMillis
	for name, at := range map[string]func(i int) int64{
		"ascending":      func(i int) int64 { return int64(i) * span / rows },
		"nearly":         func(i int) int64 { return int64(i)*span/rows + random.Int64N(span/rows*9) },
		"one comes late": func(i int) int64 { return int64(i) * span / rows * int64(min(1, rows-1-i)) },
		"descending":     func(i int) int64 { return int64(rows-i) * span / rows },
		"any":            func(i int) int64 { return random.Int64N(span) },
		"few times":      func(i int) int64 { return random.Int64N(5) * span / 5 },
	} {
		t.Run(name, func(t *testing.T) {
			want := each(rows, func(i int) int64 { return testDay + at(i) })
			b := table.batchOf(want, 0, 1)
			var got []string
			for _, run := range Runs(b) {
				for _, e := range run.rows {
					if DayOf(e.time) != run.Day || b.Time(int(e.row)) != e.time {
						t.Fatalf("row %d of %d is in the run of day %d", e.row, e.time, run.Day)
					}
					got = append(got, fmt.Sprintf("%d %04d", e.time, e.row))
				}
			}
			if len(got) != rows || !slices.IsSorted(got) {
				t.Errorf("%d rows, in order: %v", len(got), slices.IsSorted(got))
			}
		})
	}
}
