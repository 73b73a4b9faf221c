package inspect

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// The largest page that is unpacked, in bytes and in values, and the most memory that
// reading may take at the same time. A file of a few bytes may claim any number.
const (
	largestReadable = 64 << 20
	mostPageValues  = 16 << 20
	leastMemory     = 128 << 20 // that any file may take
	mostMemory      = 1 << 30
	memoryPerByte   = 64 // of the file, that may be taken on top
	valueBytes      = 24 // of a value in parquet-go's memory
)

var (
	errLargePage  = errors.New("a page unpacks to more than 64 MiB, which is not read")
	errManyValues = errors.New("a page has more than 16,777,216 values, which is not read")
	errMemory     = errors.New("its pages and rows take more memory than a file of this size may; read it with a program that you trust with it")
	errPageHeader = errors.New("a page has the header of another kind of page")
	errEnough     = errors.New("enough pages are checked") // never returned
)

// budget is the memory that reading may still take.
type budget struct{ left int64 }

func newBudget(size int64) *budget {
	return &budget{min(mostMemory, leastMemory+size*memoryPerByte)}
}

func (b *budget) take(n int64) error {
	if b.left -= n; b.left < 0 {
		return errMemory
	}
	return nil
}

// checker checks pages before parquet-go reads them, so that a damaged or hostile
// file cannot make it take any amount of memory.
type checker struct {
	r       io.ReaderAt
	size    int64
	m       *format.FileMetaData
	unpacks *unpacker
	packed  []byte    // reused
	seen    pageFacts // of the chunk that column checked last
}

func newChecker(r io.ReaderAt, size int64, m *format.FileMetaData) (*checker, error) {
	u, err := newUnpacker()
	return &checker{r: r, size: size, m: m, unpacks: u}, err
}

func (c *checker) close() { c.unpacks.close() }

// column checks the pages of a chunk which the first rows are in, all of them if rows
// is negative, and takes from the budget what reading them needs. It gives each to visit,
// which may be nil, as it is packed.
func (c *checker) column(group, column int, of *parquet.Column, rows int64, b *budget, visit func(h *format.PageHeader, codec format.CompressionCodec, packed []byte) error) error {
	chunk := &c.m.RowGroups[group].Columns[column].MetaData
	if d := chunk.DictionaryPageOffset; d < 0 || d > chunk.DataPageOffset {
		return c.fault(group, column, errChunkBounds) // parquet-go would begin in the middle of a page
	}
	p := pageChecker{
		// parquet-go unpacks all chunks of a column with the codec of the first.
		codec:  c.m.RowGroups[0].Columns[column].MetaData.Codec,
		maxRep: of.MaxRepetitionLevel(), maxDef: of.MaxDefinitionLevel(), unpacks: c.unpacks,
	}
	if of.Type().Kind() == parquet.FixedLenByteArray {
		p.fixed = int64(of.Type().Length())
	}
	var err error
	c.seen, err = walkPages(c.r, c.size, chunk, func(h *format.PageHeader, body int64) error {
		if rows >= 0 && p.enough(rows) {
			return errEnough
		}
		if h.UncompressedPageSize > largestReadable || h.CompressedPageSize > largestReadable {
			return errLargePage
		}
		if cap(c.packed) < int(h.CompressedPageSize) {
			c.packed = make([]byte, h.CompressedPageSize)
		}
		packed := c.packed[:h.CompressedPageSize]
		if n, err := c.r.ReadAt(packed, body); n < len(packed) {
			return fmt.Errorf("reading %d bytes: %w", len(packed), err)
		}
		err := p.check(h, packed)
		if err == nil && visit != nil {
			err = visit(h, p.codec, packed)
		}
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return c.fault(group, column, err)
	}
	if err := b.take(p.memory()); err != nil {
		return c.fault(group, column, err)
	}
	return nil
}

func (c *checker) fault(group, column int, err error) error {
	return fmt.Errorf("%w: row group %d, column %d: %w", ErrNotParquet, group, column, err)
}

// lz4Size returns the number of bytes that an LZ4 block unpacks to, -1 if it is not
// a valid block.
func lz4Size(block []byte) (size int64) {
	if len(block) == 0 {
		return 0
	}
	for len(block) > 0 {
		token := block[0]
		var literals, match, offset int64
		if literals, block = lz4Length(int64(token>>4), block[1:]); literals > int64(len(block)) {
			return -1
		}
		size += literals
		if block = block[literals:]; len(block) == 0 && token&15 == 0 {
			return size // the last sequence is literals only
		}
		if len(block) < 2 {
			return -1
		}
		if offset = int64(block[0]) | int64(block[1])<<8; offset == 0 || offset > size {
			return -1
		}
		match, block = lz4Length(int64(token&15), block[2:])
		size += match + 4
	}
	return -1
}

// lz4Length reads the bytes that lengthen a length of 15.
func lz4Length(n int64, block []byte) (length int64, rest []byte) {
	if n < 15 {
		return n, block
	}
	for len(block) > 0 {
		b := block[0]
		n, block = n+int64(b), block[1:]
		if b < 255 {
			break
		}
	}
	return n, block
}
