package pipeline

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/source"
)

// slow are inputs of which each opens only once the others after it are open or were, or fails
// after a while.
func slow(n, others int) (ins []source.Input) {
	opened, late := make([]chan struct{}, n), make(chan struct{})
	time.AfterFunc(20*time.Second, func() { close(late) })
	for i := range n {
		opened[i] = make(chan struct{})
		text := alerts(20, func(k int) int64 { return ascending(i*20 + k) }) + strings.Repeat("\n", i)
		ins = append(ins, source.Input{Name: fmt.Sprintf("%03d", i), Size: -1, Open: func(ctx context.Context) (io.ReadCloser, error) {
			close(opened[i])
			select {
			case <-opened[min(i+others, n-1)]:
			case <-late:
				return nil, fmt.Errorf("input %d is not open when %d is", min(i+others, n-1), i)
			}
			return io.NopCloser(strings.NewReader(text)), nil
		}})
	}
	return ins
}

// Inputs are opened before those in front of them are read, sixteen at a time, and yet what
// becomes of them is in their order and the same as one after the other.
func TestInputsAreOpenedAhead(t *testing.T) {
	for _, merge := range []bool{false, true} {
		change := func(c *Config) { c.Merge = merge }
		one, want := runTo(t, change, slow(40, 0)...)
		ahead, got := runTo(t, change, slow(40, 15)...)
		if d := differ(want, got); d != "" {
			t.Errorf("merge %t: %s", merge, d)
		}
		if diff := cmp.Diff(one.Inputs, ahead.Inputs); diff != "" {
			t.Errorf("merge %t: %s", merge, diff)
		}
	}
}

// A small input takes as much of the account as it has; one that is packed, or larger than was said,
// as much as it holds, once that is known. So what is left is for rows.
func TestSmallInputsCountAsSmall(t *testing.T) {
	const usual = 1 << 20
	text := alert(0, ascending(0)) + strings.Repeat("\n", 400<<10)
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
		t.Fatal("nothing is packed", err)
	}
	for name, test := range map[string]struct {
		text       string
		size       int
		first, max int // bytes of the first chunk, and most that are taken besides readerBytes
	}{
		"plain":    {text, len(text), len(text), 3 * len(text)},
		"packed":   {packed.String(), packed.Len(), len(text), 2*len(text) + usual},
		"grown":    {text, 1000, len(text), 2*len(text) + usual},
		"a stream": {text, -1, len(text), 3 * usual},
		"large":    {strings.Repeat(text, 5), 5 * len(text), 2 * len(text), 3 * usual},
	} {
		in := source.Input{Name: name, Size: int64(test.size), Open: readerOf(test.text)}
		c := setup(t, filepath.Join(t.TempDir(), "lake"), 1, []source.Input{in})
		c.Read = source.Options{ChunkBytes: usual, Memory: new(source.Memory)}
		if err := c.check(); err != nil {
			t.Fatal(err)
		}
		c.Warm = new(Warm)
		r := newRun(&c, nil)
		p := &part{run: r, unit: r.newUnit(c.Inputs)}
		chunk, err := p.begin(t.Context())
		if err != nil {
			t.Fatal(name, err)
		}
		p.reader.Close()
		if least := inProgress * int64(chunk.Size()); chunk.Size() < test.first || p.room < least || p.held < p.room+readerBytes {
			t.Errorf("%s: %d bytes, of which %d for a chunk of %d, which takes %d", name, p.held, p.room, chunk.Size(), least)
		}
		if most := int64(test.max + readerBytes); p.held > most {
			t.Errorf("%s: %d bytes, at most %d should be", name, p.held, most)
		}
		closeAll(t, c)
	}
}
