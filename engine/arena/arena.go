// Package arena lends memory that is taken back all at once.
//
// What is made of one alert lives as long as the alert. A worker that lends the memory for it
// allocates nothing once it has seen alerts of that size.
package arena

import "unsafe"

// Bounds of the bytes that an Arena keeps. What does not fit comes from the heap: a few alerts
// are very large, and their memory must not stay.
const (
	leastBytes = 1 << 10
	mostBytes  = 256 << 10
)

// Arena lends slices of T. It belongs to one goroutine; the zero Arena is ready. A nil Arena
// allocates each slice, which then is the caller's for good.
type Arena[T any] struct {
	memory []T // in use up to its length
}

// Make returns a slice of n zero values, which is valid until Reset.
func (a *Arena[T]) Make(n int) []T {
	if a == nil {
		return make([]T, n)
	}
	from := len(a.memory)
	if n > cap(a.memory)-from {
		if !a.grow(n) {
			return make([]T, n)
		}
		from = 0
	}
	a.memory = a.memory[:from+n]
	return a.memory[from : from+n : from+n]
}

// grow makes room for n values. What was lent before keeps the memory so far.
func (a *Arena[T]) grow(n int) bool {
	size := int(unsafe.Sizeof(*new(T)))
	most := mostBytes / size
	if n > most || cap(a.memory) == most {
		return false
	}
	a.memory = make([]T, 0, min(most, max(n, 2*cap(a.memory), leastBytes/size)))
	return true
}

// Append appends to a slice that Make or Append has returned. Memory that becomes too small
// for it is lent again.
func (a *Arena[T]) Append(to []T, v T) []T {
	if len(to) == cap(to) {
		more := a.Make(max(4, 2*cap(to)))[:len(to)]
		copy(more, to)
		to = more
	}
	return append(to, v)
}

// Reset takes all memory back.
func (a *Arena[T]) Reset() {
	clear(a.memory)
	a.memory = a.memory[:0]
}
