package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// expanding is alerts of which each becomes much more than it is: every item of a list
// repeats a long key.
func expanding(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"timestamp":%d,"id":"%d","rule":{"level":3,"description":"d"},"%s":[%s1]}`+"\n",
			ascending(i), i, fmt.Sprint(i)+strings.Repeat("k", 1000), strings.Repeat("1,", 500))
	}
	return b.String()
}

// long is alerts of many megabytes each.
func long(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"timestamp":%d,"id":"%d","rule":{"level":3,"description":"d"},"full_log":"%s"}`+"\n",
			ascending(i), i, strings.Repeat("log ", 3<<20))
	}
	return b.String()
}

// beyond is alerts over the limit of a line.
func beyond(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"full_log":"%s","timestamp":%d,"id":"%d","rule":{"level":3,"description":"d"}}`+"\n",
			strings.Repeat("log ", 6<<20), ascending(i), i)
	}
	return b.String()
}

// A run keeps its bytes within the account, whatever its input, and what it writes does
// not depend on how many there are.
func TestMemoryIsKept(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		files int
	}{
		"alerts":               {alerts(60_000, ascending), 1},
		"many files":           {alerts(1_000, ascending), 60},
		"lines that expand":    {expanding(300), 1},
		"lines of 12 MiB":      {long(8), 1},
		"lines of 24 MiB":      {beyond(3), 1},
		"files with long ones": {long(1), 8},
	} {
		t.Run(name, func(t *testing.T) {
			var ins []source.Input
			for i := range test.files {
				text := test.text + strings.Repeat("\n", i)
				ins = append(ins, source.Input{Name: fmt.Sprintf("%03d", i), Size: int64(len(text)), Open: readerOf(text)})
			}
			var first map[string][]byte
			for _, workers := range []int{1, 4} {
				for _, total := range []int64{16 << 20, 80 << 20} {
					account := memory.New(total, false)
					_, files := runTo(t, func(c *Config) {
						c.Workers, c.Memory, c.Limits, c.Read = workers, account.Open(0, 0), lake.Limits{}, source.Options{}
					}, ins...)
					// However small the account is, rows are held to be sorted, and one row
					// group or long line passes through.
					most := max(total, 48<<20) + 48<<20 + int64(workers)<<23
					if account.Peak() > most {
						t.Errorf("%d workers: %d KiB were held at a time, at most %d should be", workers, account.Peak()>>10, most>>10)
					}
					if first == nil {
						first = files
					}
					if d := differ(first, files); d != "" {
						t.Errorf("%d workers, %d MiB: %s", workers, total>>20, d)
					}
				}
			}
		})
	}
}
