package inspect

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
)

// Sum is a digest of rows that does not depend on their order, nor on which files have
// them: the sum of the digests of the rows. Equal rows count as often as they are there.
type Sum struct {
	Rows      int64
	high, low uint64
}

// Add adds the rows of another Sum.
func (s *Sum) Add(other Sum) {
	s.Rows += other.Rows
	s.high, s.low = s.high+other.high, s.low+other.low
}

// SumRows reads all rows of a Parquet file of size bytes, and sums them up. It looks at
// every value of every column with its levels. Each, if not nil, gets a part of the digest
// of each row, in the order of the file.
func SumRows(r io.ReaderAt, size int64, each func(digest uint64)) (sum Sum, err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	rr, err := openRows(r, size, -1)
	if err != nil {
		return Sum{}, err
	}
	defer rr.close()
	var text []byte
	for {
		row, err := rr.values()
		if errors.Is(err, io.EOF) {
			return sum, nil
		}
		if err != nil {
			return Sum{}, err
		}
		text = text[:0]
		for _, v := range row {
			text = appendValue(text, v)
		}
		digest := sha256.Sum256(text)
		sum.Rows++
		high := binary.LittleEndian.Uint64(digest[:8])
		if each != nil {
			each(high)
		}
		sum.high += high
		sum.low += binary.LittleEndian.Uint64(digest[8:16])
	}
}

// appendValue appends a value with its column and levels, so that no two rows that differ
// give the same bytes.
func appendValue(dst []byte, v parquet.Value) []byte {
	dst = binary.AppendVarint(dst, int64(v.Column()))
	dst = append(dst, byte(v.RepetitionLevel()), byte(v.DefinitionLevel()))
	switch {
	case v.IsNull():
		return append(dst, 0)
	case v.Kind() == parquet.ByteArray, v.Kind() == parquet.FixedLenByteArray:
		text := v.ByteArray()
		return append(binary.AppendUvarint(append(dst, 1), uint64(len(text))), text...)
	case v.Kind() == parquet.Boolean:
		if v.Boolean() {
			return append(dst, 2, 1)
		}
		return append(dst, 2, 0)
	case v.Kind() == parquet.Double:
		return binary.LittleEndian.AppendUint64(append(dst, 3), math.Float64bits(v.Double()))
	case v.Kind() == parquet.Float:
		return binary.LittleEndian.AppendUint32(append(dst, 4), math.Float32bits(v.Float()))
	case v.Kind() == parquet.Int96:
		for _, word := range v.Int96() {
			dst = binary.LittleEndian.AppendUint32(dst, word)
		}
		return append(dst, 5)
	case v.Kind() == parquet.Int32:
		return binary.AppendVarint(append(dst, 6), int64(v.Int32()))
	}
	return binary.AppendVarint(append(dst, 7), v.Int64())
}
