package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Law: Readers that share a Memory read what they read with one of their own, whatever
// the Readers before them read and however these ended.
func TestReadersShareMemory(t *testing.T) {
	shared := new(Memory)
	long := bytes.Repeat([]byte("x"), 5000)
	for n := range 30 {
		lines := someLines(100 * n)
		for kind, data := range map[string][]byte{
			"plain": lines, "gzip": gzipped(t, lines), "zstd": zstded(t, lines), "long": append(long, lines...),
			"cut": gzipped(t, lines)[:len(gzipped(t, lines))-9],
		} {
			in := bytesInput("in", data, atOnce)
			want, wantChunks, wantDigest := readAll(t, in, Options{ChunkBytes: 1000})
			got, gotChunks, gotDigest := readAll(t, in, Options{ChunkBytes: 1000, Memory: shared})
			if !reflect.DeepEqual(want, got) || !reflect.DeepEqual(wantChunks, gotChunks) || wantDigest != gotDigest {
				t.Fatalf("%s of %d lines: %d lines, digest %s, want %d, %s", kind, 100*n, len(got), gotDigest, len(want), wantDigest)
			}
			if digest, err := Digest(t.Context(), in, Options{Memory: shared}); err != nil || digest != wantDigest {
				t.Errorf("%s: digest %s, want %s (%v)", kind, digest, wantDigest, err)
			}
		}
		closedEarly(t, shared)
	}
}

// Law: what an input is said to have, which may be wrong, changes nothing of what is read, and
// a Reader holds no more than was said and what it asked for.
func TestSizesMayBeWrong(t *testing.T) {
	lines := someLines(300)
	opt := Options{ChunkBytes: 1000, Memory: new(Memory)}
	for kind, data := range map[string][]byte{
		"plain": lines, "gzip": gzipped(t, lines), "zstd": zstded(t, lines), "empty": nil,
		"long": append(bytes.Repeat([]byte("x"), 5000), lines...), "array": []byte(`[{"a":1},{"a":2}]`),
	} {
		in := bytesInput("in", data, atOnce)
		in.Size = -1
		want, wantChunks, wantDigest := readWithin(t, in, opt)
		for _, size := range []int{0, 1, 9, 300, 999, 1000, 1001, len(data) / 2, max(0, len(data)-1), len(data), len(data) + 1, 5 * len(data)} {
			in.Size = int64(size)
			got, gotChunks, gotDigest := readWithin(t, in, opt)
			if !reflect.DeepEqual(want, got) || !reflect.DeepEqual(wantChunks, gotChunks) || wantDigest != gotDigest {
				t.Errorf("%s of %d bytes, said to have %d: %d lines in %d chunks, want %d in %d", kind, len(data), size, len(got), len(gotChunks), len(want), len(wantChunks))
			}
		}
	}
}

// The window of a zstd stream is asked for before it is made.
func TestWindowsAskForMemory(t *testing.T) {
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed, zstd.WithWindowSize(8<<20))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat(someLines(1000), 300)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	opt := Options{Grow: func(n int64) error {
		if n == 8<<20 {
			return full
		}
		return nil
	}}
	r, err := NewReader(t.Context(), bytesInput("in", packed.Bytes(), atOnce), opt)
	if err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

// readWithin reads to the end, and checks after each chunk what the Reader holds.
func readWithin(t *testing.T, in Input, opt Options) (lines []Line, chunks []extent, digest string) {
	t.Helper()
	granted := int64(0)
	opt.Grow = func(n int64) error { granted += n; return nil }
	r, err := NewReader(t.Context(), in, opt)
	if err != nil {
		t.Fatal(err)
	}
	for {
		over := r.AtEnd()
		c, err := r.Next()
		if err == io.EOF {
			return lines, chunks, r.Digest()
		}
		if err != nil || over {
			t.Fatalf("another chunk at the end: %t (%v)", over, err)
		}
		const end = 1
		if most := int64(opt.FirstChunk(in)+end) + granted; int64(len(r.window)) > most {
			t.Fatalf("%d bytes said to be %d: a window of %d, at most %d should be", r.BytesIn(), in.Size, len(r.window), most)
		}
		chunks = append(chunks, extent{c.Ordinal, c.First, c.Count, c.Offset})
		for line := range c.Lines() {
			lines = append(lines, line)
		}
	}
}

func closedEarly(t *testing.T, m *Memory) {
	r, err := NewReader(t.Context(), bytesInput("in", someLines(500), atOnce), Options{ChunkBytes: 1000, Memory: m})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := r.Next(); err == nil {
		t.Error("a closed Reader reads on")
	}
}

// late is a read that ends only after its Reader was given up, and then writes.
type late struct{ reached, go_, done chan struct{} }

func (l late) Read(p []byte) (int, error) {
	close(l.reached)
	<-l.go_
	for i := range p {
		p[i] = '!'
	}
	close(l.done)
	return len(p), io.EOF
}

// A read that is left behind does not write into the buffers of another Reader.
func TestAReadLeftBehindKeepsItsBuffers(t *testing.T) {
	shared := new(Memory)
	l := late{make(chan struct{}), make(chan struct{}), make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	stuck := Input{Name: "stuck", Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(l), nil }}
	r, err := NewReader(ctx, stuck, Options{Memory: shared})
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-l.reached; cancel() }()
	if _, err := r.Next(); err == nil {
		t.Fatal("a cancelled Reader reads on")
	}
	data := someLines(300)
	next, err := NewReader(t.Context(), bytesInput("in", data, atOnce), Options{Memory: shared})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := next.HoldsRejects(); err != nil {
		t.Fatal(err)
	}
	close(l.go_)
	<-l.done
	c, err := next.Next()
	if err != nil || c.text != string(data) {
		t.Errorf("the Reader reads other lines (%v)", err)
	}
}

// Law: what is used again for chunks holds what was asked for, and at most a quarter more.
func TestSizesOfChunks(t *testing.T) {
	m, numbers := new(Memory), map[int]int{}
	for n := leastKept; n <= mostKept; n += 1 + n/1000 {
		size, number := sizeOf(n)
		if size < n || size > n+n/4 || number < 0 || number >= chunkSizes {
			t.Fatalf("%d bytes get %d, number %d", n, size, number)
		}
		if other, ok := numbers[number]; ok && other != size {
			t.Fatalf("number %d is of %d and of %d bytes", number, other, size)
		}
		numbers[number] = size
		b, kept := m.bytes(n, mostKept)
		if len(b) != n || len(*kept) != size {
			t.Fatalf("%d bytes are %d of %d", n, len(b), len(*kept))
		}
		m.keep(kept)
	}
	for _, n := range []int{1, leastKept - 1, 2 << 20, mostKept + 1} {
		if b, kept := m.bytes(n, 1<<20); len(b) != n || kept != nil {
			t.Errorf("%d bytes are %d, to be used again: %v", n, len(b), kept != nil)
		}
	}
}

// TestIdleChunksAreBounded: the memory of chunks is used again, and what is idle does not grow with
// their number, whatever their sizes.
func TestIdleChunksAreBounded(t *testing.T) {
	m := new(Memory)
	for round, n := range []int{1 << 20, 900 << 10, 8 << 10, 1 << 20} {
		var all []*[]byte
		for range 40 {
			_, kept := m.bytes(n, mostKept)
			all = append(all, kept)
		}
		for _, kept := range all {
			m.keep(kept)
		}
		idle := 0
		for _, size := range m.chunks {
			for _, kept := range size {
				idle += len(*kept)
			}
		}
		if idle != m.idle || idle == 0 || idle > mostIdle {
			t.Errorf("round %d: %d bytes are idle, by the account %d", round, idle, m.idle)
		}
		if _, kept := m.bytes(n, mostKept); kept != all[len(all)-1] {
			t.Errorf("round %d: what was kept last is not used again", round)
		}
	}
}
