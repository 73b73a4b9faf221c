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

// Inputs share a batch: each has its own rows, in order, and only the last of them gives the batch back.
func TestPartsOfABatch(t *testing.T) {
	wazuh := testTable(t, "wazuh")
	const rows, inputs = 90, 3
	b := wazuh.batchOf(each(rows, func(i int) int64 { return int64(rows-i) * 1000 }), 0, 1)
	for i := range inputs {
		a := NewAppender(Limits{RowGroupRows: 12}, "us-east-1", "external", []Table{wazuh})
		from, to, last := i*rows/inputs, (i+1)*rows/inputs, i == inputs-1
		groups, unused := a.Add(0, PartRuns(b, Part{From: from, To: to, Bytes: b.Bytes(), Last: last}))
		groups = append(groups, a.Finish()...)
		var got []int
		for k, g := range groups {
			got = append(got, wazuh.numbers(g)...)
			if frees := last && k == len(groups)-1; (len(g.Free) == 1) != frees || (g.Reserved > 0) != frees {
				t.Errorf("input %d, group %d of %d: it gives %d batches back", i, k, len(groups), len(g.Free))
			}
		}
		slices.Reverse(got)
		if want := numbersFrom(from, to); unused != nil || len(groups) < 2 || !slices.Equal(got, want) {
			t.Errorf("input %d has the rows %v, not %v, in %d groups", i, got, want, len(groups))
		}
	}
}

func numbersFrom(from, to int) (all []int) {
	for n := from; n < to; n++ {
		all = append(all, n)
	}
	return all
}
