package verify

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/parquet-go/parquet-go"
)

// order is that of the values of a column, as statistics have it.
type order uint8

const (
	unordered order = iota
	integers        // signed
	floats
	texts // by their bytes
)

// bounds are the least and the greatest of some values of a column.
type bounds struct {
	order         order
	any           bool
	least, most   int64
	lowest, peak  float64
	first, last   []byte
	borrows       bool // texts are those of a page, which is about to go
	firstB, lastB []byte
}

func (b *bounds) reset(o order, borrows bool) {
	b.order, b.any, b.borrows = o, false, borrows
}

func (b *bounds) integer(v int64) {
	if !b.any {
		b.any, b.least, b.most = true, v, v
		return
	}
	b.least, b.most = min(b.least, v), max(b.most, v)
}

// float adds a number; NaN is in no order.
func (b *bounds) float(v float64) {
	switch {
	case math.IsNaN(v):
	case !b.any:
		b.any, b.lowest, b.peak = true, v, v
	default:
		b.lowest, b.peak = min(b.lowest, v), max(b.peak, v)
	}
}

func (b *bounds) text(v []byte) {
	if !b.any || bytes.Compare(v, b.first) < 0 {
		b.first = b.kept(&b.firstB, v)
	}
	if !b.any || bytes.Compare(v, b.last) > 0 {
		b.last = b.kept(&b.lastB, v)
	}
	b.any = true
}

func (b *bounds) kept(buf *[]byte, v []byte) []byte {
	if b.borrows {
		return v
	}
	*buf = append((*buf)[:0], v...)
	return *buf
}

func (b *bounds) value(v parquet.Value) {
	switch b.order {
	case integers:
		b.integer(integerOf(v))
	case floats:
		b.float(floatOf(v))
	case texts:
		b.text(v.ByteArray())
	}
}

// join adds what other bounds have of the same column.
func (b *bounds) join(o *bounds) {
	if !o.any {
		return
	}
	switch b.order {
	case integers:
		b.integer(o.least)
		b.integer(o.most)
	case floats:
		b.float(o.lowest)
		b.float(o.peak)
	case texts:
		b.text(o.first)
		b.text(o.last)
	}
}

func integerOf(v parquet.Value) int64 {
	switch v.Kind() {
	case parquet.Boolean:
		if v.Boolean() {
			return 1
		}
		return 0
	case parquet.Int32:
		return int64(v.Int32())
	case parquet.Int64:
		return v.Int64()
	}
	return 0
}

func floatOf(v parquet.Value) float64 {
	if v.Kind() == parquet.Float {
		return float64(v.Float())
	}
	return v.Double()
}

// verdict is how statistics relate to the values.
type verdict uint8

const (
	exact verdict = iota
	loose         // no value is outside of them
	untrue
	unclear // they cannot be read
)

// against compares statistics in the bytes of the format with the values.
func (b *bounds) against(kind parquet.Kind, low, high []byte) verdict {
	switch b.order {
	case integers:
		l, okLow := integerIn(kind, low)
		h, okHigh := integerIn(kind, high)
		if okLow && okHigh {
			return around(l, h, b.least, b.most)
		}
		return unclear
	case floats:
		l, okLow := floatIn(kind, low)
		h, okHigh := floatIn(kind, high)
		if okLow && okHigh {
			return around(l, h, b.lowest, b.peak)
		}
		return unclear
	}
	return around(bytes.Compare(low, b.first), bytes.Compare(high, b.last), 0, 0)
}

// around compares the bounds low and high with the least and the greatest value. Nothing is
// within a bound that is NaN.
func around[T int | int64 | float64](low, high, least, most T) verdict {
	switch {
	case low == least && high == most:
		return exact
	case low <= least && most <= high:
		return loose
	}
	return untrue
}

func integerIn(kind parquet.Kind, b []byte) (int64, bool) {
	switch {
	case kind == parquet.Boolean && len(b) == 1:
		return int64(b[0]), true
	case kind == parquet.Int32 && len(b) == 4:
		return int64(int32(binary.LittleEndian.Uint32(b))), true
	case kind == parquet.Int64 && len(b) == 8:
		return int64(binary.LittleEndian.Uint64(b)), true
	}
	return 0, false
}

func floatIn(kind parquet.Kind, b []byte) (float64, bool) {
	switch {
	case kind == parquet.Float && len(b) == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), true
	case kind == parquet.Double && len(b) == 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), true
	}
	return 0, false
}
