package table

import "sync"

// segments is a growing sequence of bytes. Small pieces are joined, large ones are
// never copied to grow. Memory comes from a pool, and goes back with release.
type segments struct {
	pool  *sync.Pool // *[segmentBytes]byte
	parts [][]byte
}

const segmentBytes = 64 << 10

func (s *segments) write(p []byte) {
	if n := len(s.parts) - 1; n >= 0 && len(s.parts[n])+len(p) <= cap(s.parts[n]) {
		s.parts[n] = append(s.parts[n], p...)
		return
	}
	if len(p) > segmentBytes {
		s.parts = append(s.parts, append(make([]byte, 0, len(p)), p...))
		return
	}
	segment, ok := s.pool.Get().(*[segmentBytes]byte)
	if !ok {
		segment = new([segmentBytes]byte)
	}
	s.parts = append(s.parts, append(segment[:0], p...))
}

func (s *segments) release() {
	for i, p := range s.parts {
		if cap(p) == segmentBytes {
			s.pool.Put((*[segmentBytes]byte)(p[:segmentBytes]))
		}
		s.parts[i] = nil
	}
	s.parts = s.parts[:0]
}
