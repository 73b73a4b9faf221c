package profile

import (
	"math"
	"math/bits"
	"slices"
)

// Distinct values are counted exactly up to mostExact, and then estimated from 2048
// registers (HyperLogLog), with a standard error of 2.3 %.
const (
	mostExact    = 256
	registerBits = 11
	registers    = 1 << registerBits
)

// distinct counts distinct values by their hashes. It takes at most 2 KiB.
type distinct struct {
	exact []uint64 // ascending
	ranks []uint8  // of the registers; nil while exact is kept
}

func (d *distinct) add(hash uint64) {
	if d.ranks != nil {
		d.register(hash)
		return
	}
	at, found := slices.BinarySearch(d.exact, hash)
	if found {
		return
	}
	d.exact = slices.Insert(d.exact, at, hash)
	if len(d.exact) > mostExact {
		d.estimate()
	}
}

// estimate goes on without the exact values.
func (d *distinct) estimate() {
	d.ranks = make([]uint8, registers)
	for _, hash := range d.exact {
		d.register(hash)
	}
	d.exact = nil
}

func (d *distinct) register(hash uint64) {
	at := hash >> (64 - registerBits)
	rank := uint8(bits.LeadingZeros64(hash<<registerBits|1<<(registerBits-1))) + 1
	d.ranks[at] = max(d.ranks[at], rank)
}

// merge adds the values of another count.
func (d *distinct) merge(o *distinct) {
	for _, hash := range o.exact {
		d.add(hash)
	}
	if o.ranks == nil {
		return
	}
	if d.ranks == nil {
		d.estimate()
	}
	for i, rank := range o.ranks {
		d.ranks[i] = max(d.ranks[i], rank)
	}
}

// count returns how many values there were, and whether that is exact.
func (d *distinct) count() (n int64, exact bool) {
	if d.ranks == nil {
		return int64(len(d.exact)), true
	}
	sum, empty := 0.0, 0
	for _, rank := range d.ranks {
		sum += math.Ldexp(1, -int(rank))
		if rank == 0 {
			empty++
		}
	}
	const m = float64(registers)
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		estimate = m * math.Log(m/float64(empty)) // linear counting is closer there
	}
	return int64(math.Round(estimate)), false
}

// hashOf is a hash of 64 well mixed bits, the same on every machine.
func hashOf(text string) uint64 {
	h := uint64(14695981039346656037)
	for len(text) >= 8 {
		word := uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
			uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
		h = mix(h ^ word)
		text = text[8:]
	}
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return mix(h ^ uint64(len(text))<<56)
}

// mix is the finalizer of SplitMix64.
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
