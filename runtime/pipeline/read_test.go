package pipeline

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// row is what the tests look at in an event.
type row struct {
	Time    int64 `json:"time"`
	Finding struct {
		UID string `json:"uid"`
	} `json:"finding"`
}

// jsonRows reads the JSON copy of one object.
func jsonRows(t *testing.T, packed []byte) (rows []row) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(bytes.NewReader(plain)); ; {
		var r row
		if err := d.Decode(&r); err == io.EOF {
			return rows
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
}

// checkTree holds a tree with a JSON copy against the laws and the result: every
// event is there once, in order of time within its object, in the right day.
func checkTree(t *testing.T, root string, res *Result) {
	t.Helper()
	copies := tree(t, filepath.Join(root, "json"))
	seen := map[string]string{}
	objects := 0
	for _, in := range res.Inputs {
		for _, o := range in.Objects {
			objects++
			rows := jsonRows(t, copies[strings.TrimSuffix(o.Key, ".parquet")+".json.gz"])
			if int64(len(rows)) != o.Rows || o.Rows == 0 {
				t.Errorf("%s has %d rows, its copy %d", o.Key, o.Rows, len(rows))
			}
			checkRows(t, o.Key, rows, seen)
			checkParquet(t, filepath.Join(root, filepath.FromSlash(o.Key)), rows)
		}
	}
	if int64(len(seen)) != res.Events || len(copies) != objects {
		t.Errorf("%d events of %d are in %d objects with %d copies", len(seen), res.Events, objects, len(copies))
	}
}

// checkRows holds the rows of one object against the sort law: no event twice,
// none in a wrong day, none after a later one; of equal times input order.
func checkRows(t *testing.T, key string, rows []row, seen map[string]string) {
	t.Helper()
	for i, r := range rows {
		if other, twice := seen[r.Finding.UID]; twice {
			t.Fatalf("event %s is in %s and in %s", r.Finding.UID, other, key)
		}
		seen[r.Finding.UID] = key
		if i > 0 && (rows[i-1].Time > r.Time || rows[i-1].Time == r.Time && number(t, rows[i-1]) > number(t, r)) {
			t.Fatalf("row %d of %s comes after a later one", i, key)
		}
		if day := "eventDay=" + time.UnixMilli(r.Time).UTC().Format("20060102") + "/"; !strings.Contains(key, day) {
			t.Fatalf("a row of %s is in %s", day, key)
		}
	}
}

func number(t *testing.T, r row) int {
	t.Helper()
	n, err := strconv.Atoi(r.Finding.UID)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkParquet holds the Parquet object against the rows of its JSON copy.
func checkParquet(t *testing.T, path string, want []row) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := inspect.File(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if facts.Rows != int64(len(want)) || !facts.Time.Sorted || len(facts.Time.Days) != 1 {
		t.Errorf("%s has %d rows, sorted %v, days %v", path, facts.Rows, facts.Time.Sorted, facts.Time.Days)
	}
	i := 0
	for text, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), -1) {
		var r row
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil || i == len(want) || r != want[i] {
			t.Fatalf("row %d of %s is %s (%v)", i, path, text, err)
		}
		i++
	}
}
