package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus is every sample and every malformed line, so many times over and
// shuffled: some chunks long, over many days, with rejects in between.
func corpus(t *testing.T, times int, seed uint64) []byte {
	t.Helper()
	var lines []string
	for _, name := range append(sampleKinds(t), "../testdata/malformed.ndjson") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	var out bytes.Buffer
	for range times {
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		for _, line := range lines {
			// Some days more, and an order that is not that of time.
			line = strings.Replace(line, `"2026-03-14T06:0`, fmt.Sprintf(`"2026-03-%02dT06:%d`, 10+r.IntN(3), r.IntN(6)), 1)
			out.WriteString(line + "\n")
		}
		out.WriteString("\n")
	}
	return out.Bytes()
}

// alertLines makes so many bytes of alerts that do not compress well.
func alertLines(bytes int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	var out []byte
	for i := 0; len(out) < bytes; i++ {
		out = fmt.Appendf(out, `{"timestamp":%d,"id":"%d","rule":{"id":"1","level":%d},"full_log":"%x%x"}`+"\n",
			1773468000000+i, i, i%16, r.Uint64(), r.Uint64())
	}
	return out
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
