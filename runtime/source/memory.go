package source

import (
	"bufio"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/zeebo/xxh3"
)

// Memory keeps the buffers of Readers that were closed for the Readers after them:
// without it, ten thousand small inputs allocate more than a megabyte each. The zero
// value is ready to use. Any number of goroutines may share a Memory.
type Memory struct {
	pool   sync.Pool
	chunks sync.Pool // of *[]byte, for the lines of chunks
}

// buffers belong to one Reader at a time.
type buffers struct {
	packed *bufio.Reader
	window []byte
	hash   *xxh3.Hasher
	gzip   *gzip.Reader // nil until it is needed
}

// take returns buffers for reading raw.
func (m *Memory) take(raw *raw) *buffers {
	b, ok := m.pool.Get().(*buffers)
	if !ok {
		return &buffers{packed: bufio.NewReaderSize(raw, rawBytes), hash: xxh3.New()}
	}
	b.packed.Reset(raw)
	b.hash.Reset()
	return b
}

// give takes buffers back. Nothing may write to them any more.
func (m *Memory) give(b *buffers) {
	b.packed.Reset(nil)
	if cap(b.window) > keptWindow {
		b.window = nil
	}
	m.pool.Put(b)
}

// bytes returns memory for n bytes of a chunk, and for Memory.chunks, if it belongs there:
// what is small is made anew, for it would be too large for itself or too small for others.
func (m *Memory) bytes(n, chunkBytes int) (b []byte, kept *[]byte) {
	if n > chunkBytes || 2*n < chunkBytes {
		return make([]byte, n), nil
	}
	kept, ok := m.chunks.Get().(*[]byte)
	if !ok || cap(*kept) < n {
		b = make([]byte, chunkBytes)
		kept = &b
	}
	return (*kept)[:n], kept
}
