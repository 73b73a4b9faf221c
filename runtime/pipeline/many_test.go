package pipeline

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/source"
)

// What a run keeps of an input that is written does not depend on its size: a bucket may
// have a hundred thousand small ones.
func TestMemoryOfManyInputs(t *testing.T) {
	const inputs, most = 600, 4 << 10
	var first, last int64
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	pad := strings.Repeat(" ", 32<<10)
	var ins []source.Input
	for i := range inputs {
		text := alert(i, ascending(i)) + pad + "\n"
		ins = append(ins, source.Input{Name: fmt.Sprintf("s3://bucket/%06d", i), Size: int64(len(text)), Remote: true, Open: func(context.Context) (io.ReadCloser, error) {
			switch i {
			case 100:
				first = heap()
			case inputs - 1:
				last = heap()
			}
			return io.NopCloser(strings.NewReader(alert(i, ascending(i)) + pad + "\n")), nil
		}})
	}
	res, _ := runTo(t, func(c *Config) { c.EarlyIdentity, c.Workers = true, 1 }, ins...)
	if res.Events != inputs {
		t.Fatalf("%d events of %d", res.Events, inputs)
	}
	if each := (last - first) / (inputs - 100); each > most {
		t.Errorf("each input keeps %d bytes, %d are enough", each, most)
	}
}
