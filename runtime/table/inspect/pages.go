package inspect

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// pageFacts describe the pages of one column chunk; sizes are before compression.
type pageFacts struct {
	data, dictionaries         int
	largest, largestDictionary int64
	largestValues              int64
	plain                      int64 // bytes of all pages before compression, and of their headers
}

const (
	firstWindow = 4 << 10
	// The longest page header that is read: old writers put whole values into its
	// statistics.
	lastWindow = 64 << 20
)

var errChunkBounds = errors.New("its pages are outside of the file")

// walkPages reads the headers of a chunk's pages but not the pages. It gives each
// header to visit, with the offset of the page's body.
func walkPages(r io.ReaderAt, size int64, m *format.ColumnMetaData, visit func(h *format.PageHeader, body int64) error) (p pageFacts, err error) {
	at := m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && d < at {
		at = d
	}
	end := at + m.TotalCompressedSize
	if at < 4 || end < at || end > size-8 {
		return p, errChunkBounds
	}
	seen := int64(0)
	for at < end {
		var h format.PageHeader
		n, err := readHeader(r, at, end, &h)
		if err != nil {
			return p, fmt.Errorf("page header at byte %d: %w", at, err)
		}
		if h.CompressedPageSize < 0 || h.UncompressedPageSize < 0 || n+int64(h.CompressedPageSize) > end-at {
			return p, fmt.Errorf("page at byte %d: %w", at, errChunkBounds)
		}
		if err := visit(&h, at+n); err != nil {
			return p, fmt.Errorf("page at byte %d: %w", at, err)
		}
		at += n + int64(h.CompressedPageSize)
		p.plain += n + int64(h.UncompressedPageSize)
		seen += p.add(&h)
	}
	if seen != m.NumValues {
		return p, fmt.Errorf("its pages have %d values and the footer says %d", seen, m.NumValues)
	}
	return p, nil
}

// add counts a page and returns the number of its values.
func (p *pageFacts) add(h *format.PageHeader) int64 {
	size, values := int64(h.UncompressedPageSize), int64(0)
	switch {
	case h.Type == format.DictionaryPage:
		p.dictionaries++
		p.largestDictionary = max(p.largestDictionary, size)
		return 0
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		values = int64(h.DataPageHeader.V.NumValues)
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		values = int64(h.DataPageHeaderV2.V.NumValues)
	default: // index pages have no values
		return 0
	}
	p.data++
	if size > p.largest {
		p.largest, p.largestValues = size, values
	}
	return values
}

// readHeader decodes the page header at byte at. Its length is not known in
// advance, so it reads a little first and more if that is not enough.
func readHeader(r io.ReaderAt, at, end int64, h *format.PageHeader) (length int64, err error) {
	for window := int64(firstWindow); ; window *= 16 {
		buf := make([]byte, min(window, end-at))
		if n, err := r.ReadAt(buf, at); n < len(buf) {
			return 0, fmt.Errorf("reading %d bytes: %w", len(buf), err)
		}
		n, err := walkThrift(buf)
		if err == nil {
			*h = format.PageHeader{}
			return int64(n), thrift.Unmarshal(new(thrift.CompactProtocol), buf[:n], h)
		}
		if !errors.Is(err, errThriftEnds) || window >= end-at || window >= lastWindow {
			return 0, err
		}
	}
}
