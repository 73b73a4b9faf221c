package cli_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Attackers: A, D. An alert of 128 MiB, which packs to less than one, is taken with the members behind its giant value, in bounded memory.
func TestAttackLongLines(t *testing.T) {
	t.Parallel()
	slow(t)
	const size = 128 << 20
	for name, giant := range map[string][3]string{
		"a string":          {`"`, "log ", `"`},
		"escapes":           {`"`, `\n\ud83d\ude00`, `"`},
		"a list":            {"[", "1,", "1]"},
		"a list of objects": {"[", `{"a":[["b","c","d","e"],"f","g"]},`, "1]"},
		"an object":         {"{", `"k":[1],`, `"k":1}`},
		"white space":       {"", " ", "1"},
	} {
		dir := t.TempDir()
		packed := packed(t, func(w io.Writer) error {
			_, err := io.WriteString(w, `{"data":`+giant[0])
			for block, n := []byte(strings.Repeat(giant[1], 1<<16/len(giant[1]))), 0; err == nil && n < size; n += len(block) {
				_, err = w.Write(block)
			}
			if err == nil {
				_, err = io.WriteString(w, giant[2]+`,"id":"17","timestamp":"2026-03-14T06:00:00Z","rule":{"id":"5","level":3,"description":"found"}}`+"\n")
			}
			return err
		})
		if len(packed) > 1<<20 {
			t.Fatalf("%s packs to %d bytes", name, len(packed))
		}
		if err := os.WriteFile(filepath.Join(dir, "a.json.gz"), packed, 0o600); err != nil {
			t.Fatal(err)
		}
		r := attack{dir: dir, output: 64 << 20}.run(t, "run", "--workers", "2", "-o", "-", "a.json.gz")
		if r.code != 0 || !strings.Contains(r.stderr, "1 alert beyond a limit") || !strings.Contains(r.stdout, `"title":"found"`) || !strings.Contains(r.stdout, `_truncated.sha256`) {
			t.Errorf("%s: exit %d: %.1000s", name, r.code, r.stderr)
		}
	}
}

// packed returns what write writes, as gzip.
func packed(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		err = write(w)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
