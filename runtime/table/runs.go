package table

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/rle"
)

// appendLevels writes runs alone, or all levels in packed bits if these are fewer bytes. A mix of both,
// which is fewer still, takes more bytes once compressed.
func (e *encoder) appendLevels(levels []uint8, highest uint8) {
	if highest == 0 {
		return
	}
	width := bits.Len8(highest)
	size := len(e.plain)
	e.plain = append(e.plain, 0, 0, 0, 0)
	from := len(e.plain)
	if packed := len(levels) * width / 8; !e.appendRuns(levels, packed) {
		e.plain = appendPacked(e.plain[:from], levels, width)
	}
	binary.LittleEndian.PutUint32(e.plain[size:], uint32(len(e.plain)-from))
	e.endBlock()
}

// appendRuns appends levels as runs of the hybrid encoding, and reports whether they take at most
// so many bytes. It stops when they take more.
func (e *encoder) appendRuns(levels []uint8, most int) bool {
	most += len(e.plain)
	for from := 0; from < len(levels); {
		to := runEnd(levels, from)
		if n := to - from; n < 64 {
			e.plain = append(e.plain, byte(n<<1), levels[from])
		} else {
			e.plain = append(binary.AppendUvarint(e.plain, uint64(n)<<1), levels[from])
		}
		if len(e.plain) > most {
			return false
		}
		from = to
	}
	return true
}

// appendPacked appends levels in so many bits each, as one piece of the hybrid encoding. Package rle
// would make runs of eight equal levels.
func appendPacked(dst []byte, levels []uint8, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(levels)+7)/8<<1|1)
	for ; len(levels) >= 8; levels = levels[8:] {
		dst = appendEight(dst, binary.LittleEndian.Uint64(levels), width)
	}
	if len(levels) > 0 {
		var last [8]byte
		copy(last[:], levels)
		dst = appendEight(dst, binary.LittleEndian.Uint64(last[:]), width)
	}
	return dst
}

// appendEight moves the bits of eight bytes together: those of two bytes, of four, and of all.
func appendEight(dst []byte, x uint64, width int) []byte {
	x = x&0x00FF00FF00FF00FF | x>>8&0x00FF00FF00FF00FF<<width
	x = x&0x0000FFFF0000FFFF | x>>16&0x0000FFFF0000FFFF<<(2*width)
	x = x&0x00000000FFFFFFFF | x>>32<<(4*width)
	return binary.LittleEndian.AppendUint64(dst, x)[:len(dst)+width]
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

// levelBound bounds what appendLevels adds to a page: a size, a header, and the bits.
func levelBound(n int, highest uint8) int { return 4 + 5 + (n+7)/8*bits.Len8(highest) }

// runBound bounds n values in the hybrid encoding of run lengths and packed bits:
// eight values take their bits and a header byte at most, and each of the last few may
// be a run of its own.
func runBound(n, bits int) int { return n/8*(bits+1) + n%8*(2+bits/8) + 1 }
