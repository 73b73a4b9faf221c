package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/sluice-lake/sluice/bench/alerts"
	"github.com/sluice-lake/sluice/bench/shipped"
)

// TestRowsAreThoseOfSluice maps small inputs of every kind with both programs.
func TestRowsAreThoseOfSluice(t *testing.T) {
	dir := t.TempDir()
	sluice := filepath.Join(dir, "sluice")
	build := exec.Command("go", "build", "-o", sluice, "./cli/sluice")
	build.Dir = "../.."
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("sluice cannot be built: %v\n%s", err, text)
	}
	text, err := shipped.WithoutUnmapped("../..")
	if err != nil {
		t.Fatal(err)
	}
	mapping := filepath.Join(dir, "mapping.yaml")
	if err := os.WriteFile(mapping, text, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A", "L", "R"} {
		t.Run(name, func(t *testing.T) {
			input := filepath.Join(dir, name+".ndjson")
			writeInput(t, input, name)
			lake, file := filepath.Join(dir, name), filepath.Join(dir, name+".parquet")
			if text, err := exec.Command(sluice, "run", "-q", "-m", mapping, "-o", lake, input).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if _, err := convert(input, file, 2); err != nil {
				t.Fatal(err)
			}
			compare(t, readRows(t, lake), readRows(t, file))
		})
	}
}

func writeInput(t *testing.T, path, name string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := alerts.Write(f, alerts.Settings{
		Input: name, Lines: 3000, Start: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), Days: 3, Seed: 3,
		Samples: "../../testdata/alerts", Longest: 16 << 10,
	}); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, want, have []string) {
	t.Helper()
	if len(want) != 3001 {
		t.Fatalf("sluice wrote %d rows and columns", len(want))
	}
	for i := range want {
		if i >= len(have) || want[i] != have[i] {
			t.Fatalf("row %d of %d and %d differs\nsluice %s\nfloor  %s", i, len(want), len(have), want[i], have[min(i, len(have)-1)])
		}
	}
	if len(have) != len(want) {
		t.Fatalf("%d rows, not %d", len(have), len(want))
	}
}

// readRows writes the rows of all files below path as text, sorted, with the
// levels of every value; before them the columns.
func readRows(t *testing.T, path string) []string {
	t.Helper()
	var rows []string
	columns := ""
	err := filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".parquet") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		file, err := parquet.OpenFile(f, info.Size())
		if err != nil {
			return err
		}
		columns = fmt.Sprint(file.Schema().Columns())
		for _, group := range file.RowGroups() {
			if rows, err = appendRows(rows, group); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return append([]string{columns}, rows...)
}

func appendRows(all []string, group parquet.RowGroup) ([]string, error) {
	reader := group.Rows()
	defer reader.Close()
	buf := make([]parquet.Row, 64)
	for {
		n, err := reader.ReadRows(buf)
		for _, row := range buf[:n] {
			all = append(all, fmt.Sprintf("%+v", row))
		}
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func TestBadLinesEndTheRun(t *testing.T) {
	for _, line := range []string{
		`{"timestamp":"2026-03-14T00:00:00.000+0000"`, `{"timestamp":"2026-03-14T00:00:00.000+0000"}}`, `{"timestamp":"now"}`,
		`{"id":"1"}`, `{"timestamp":"2026-03-14T00:00:00.000+0000","id":"\x"}`, `{"timestamp":"2026-03-14T00:00:00.000+0000" "id":1}`,
		`{"_index":"i","_source":{"timestamp":"2026-03-14T00:00:00.000+0000"}}`, `{timestamp:1}`, `{"timestamp":"2026-03-14T00:00:00.000+0000","id":"1`,
	} {
		input := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(input, []byte(line+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := convert(input, input+".parquet", 1); err == nil {
			t.Errorf("%s is accepted", line)
		}
	}
}

// TestTimesAreThoseOfThePackageTime over days, months and leap years.
func TestTimesAreThoseOfThePackageTime(t *testing.T) {
	when := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 20_000 {
		when = when.Add(37*time.Hour + 61*time.Second + 7*time.Millisecond)
		for _, layout := range []string{"2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.000000"} {
			text := when.Format(layout)
			if got, ok := milliseconds([]byte(text)); !ok || got != when.UnixMilli() {
				t.Fatalf("%s is %d, %v", text, got, ok)
			}
		}
	}
	zoned := when.In(time.FixedZone("", -5*3600-1800))
	if got, ok := milliseconds([]byte(zoned.Format("2006-01-02T15:04:05.000-07:00"))); !ok || got != when.UnixMilli() {
		t.Errorf("%v is %d, %v", zoned, got, ok)
	}
	for _, bad := range []string{"", "2026-03-14", "2026-13-14T00:00:00Z", "2026-03-14 00:00:00Z", "2026-03-14T00:00:00+1", "2026-03-14T0a:00:00Z"} {
		if got, ok := milliseconds([]byte(bad)); ok {
			t.Errorf("%q is %d", bad, got)
		}
	}
}

// FuzzScanner: texts come out as encoding/json has them, and nothing is read
// beyond the line.
func FuzzScanner(f *testing.F) {
	f.Add("plain", "x")
	f.Add("tab\t quote\" back\\slash \u00e9 \U0001f600 \x00", "{[,:]}")
	f.Fuzz(func(t *testing.T, id, other string) {
		line, err := json.Marshal(map[string]any{"id": id, other + "!": []any{other, map[string]any{id: 1.5}}, "rule": map[string]any{"level": 3, "description": other}})
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			ID   string
			Rule struct{ Description string }
		}
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		var s scanner
		var a alert
		if err := s.scan(line, &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if string(a.id) != want.ID || string(a.description) != want.Rule.Description || string(a.level) != "3" {
			t.Errorf("%s is %q, %q, %q", line, a.id, a.description, a.level)
		}
		for end := range line {
			if err := new(scanner).scan(line[:end:end], new(alert)); err == nil {
				t.Fatalf("%s is accepted", line[:end])
			}
		}
	})
}
