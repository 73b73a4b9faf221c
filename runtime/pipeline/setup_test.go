package pipeline

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/source"
)

const mapping = `mapping: test/finding
schema: 1.1.0
class: security_finding
when: =rule.level != 99
event:
  activity_id: 1
  state_id: 1
  severity_id: 1
  time: =timestamp
  message: =rule.description
  count: =rule.firedtimes
  raw_data: =full_log
  finding: {uid: =id, title: =rule.description}
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}, version: 1.1.0}
  unmapped: {$rest: true}
`

const startMillis = 1_700_000_000_000

// alert is one alert as a line, with its number and time.
func alert(n int, ms int64) string {
	return fmt.Sprintf(`{"timestamp":%d,"id":"%d","rule":{"level":%d,"description":"rule %d fired","firedtimes":%d},"agent":{"id":"%03d"},"full_log":"line %d of a log %x"}`,
		ms, n, n%15, n%40, n%7, n%100, n, n*2654435761)
}

// alerts makes n lines with odd ones between: blank, malformed, unmatched.
func alerts(n int, ms func(i int) int64) string {
	var b strings.Builder
	for i := range n {
		switch {
		case i%97 == 13:
			b.WriteString("  ")
		case i%101 == 17:
			fmt.Fprintf(&b, `{"broken": %d`, i)
		case i%103 == 19:
			fmt.Fprintf(&b, `{"rule":{"level":99},"n":%d}`, i)
		default:
			b.WriteString(alert(i, ms(i)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func ascending(i int) int64 { return startMillis + int64(i)*1000 }

// write makes a file and returns its path.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func inputs(t testing.TB, paths ...string) []source.Input {
	t.Helper()
	var all []source.Input
	for _, p := range paths {
		in := source.Input{Name: p, Open: openFile(p)}
		info, err := os.Stat(p)
		if err == nil {
			in.Size = info.Size()
		}
		all = append(all, in)
	}
	return all
}

// setup is a run's configuration with small limits, so that little input makes
// many chunks, groups and objects.
func setup(t testing.TB, root string, workers int, ins []source.Input) Config {
	t.Helper()
	return Config{Engine: enginetest.Compile(t, engine.Options{}, mapping), Inputs: ins, Workers: workers,
		Region: "us-east-1", Account: "external",
		Read:    source.Options{ChunkBytes: 8 << 10},
		Limits:  lake.Limits{RowGroupRows: 200, ObjectBytes: 512 << 10},
		Out:     sink(t, root),
		Rejects: sink(t, filepath.Join(root, "rejects")),
	}
}

func sink(t testing.TB, root string) *dir.Sink {
	t.Helper()
	s, err := dir.Open(root, dir.Shared)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// closeAll ends the sinks of a configuration, as a front door does.
func closeAll(t testing.TB, c Config) {
	t.Helper()
	for _, s := range []lake.Sink{c.Rejects, c.JSON, c.Out} {
		if d, ok := s.(*dir.Sink); ok && d != nil {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// tree reads every file below root.
func tree(t testing.TB, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return files
}

// differ says where two trees differ, "" when they do not.
func differ(a, b map[string][]byte) string {
	for name, data := range a {
		if other, ok := b[name]; !ok {
			return name + " is in the first only"
		} else if !bytes.Equal(data, other) {
			return name + " has other bytes"
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			return name + " is in the second only"
		}
	}
	return ""
}
