package table

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/rle"
)

// appendLevels writes runs alone, unless they take more than a byte for each level. With packed bits
// in between they are fewer bytes, which take more once compressed.
func (e *encoder) appendLevels(levels []uint8, highest uint8) (err error) {
	if e.runs8 = appendRuns(e.runs8[:0], levels); len(e.runs8) > len(levels) {
		enc := rle.Encoding{BitWidth: bits.Len8(highest)}
		if e.runs8, err = enc.EncodeLevels(e.runs8[:0], levels); err != nil {
			return fmt.Errorf("encoding levels: %w", err)
		}
	}
	e.plain = binary.LittleEndian.AppendUint32(e.plain, uint32(len(e.runs8)))
	e.plain = append(e.plain, e.runs8...)
	return nil
}

// appendRuns appends levels as runs of the hybrid encoding. It stops when these take more
// bytes than there are levels.
func appendRuns(dst []byte, levels []uint8) []byte {
	most := len(dst) + len(levels)
	for from := 0; from < len(levels) && len(dst) <= most; {
		to := runEnd(levels, from)
		if n := to - from; n < 64 {
			dst = append(dst, byte(n<<1), levels[from])
		} else {
			dst = append(binary.AppendUvarint(dst, uint64(n)<<1), levels[from])
		}
		from = to
	}
	return dst
}

// runEnd returns the end of the run of equal levels that begins at from.
func runEnd(levels []uint8, from int) int {
	level, to := levels[from], from+1
	for word := uint64(level) * 0x0101010101010101; to+8 <= len(levels); to += 8 {
		if differ := binary.LittleEndian.Uint64(levels[to:]) ^ word; differ != 0 {
			return to + bits.TrailingZeros64(differ)/8
		}
	}
	for to < len(levels) && levels[to] == level {
		to++
	}
	return to
}

func (e *encoder) appendIndexes(indexes []int32) (err error) {
	enc := rle.Encoding{BitWidth: e.indexWidth()}
	if e.runs8, err = enc.EncodeInt32(e.runs8[:0], indexes); err != nil {
		return fmt.Errorf("encoding dictionary numbers: %w", err)
	}
	e.plain = append(e.plain, byte(enc.BitWidth))
	e.plain = append(e.plain, e.runs8...)
	return nil
}

// levelBound bounds what appendLevels adds to a page.
func levelBound(n int, highest uint8) int { return 4 + max(n, runBound(n, bits.Len8(highest))) }

// runBound bounds n values in the hybrid encoding of run lengths and packed bits:
// eight values take their bits and a header byte at most, and each of the last few may
// be a run of its own.
func runBound(n, bits int) int { return n/8*(bits+1) + n%8*(2+bits/8) + 1 }
