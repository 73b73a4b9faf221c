package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// pageWindow is as much as a page has, but for one of a single value. The library's
	// windows of up to 16 MB would be allocated twice for each encoder.
	pageWindow = 1 << 20
	// dictionaryWindow is that of a large dictionary, in which alike texts are close.
	dictionaryWindow = 256 << 10
	// oneBlock is as much as a block of this level has. For more, and for several blocks, the library
	// keeps a window, in different memory for whole frames and for streams: so these are all streams.
	oneBlock = 64 << 10
)

// newZstd returns an encoder of the library's fastest level. It shortens bytes that are
// frequent even where nothing comes again, as among the numbers of a dictionary.
func newZstd(window int) (*zstd.Encoder, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithAllLitEntropyCompression(true), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true))
	if err != nil {
		return nil, fmt.Errorf("preparing to compress: %w", err)
	}
	return z, nil
}

// leastBlock is the least bytes that are worth a block of their own.
const leastBlock = 256

// endBlock ends a block of the page if it is long enough. Levels, whose bits say little as bytes, are
// compressed apart from each other and from the values: each block shortens the bytes that are
// frequent in it.
func (e *encoder) endBlock() {
	from := 0
	if n := len(e.blocks); n > 0 {
		from = e.blocks[n-1]
	}
	if len(e.plain)-from >= leastBlock {
		e.blocks = append(e.blocks, len(e.plain))
	}
}

// pack compresses e.plain, if it is more bytes than stored, into e.packed and returns its checksum.
func (e *encoder) pack(stored int) (crc uint32, err error) {
	if len(e.plain) > math.MaxInt32 {
		return 0, fmt.Errorf("a value of %d bytes is too large for a Parquet page", len(e.plain))
	}
	if n := len(e.blocks); n > 0 && len(e.plain)-e.blocks[n-1] < leastBlock {
		e.blocks = e.blocks[:n-1]
	}
	switch {
	case len(e.plain) <= stored:
		e.packed = appendStored(e.packed[:0], e.plain)
	case e.recall():
	default:
		if err = e.compress(); err != nil {
			return 0, fmt.Errorf("compressing a page: %w", err)
		}
		e.remember()
	}
	return crc32.ChecksumIEEE(e.packed), nil
}

// compress compresses e.plain into e.packed as a Zstandard frame of these blocks.
func (e *encoder) compress() (err error) {
	if e.zstd == nil {
		if e.zstd, err = newZstd(pageWindow); err != nil {
			return err
		}
	}
	if len(e.blocks) == 0 && len(e.plain) <= oneBlock {
		e.packed = e.zstd.EncodeAll(e.plain, e.packed[:0])
		return nil
	}
	e.packed = e.packed[:0]
	e.zstd.ResetContentSize((*packedWriter)(e), int64(len(e.plain)))
	from := 0
	for _, end := range e.blocks {
		if _, err = e.zstd.Write(e.plain[from:end]); err == nil {
			err = e.zstd.Flush()
		}
		if err != nil {
			return err
		}
		from = end
	}
	if _, err = e.zstd.Write(e.plain[from:]); err != nil {
		return err
	}
	return e.zstd.Close()
}

// Pages of no more bytes are not worth compressing: it would take as long as several kilobytes, and
// save a few bytes. Numbers of a dictionary, which are packed already, take more bytes as often as fewer.
const (
	longestStored        = 128
	longestNumbersStored = 255
)

// In a row group of so few rows nearly all pages are small, and most of the time would go into
// tables for each of them. Numbers that are not whole bytes seldom repeat as equal bytes.
const (
	fewRows                   = 1024
	longestStoredOfFew        = 832
	longestNumbersStoredOfFew = 512
	longestBitsStoredOfFew    = 4 << 10 // of numbers of 9 to 15 bits
)

// mostStored returns up to how many bytes a page is stored as it is.
func (e *encoder) mostStored(numbers bool) int {
	switch few := e.rows <= fewRows; {
	case few && numbers && e.indexWidth() > 8 && e.indexWidth()%8 != 0:
		return longestBitsStoredOfFew
	case few && numbers:
		return longestNumbersStoredOfFew
	case few:
		return longestStoredOfFew
	case numbers:
		return longestNumbersStored
	}
	return longestStored
}

// appendStored appends a Zstandard frame that holds up to 64 KiB as they are (RFC 8878, section
// 3.1.1): the magic number, a header with the size in one byte or, from 256 on, in two, and
// one raw block, the last.
func appendStored(dst, data []byte) []byte {
	const singleSegment, twoBytes, last = 0x20, 0x40, 1
	dst = append(dst, 0x28, 0xB5, 0x2F, 0xFD)
	if n := len(data); n < 256 {
		dst = append(dst, singleSegment, byte(n))
	} else {
		dst = binary.LittleEndian.AppendUint16(append(dst, singleSegment|twoBytes), uint16(n-256))
	}
	block := len(data)<<3 | last
	dst = append(dst, byte(block), byte(block>>8), byte(block>>16))
	return append(dst, data...)
}

// A page comes again in a row group where two attributes have the same texts, as a message and
// a title do. In a small file such pages are a good part of all bytes, and are compressed once.
const (
	longestKept = 8 << 10  // plain bytes of a page
	mostKept    = 64 << 10 // of all of a row group, plain and packed
)

// keptPage is a page in encoder.kept: from:packed as it is, packed:to once it is compressed.
type keptPage struct{ from, packed, to int }

// recall takes what became of an earlier page into e.packed, if it was the same as e.plain.
func (e *encoder) recall() bool {
	for _, p := range e.keptPages {
		if bytes.Equal(e.kept[p.from:p.packed], e.plain) {
			e.packed = append(e.packed[:0], e.kept[p.packed:p.to]...)
			return true
		}
	}
	return false
}

// remember lets recall find the page.
func (e *encoder) remember() {
	from, packed := len(e.kept), len(e.kept)+len(e.plain)
	if to := packed + len(e.packed); len(e.plain) <= longestKept && to <= mostKept {
		e.kept = append(append(e.kept, e.plain...), e.packed...)
		e.keptPages = append(e.keptPages, keptPage{from, packed, to})
	}
}

// packDictionary compresses the dictionary into e.packed and returns its plain size and
// its checksum.
func (e *encoder) packDictionary() (size int, crc uint32, err error) {
	e.blocks = e.blocks[:0]
	if e.leaf.physical != format.ByteArray {
		e.plain = appendNumbers(e.plain[:0], e.numberDict.values, e.leaf.physical)
	} else if size = plainSize(e.textDict.values); size > pageWindow {
		crc, err = e.packTexts(e.textDict.values, size)
		return size, crc, err
	} else {
		e.plain = appendTexts(e.plain[:0], e.textDict.values)
	}
	crc, err = e.pack(e.mostStored(false))
	return len(e.plain), crc, err
}

// plainSize is the plain size of texts.
func plainSize(texts []string) (n int) {
	for _, s := range texts {
		n += 4 + len(s)
	}
	return n
}

// packTexts compresses a dictionary of size bytes into e.packed, piece by piece, and
// returns its checksum. The texts are in memory already: a large dictionary in one piece
// would take as much again.
func (e *encoder) packTexts(texts []string, size int) (crc uint32, err error) {
	if e.stream == nil {
		if e.stream, err = newZstd(dictionaryWindow); err != nil {
			return 0, err
		}
	}
	e.packed = e.packed[:0]
	e.stream.ResetContentSize((*packedWriter)(e), int64(size))
	for from := 0; from < len(texts) && err == nil; {
		e.plain = e.plain[:0]
		for ; from < len(texts) && len(e.plain) < segmentBytes; from++ {
			e.plain = appendText(e.plain, texts[from])
		}
		_, err = e.stream.Write(e.plain)
	}
	if err = errors.Join(err, e.stream.Close()); err != nil {
		return 0, fmt.Errorf("compressing a dictionary: %w", err)
	}
	return crc32.ChecksumIEEE(e.packed), nil
}

// packedWriter appends to packed.
type packedWriter encoder

func (w *packedWriter) Write(p []byte) (int, error) {
	w.packed = append(w.packed, p...)
	return len(p), nil
}
