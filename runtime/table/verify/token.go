package verify

import (
	"hash/maphash"
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// A token stands for a value in the kind of its row: 0 for one that the Checker has nothing
// against and looks at with no other, else a digest of it. Two values of one token are the
// same to the Checker. So a value may always have its digest: the Checker sees more rows then.

func (l *leaf) integer(v int64) uint64 {
	if l.attribute == nil || !l.told && v >= l.low && v <= l.high {
		return 0
	}
	return maphash.Comparable(l.seed, v) | 1
}

func (l *leaf) text(v []byte, c *ocsf.Checker) uint64 {
	if l.attribute == nil || !l.told && l.fits(v, c) {
		return 0
	}
	return maphash.Bytes(l.seed, v) | 1
}

// fits reports whether the Checker has nothing against a text.
func (l *leaf) fits(v []byte, c *ocsf.Checker) bool {
	switch t := l.attribute.Type; {
	case len(v) == 0 || !utf8.Valid(v):
		return false
	case l.bare:
		return true
	case t.Kind == ocsf.String && t.Pattern == "" && t.Name != "ip_t":
		return t.MaxLen == 0 || len(v) <= t.MaxLen || utf8.RuneCount(v) <= t.MaxLen
	}
	return c.Fits(l.attribute, string(v))
}

func (l *leaf) value(v parquet.Value, c *ocsf.Checker) uint64 {
	switch v.Kind() {
	case parquet.Boolean, parquet.Int32, parquet.Int64:
		return l.integer(integerOf(v))
	case parquet.Float, parquet.Double:
		if f := floatOf(v); l.attribute != nil && (l.told || math.IsNaN(f) || math.IsInf(f, 0)) {
			return maphash.Comparable(l.seed, math.Float64bits(f)) | 1
		}
		return 0
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return l.text(v.ByteArray(), c)
	}
	return 0
}

// mix adds to the digest of a row.
func mix(digest, x uint64) uint64 {
	high, low := bits.Mul64(digest^x^0x9e3779b97f4a7c15, x|0xd6e8feb86659fd93)
	return high ^ low ^ digest<<7
}
