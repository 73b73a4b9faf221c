package inspect

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// The largest page that is unpacked: a damaged size may be any number, and memory
// would be allocated for it.
const largestReadable = 512 << 20

var (
	errLargePage = errors.New("a page unpacks to more than 512 MiB, which is not read")
	errLZ4       = errors.New("a page is damaged: it is not an LZ4 block")
)

// checkReadable checks the pages of a column before parquet-go reads them, so that
// a damaged file cannot make it allocate any amount of memory. Every row group must
// have the column.
func checkReadable(r io.ReaderAt, size int64, m *format.FileMetaData, column int) error {
	for i := range m.RowGroups {
		chunk := &m.RowGroups[i].Columns[column].MetaData
		// parquet-go unpacks all chunks of a column with the codec of the first.
		lz4 := m.RowGroups[0].Columns[column].MetaData.Codec == format.Lz4Raw
		_, err := walkPages(r, size, chunk, func(h *format.PageHeader, body int64) error {
			if h.UncompressedPageSize > largestReadable {
				return errLargePage
			}
			if !lz4 {
				return nil
			}
			return checkLZ4(r, h, body)
		})
		if err == nil && lz4 && chunk.DictionaryPageOffset > chunk.DataPageOffset {
			err = errChunkBounds // parquet-go would begin there, in the middle of a page
		}
		if err != nil {
			return fmt.Errorf("%w: row group %d, column %d: %w", ErrNotParquet, i, column, err)
		}
	}
	return nil
}

// checkLZ4 checks the body of a page of an LZ4 column. parquet-go's decoder takes
// every fault of a block for a buffer that is too small, and doubles it for ever.
func checkLZ4(r io.ReaderAt, h *format.PageHeader, body int64) error {
	page := make([]byte, h.CompressedPageSize)
	if n, err := r.ReadAt(page, body); n < len(page) {
		return fmt.Errorf("reading %d bytes: %w", len(page), err)
	}
	if h.Type == format.DataPageV2 { // levels are not compressed
		v2 := &h.DataPageHeaderV2.V
		reps, defs := int64(v2.RepetitionLevelsByteLength), int64(v2.DefinitionLevelsByteLength)
		if reps < 0 || defs < 0 || reps+defs > int64(len(page)) {
			return errChunkBounds
		}
		page = page[reps+defs:]
	}
	switch n := lz4Size(page); {
	case n < 0:
		return errLZ4
	case n > largestReadable:
		return errLargePage
	}
	return nil
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
