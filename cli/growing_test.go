package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/source"
)

func TestGrowingFiles(t *testing.T) {
	var args []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	found, err := source.Expand(args, nil)
	if err != nil {
		t.Fatal(err)
	}
	if w := growing(found, hasGrown); len(w) > 0 {
		t.Errorf("files that did not grow: %q", w)
	}
	for _, path := range args {
		if err := os.WriteFile(path, []byte("{}\n{}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if w := growing(found, hasGrown); len(w) != 6 || !strings.HasPrefix(w[0], args[0]+" looks like") || w[5] != "2 other files too" {
		t.Errorf("%q", w)
	}
	now := time.Now()
	live := source.Input{Name: "/var/ossec/logs/alerts/alerts.json", Modified: now.Add(-time.Minute)}
	for _, test := range []struct {
		change func(*source.Input)
		want   bool
	}{
		{func(*source.Input) {}, true},
		{func(in *source.Input) { in.Name = "/var/ossec/logs/archives/archives.json" }, true},
		{func(in *source.Input) { in.Name = "/var/ossec/logs/alerts/ossec-alerts-14.json" }, false},
		{func(in *source.Input) { in.Modified = now.Add(-2 * time.Hour) }, false},
		{func(in *source.Input) { in.Remote = true }, false},
		{func(in *source.Input) { in.Size = -1 }, false},
	} {
		in := live
		test.change(&in)
		if isLive(in, now) != test.want {
			t.Errorf("%+v: want %t", in, test.want)
		}
	}
}
