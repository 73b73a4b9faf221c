package lake

import (
	"context"
	"testing"

	"github.com/sluice-lake/sluice/runtime/table"
)

// However many days are interleaved, what sinks may hold of open objects stays
// within the bound, but for the group that is being written.
func TestOpenObjectsHoldLittle(t *testing.T) {
	tables := []Table{testTable(t, "wazuh")}
	limits := Limits{RowGroupRows: 40, HeldBytes: 2 << 20}
	appender := NewAppender(limits, "us-east-1", "external", tables)
	out, copies := newMemory(), newMemory()
	namer := Namer{Identity: "i"}
	s := NewStore(StoreConfig{Limits: limits, Tables: tables, Out: out, JSON: copies, Names: KnownNames(namer, nil)})
	s.mayHold = 400 << 10
	encoder := NewEncoder(tables, table.Options{}, true)
	ctx, most := context.Background(), int64(0)
	write := func(groups []*Group) {
		for _, g := range groups {
			e, err := encoder.Encode(g)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Write(ctx, g, e); err != nil {
				t.Fatal(err)
			}
			most = max(most, s.held()-e.rows.Bytes-int64(len(e.json)))
		}
	}
	times := patterns()[9].times(4000, random(1)) // three interleaved days
	for i := range times {
		times[i] += int64(i%20) * 3 * dayMillis
	}
	for first := 0; first < len(times); first += 200 {
		groups, _ := appender.Add(0, Runs(tables[0].batchOf(times[first:first+200], first, 800)))
		write(groups)
	}
	write(appender.Finish())
	written, err := s.Finish(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rows, bytes := int64(0), int64(0)
	for _, w := range written {
		rows, bytes = rows+w.Rows, bytes+w.Bytes+w.JSONBytes
	}
	if rows != int64(len(times)) || bytes < 4*s.mayHold {
		t.Fatalf("%d rows in %d bytes: too few to show anything", rows, bytes)
	}
	const header = 4
	if most > s.mayHold+header {
		t.Errorf("open objects hold %d bytes, more than %d", most, s.mayHold)
	}
}
