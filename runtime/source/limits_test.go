package source

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// letters yields n bytes without holding them, then the rest.
type letters struct {
	n    int64
	rest string
}

func (l *letters) Read(p []byte) (int, error) {
	if l.n == 0 {
		n := copy(p, l.rest)
		l.rest = l.rest[n:]
		if n == 0 {
			return 0, io.EOF
		}
		return n, nil
	}
	p = p[:min(int64(len(p)), l.n)]
	for i := range p {
		p[i] = 'x'
	}
	l.n -= int64(len(p))
	return len(p), nil
}

// TestMemoryOfALongLine counts all that is ever allocated, which is more than
// what is held at any time and does not depend on the garbage collector.
func TestMemoryOfALongLine(t *testing.T) {
	for _, ends := range [][2]string{{"", ""}, {`{"a":"`, `"}`}, {`{"a":"`, `"}}`}} {
		memoryOfALongLine(t, ends[0], ends[1])
	}
}

func memoryOfALongLine(t *testing.T, begin, end string) {
	t.Helper()
	const size, bound = 40 << 20, 8 << 20
	in := Input{Name: "in", Size: size + 4 + int64(len(begin)+len(end)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(begin), &letters{n: size, rest: end + "\r\n{}"})), nil
	}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	lines, _, _ := readAll(t, in, Options{LineLimit: 1 << 20})
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > bound {
		t.Errorf("a line of %d MiB took %d bytes, want at most %d", size>>20, got, bound)
	}
	want := plainLines("in", []byte(begin+strings.Repeat("x", size)+end+"\r\n{}"), 1<<20)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestLineLimitIsExact(t *testing.T) {
	for _, chunk := range []int{16, 64 << 10, 1 << 20} {
		for _, end := range []string{"", "\n", "\r\n", "\n{}"} {
			for _, extra := range []int{-1, 0, 1} {
				data := []byte("1\n" + strings.Repeat("x", 100_000+extra) + end)
				lines, _, _ := readAll(t, bytesInput("in", data, atOnce), Options{ChunkBytes: chunk, LineLimit: 100_000})
				if diff := cmp.Diff(plainLines("in", data, 100_000), lines); diff != "" {
					t.Errorf("chunk %d, limit%+d, end %q (-want +got):\n%s", chunk, extra, end, diff)
				}
				if over := lines[1].Bad != nil; over != (extra > 0) {
					t.Errorf("a line of %d bytes: over the limit is %t", 100_000+extra, over)
				}
			}
		}
	}
}

func TestLongestLineFitsItsReject(t *testing.T) {
	const limit = 1 << 20
	for name, raw := range map[string]string{
		"quotes":     strings.Repeat(`"`, limit),
		"NUL":        strings.Repeat("\x00", limit),
		"not UTF-8":  strings.Repeat("\xff", limit),
		"just plain": strings.Repeat(`"abcdef`, limit/7+1)[:limit],
	} {
		reject := Reject{
			Origin: strings.Repeat("\x01", 4096), Line: 3, Raw: raw,
			Reason: strings.Repeat("\x01", 1<<20), Where: strings.Repeat("\x01", 1<<20),
		}
		data := append(reject.AppendJSON(nil), "\n{}\n"...)
		lines, _, _ := readAll(t, bytesInput("in", data, atOnce), Options{LineLimit: limit})
		if len(lines) != 2 || lines[0].Bad != nil || lines[0].Text != raw || lines[0].OriginLine != 3 || lines[1].Text != "{}" {
			t.Errorf("%s: a line of the limit does not come back from its reject", name)
		}
	}
}

func TestOpenFails(t *testing.T) {
	in := Input{Name: "in", Open: func(context.Context) (io.ReadCloser, error) { return nil, errors.New("no route") }}
	_, err := NewReader(t.Context(), in, Options{})
	if err == nil || !strings.Contains(err.Error(), "in: no route") {
		t.Errorf("error %v, want one that names the input and the cause", err)
	}
}

func TestDiskFails(t *testing.T) {
	broken := errors.New("input/output error")
	plain := someLines(1000)
	for name, stored := range map[string][]byte{"plain": plain, "gzip": gzipped(t, plain), "zstd": zstded(t, plain)} {
		for _, n := range []int{0, 1, 5, len(stored) / 2, len(stored)} {
			in := bytesInput("in", stored[:n], func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(broken)) })
			if _, err := Digest(t.Context(), in, Options{}); !errors.Is(err, broken) {
				t.Errorf("%s, %d bytes: Digest gives %v", name, n, err)
			}
			r, err := NewReader(t.Context(), in, Options{ChunkBytes: 100})
			for err == nil {
				_, err = r.Next()
			}
			if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "in: ") {
				t.Errorf("%s, %d bytes: error %v", name, n, err)
			}
			if _, again := r.Next(); again != err || r.Digest() != "" {
				t.Errorf("%s, %d bytes: after %v comes %v, digest %q", name, n, err, again, r.Digest())
			}
		}
	}
}

func TestReaderThatGivesNothing(t *testing.T) {
	in := Input{Name: "in", Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(nothing{}), nil }}
	if _, err := Digest(t.Context(), in, Options{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want %v", err, io.ErrNoProgress)
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

// TestHostileTexts: the work and the memory that damage takes grow with the input
// and not with its square: 4 MiB of the worst take seconds, not days.
func TestHostileTexts(t *testing.T) {
	const size = 4 << 20
	for _, part := range []string{
		`{"a":1}x`, `{"a":1},`, `{"timestamp":1}]`, `{"timestamp":"x`, `{"timestamp":{"a":`, `{"a":[`, "[", "[{", `[{"a":1}`, `[]`, "\x00", "{\n", "{\"a\":1}\n\x00", "}{\"timestamp\":[1,",
		`{"took":1,"hits":{"hits":[`, `{"took":{`, `{"index":{}}`, `{"timestamp":"\u00`, `{"timestamp":1}{"timestamp":1}x`,
	} {
		for _, start := range []string{"", `{"timestamp":1}{"a":2}`, "{\n\"timestamp\":1}\n", `[{"timestamp":1},`, "{}\n"} {
			data := start + strings.Repeat(part, (size-len(start))/len(part))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n := textOf(t, data)
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 1<<30 || n > size {
				t.Errorf("%.30q and then %q: %d MiB are allocated for %d bytes of text", start, part, got>>20, n)
			}
		}
	}
}

// textOf reads data to its end, splits all lines, and counts the bytes in the lines.
func textOf(t *testing.T, data string) (n int) {
	t.Helper()
	r, err := NewReader(t.Context(), bytesInput("in", []byte(data), atOnce), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		c, err := r.Next()
		if err == io.EOF {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		for l := range c.Lines() {
			n += len(l.Text)
			l.Split()
		}
	}
}
