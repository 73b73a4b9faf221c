package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// Law: the verdict on rows is that of checking each of them, in number and place.
func TestEachRowCounts(t *testing.T) {
	schema, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	checker, names := ocsf.NewChecker(schema), slices.Sorted(maps.Keys(edits))
	used := NewJudge()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		var groups [][]map[string]any
		for range 1 + r.IntN(3) {
			events := goodEvents(1 + r.IntN(300))
			for i, e := range events {
				for r.IntN(4) == 0 {
					edit := edits[names[r.IntN(len(names))]]
					of := edit.path == "class_uid" || edit.path == "metadata.version" // by which all rows are judged
					if !strings.HasPrefix(edit.path, "finding") && (i > 0 || !of) {
						set(e, edit.path, edit.value)
					}
				}
			}
			groups = append(groups, events)
		}
		data := write(t, table.Options{PageBytes: 64 << r.IntN(8), DictionaryBytes: 16 << r.IntN(8)}, groups...)
		want := eachRow(t, checker, data)
		for _, report := range []*Report{judged(t, data), judgedBy(t, used, data)} {
			got := map[string]string{}
			for _, f := range report.Faults {
				if f.Demand == Events || f.Demand == Form {
					got[f.Demand+" "+f.Column] = fmt.Sprint(f.Times, " from row ", f.Row)
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("seed %d: %v\nwant %v", seed, got, want)
			}
		}
	}
}

// eachRow is what the Checker finds in each row by itself.
func eachRow(t *testing.T, c *ocsf.Checker, data []byte) map[string]string {
	t.Helper()
	times, first := map[string]int{}, map[string]int{}
	row := 0
	for text, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), -1) {
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var event map[string]any
		if err := d.Decode(&event); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, f := range c.Check(event) {
			kind := Events + " " + columnOf(f.Path)
			if f.Own {
				kind = Form + " " + columnOf(f.Path)
			}
			if _, known := first[kind]; !known {
				first[kind] = row
			}
			if !seen[kind] {
				times[kind]++
			}
			seen[kind] = true
		}
		row++
	}
	want := map[string]string{}
	for kind, n := range times {
		want[strings.TrimSpace(kind)] = fmt.Sprint(n, " from row ", first[kind])
	}
	return want
}

// Law: a Judge that has seen many kinds of rows judges as one that has seen none.
func TestRowsOfManyKinds(t *testing.T) {
	events := goodEvents(rowsAtOnce + 500)
	for i, e := range events {
		e["status"] = fmt.Sprint("status ", i) // which the Checker compares with status_id
	}
	set(events[rowsAtOnce+499], "severity_id", 7.0)
	r := judged(t, write(t, table.Options{}, events))
	if len(r.Faults) != 1 || r.Faults[0].Row != rowsAtOnce+499 {
		t.Error(show(r))
	}
}
