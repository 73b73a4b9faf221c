package inspect

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

var errClaim = errors.New("a page is damaged, or unpacks to more than its header claims")

// unpacker unpacks pages, and stops at the size that they claim: parquet-go would
// unpack whatever comes.
type unpacker struct {
	zstd *zstd.Decoder
	page []byte // reused
}

func newUnpacker() (*unpacker, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("making a decoder: %w", err)
	}
	return &unpacker{zstd: d}, nil
}

func (u *unpacker) close() { u.zstd.Close() }

// unpack returns the bytes of a packed page, which are valid until the next call.
func (u *unpacker) unpack(codec format.CompressionCodec, packed []byte, size int) ([]byte, error) {
	if codec == format.Uncompressed {
		if len(packed) > size {
			return nil, errClaim
		}
		return packed, nil
	}
	if len(packed) == 0 {
		return nil, nil // a page of nulls
	}
	if cap(u.page) < size {
		u.page = make([]byte, size)
	}
	page := u.page[:size:size]
	switch codec {
	case format.Snappy:
		if n, w := binary.Uvarint(packed); w <= 0 || n > uint64(size) {
			return nil, errClaim
		}
		return unpacked(parquet.Snappy.Decode(page, packed))
	case format.Lz4Raw:
		// parquet-go's decoder takes every fault of a block for a buffer that is too
		// small, and doubles it for ever.
		if n := lz4Size(packed); n < 0 || n > int64(size) {
			return nil, errClaim
		}
		return unpacked(parquet.Lz4Raw.Decode(page, packed))
	case format.Zstd:
		return unpacked(u.zstd.DecodeAll(packed, page[:0]))
	case format.Brotli:
		return readPage(brotli.NewReader(bytes.NewReader(packed)), page)
	case format.Gzip:
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, fmt.Errorf("a page is damaged: %w", err)
		}
		return readPage(r, page)
	}
	return nil, fmt.Errorf("its pages are packed with %s, which is not read", codec)
}

func unpacked(page []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errClaim, err)
	}
	return page, nil
}

// readPage reads to the end of a stream, which must not be behind that of the page.
func readPage(r io.Reader, page []byte) ([]byte, error) {
	n, err := io.ReadFull(r, page)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		return page[:n], nil
	}
	if err != nil {
		return nil, fmt.Errorf("a page is damaged: %w", err)
	}
	if more, err := r.Read(make([]byte, 1)); more > 0 || err != io.EOF {
		return nil, errClaim
	}
	return page, nil
}
