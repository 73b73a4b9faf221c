package source

import (
	"bufio"
	"math/bits"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/zeebo/xxh3"
)

// Memory keeps the buffers of Readers that were closed for the Readers after them:
// without it, ten thousand small inputs allocate more than a megabyte each. The zero
// value is ready to use. Any number of goroutines may share a Memory.
type Memory struct {
	pool sync.Pool

	mu     sync.Mutex
	chunks [chunkSizes][]*[]byte // that are idle, for the lines of chunks, by size
	idle   int                   // bytes of these
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

// bytes returns memory for n bytes of a chunk, and for Memory.chunks, if it belongs there.
func (m *Memory) bytes(n, chunkBytes int) (b []byte, kept *[]byte) {
	if n < leastKept || n > min(chunkBytes, mostKept) {
		return make([]byte, n), nil
	}
	size, number := sizeOf(n)
	if kept = m.reuse(number); kept == nil {
		buffer := make([]byte, size)
		kept = &buffer
	}
	return (*kept)[:n], kept
}

// reuse returns what was kept last, which is most likely to be in the caches; nil if nothing is idle.
func (m *Memory) reuse(number int) *[]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := len(m.chunks[number]) - 1
	if last < 0 {
		return nil
	}
	kept := m.chunks[number][last]
	m.chunks[number] = m.chunks[number][:last]
	m.idle -= len(*kept)
	return kept
}

// mostIdle is the most memory of chunks that waits for others, in bytes. A pool of the runtime's has
// no bound, and kept more than a run with two workers has of chunks at any time.
const mostIdle = 8 << 20

// keep takes back what bytes returned. If too much is idle, chunks have other sizes by now.
func (m *Memory) keep(kept *[]byte) {
	_, number := sizeOf(len(*kept))
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.idle+len(*kept) > mostIdle {
		m.chunks, m.idle = [chunkSizes][]*[]byte{}, 0
	}
	m.chunks[number] = append(m.chunks[number], kept)
	m.idle += len(*kept)
}

// Chunks of between these sizes get their memory from those before them. It has one of a few
// sizes, of which a power of two and the next have four between them, so that chunks of about
// the same size share it and at most a fifth of it is left over.
const (
	leastKept  = 4 << 10
	mostKept   = 16 << 20
	chunkSizes = 4 * 13
)

// sizeOf returns the least of the sizes that holds n bytes, and its number.
func sizeOf(n int) (size, number int) {
	power := bits.Len(uint(n - 1)) // of two, not less than n
	step := 1 << (power - 3)
	steps := (n + step - 1) / step
	return steps * step, 4*(power-bits.Len(leastKept-1)) + steps - 5
}
