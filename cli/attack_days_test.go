package cli_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Attackers: A, D. Alerts of thousands of days, past and future, make no more objects
// than an input may have days, and each is an event or a reject that says which setting
// takes it.
func TestAttackDays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var lines strings.Builder
	const alerts = 12_000
	for n := range alerts {
		day := time.Now().AddDate(0, 0, n%4000-n/4000*4000) // some of them are outside of the window
		fmt.Fprintf(&lines, `{"id":"%d","timestamp":"%sT06:00:00Z","rule":{"id":"5","level":3,"description":"d"}}`+"\n", n, day.Format(time.DateOnly))
	}
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r := attack{dir: dir}.run(t, "run", "-q", "-o", "lake", "a.json")
	if r.code != 3 || !strings.Contains(r.stderr, fmt.Sprintf("%d lines", alerts)) {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	objects, rejects := 0, ""
	err := filepath.WalkDir(filepath.Join(dir, "lake"), func(name string, d fs.DirEntry, err error) error {
		switch {
		case err == nil && filepath.Ext(name) == ".parquet":
			objects++
		case err == nil && filepath.Ext(name) == ".ndjson":
			text, readErr := os.ReadFile(name)
			rejects, err = rejects+string(text), readErr
		}
		return err
	})
	if err != nil || objects != 400 {
		t.Errorf("%d objects (%v)", objects, err)
	}
	window, days := strings.Count(rejects, "set SLUICE_EVENT_DAYS (--event-days)"), strings.Count(rejects, "set SLUICE_MAX_EVENT_DAYS (--max-event-days)")
	if window < 4000 || days < 1000 || window+days != strings.Count(rejects, "\n") {
		t.Errorf("%d rejects for the window and %d for the number of days, of %d", window, days, strings.Count(rejects, "\n"))
	}
}

// Attackers: A with B. Neither do custom sources, each of which has objects of its own for
// each day: those of a megabyte of alerts have a bound together, and a replay goes on.
func TestAttackDaysOfSources(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	args := []string{"run", "-q", "--json", "--workers", "2", "-o", "lake", "a.json"}
	for i := range 100 {
		name := fmt.Sprintf("m%d.yaml", i)
		text := strings.Replace(budgetHead, "mapping: m", fmt.Sprintf("mapping: m%d\nalso: true\nsource: s%d", i, i), 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-m", name)
	}
	var lines strings.Builder
	alerts, now := 0, time.Now().UnixMilli()
	for ; lines.Len() < attackBytes; alerts++ {
		fmt.Fprintf(&lines, `{"timestamp":%d,"id":"%d"}`+"\n", now-int64(alerts%400)*24*time.Hour.Milliseconds(), alerts)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var found struct{ Lines, Events, Rejects, Objects int }
	if r := (attack{dir: dir}).run(t, args...); r.code != 3 || json.Unmarshal([]byte(r.stdout), &found) != nil {
		t.Fatalf("exit %d: %.1000s%.1000s", r.code, r.stdout, r.stderr)
	}
	// of 2 MiB of input, the second of which has a few lines
	if found.Lines != alerts || found.Events != 100*(alerts-found.Rejects) || found.Rejects == 0 || found.Objects < 4000 || found.Objects > 8000 {
		t.Errorf("%d alerts: %+v", alerts, found)
	}
}
