package inspect

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Columns reads a Parquet file column by column, page by page. It belongs to one
// goroutine. Close it.
type Columns struct {
	File   *parquet.File
	Leaves []*parquet.Column // in the order of the schema
	Schema string            // as in Facts

	checker *checker
	json    rowJSON
	left    *budget
}

// Chunk says what the pages of a column chunk are like. Sizes are before compression.
type Chunk struct {
	DataPages                      int
	LargestPage, LargestPageValues int64
	LargestDictionary              int64
	PlainBytes                     int64 // of all pages, and of their headers
}

// OpenColumns opens a Parquet file of size bytes. Only its footer is read and checked.
func OpenColumns(r io.ReaderAt, size int64) (c *Columns, err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	f, err := open(r, size)
	if err != nil {
		return nil, err
	}
	m := f.Metadata()
	c = &Columns{File: f, Leaves: leafColumns(f.Root(), nil), json: newRowJSON(f.Root())}
	if c.Schema, err = schemaText(m.Schema); err != nil {
		return nil, err
	}
	for i := range m.RowGroups {
		if len(m.RowGroups[i].Columns) != len(c.Leaves) {
			return nil, fmt.Errorf("%w: row group %d has %d columns and the schema %d", ErrNotParquet, i, len(m.RowGroups[i].Columns), len(c.Leaves))
		}
	}
	c.checker, err = newChecker(r, size, m)
	return c, err
}

// Close frees what reading needs.
func (c *Columns) Close() { c.checker.close() }

// errChecksum is of a page whose bytes are not those that its writer summed up.
var errChecksum = errors.New("a page is damaged: its checksum is another one")

// Chunk checks all pages of a column chunk, with their checksums where they have some, and
// then gives them to visit, which must not keep them. Header gets the header of each page
// first.
func (c *Columns) Chunk(group, column int, header func(*format.PageHeader), visit func(parquet.Page) error) (about Chunk, err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	c.left = newBudget(c.checker.size)
	check := func(h *format.PageHeader, _ format.CompressionCodec, packed []byte) error {
		if h.CRC != 0 && uint32(h.CRC) != crc32.ChecksumIEEE(packed) {
			return errChecksum
		}
		header(h)
		return nil
	}
	if err := c.checker.column(group, column, c.Leaves[column], -1, c.left, check); err != nil {
		return about, err
	}
	p := c.checker.seen
	about = Chunk{DataPages: p.data, LargestPage: p.largest, LargestPageValues: p.largestValues, LargestDictionary: p.largestDictionary, PlainBytes: p.plain}
	return about, c.pages(group, column, visit)
}

// Again gives the pages of a chunk that Chunk has checked to another visit.
func (c *Columns) Again(group, column int, visit func(parquet.Page) error) (err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	c.left = newBudget(c.checker.size)
	return c.pages(group, column, visit)
}

// Take takes memory that the caller holds for a row group from what reading the file may
// take.
func (c *Columns) Take(bytes int64) error { return newBudget(c.checker.size).take(bytes) }

func (c *Columns) pages(group, column int, visit func(parquet.Page) error) error {
	g := c.File.RowGroups()[group]
	if packedWithLZ4(c.checker.m, column) {
		var err error
		if g, err = c.checker.withoutLZ4(group, c.Leaves, []int{column}, -1, c.left); err != nil {
			return err
		}
	}
	pages := g.ColumnChunks()[column].Pages()
	err := eachPage(pages, visit)
	if closing := pages.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return c.checker.fault(group, column, err)
	}
	return nil
}

func eachPage(pages parquet.Pages, visit func(parquet.Page) error) error {
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = visit(page)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

// JSON writes a row, whose values are in the order of the columns, as Rows does. The bytes
// are valid until the next call.
func (c *Columns) JSON(row parquet.Row) (text []byte, err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	text, err = c.json.row(row)
	if err == nil && slices.ContainsFunc(c.json.cols, func(left []parquet.Value) bool { return len(left) > 0 }) {
		err = errLevels
	}
	return text, err
}

// Index reads the page index of a column chunk; either part is nil if the file has none.
func (c *Columns) Index(group, column int) (columns *format.ColumnIndex, offsets *format.OffsetIndex, err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	chunk := &c.checker.m.RowGroups[group].Columns[column]
	if chunk.ColumnIndexOffset != 0 {
		columns = new(format.ColumnIndex)
		if err := c.thrift(chunk.ColumnIndexOffset, int64(chunk.ColumnIndexLength), columns); err != nil {
			return nil, nil, c.checker.fault(group, column, fmt.Errorf("its page index: %w", err))
		}
	}
	if chunk.OffsetIndexOffset != 0 {
		offsets = new(format.OffsetIndex)
		if err := c.thrift(chunk.OffsetIndexOffset, int64(chunk.OffsetIndexLength), offsets); err != nil {
			return nil, nil, c.checker.fault(group, column, fmt.Errorf("its page offsets: %w", err))
		}
	}
	return columns, offsets, nil
}

// thrift reads a struct of so many bytes.
func (c *Columns) thrift(at, length int64, to any) error {
	if at < 4 || length < 1 || length > largestFooter || at > c.checker.size-8-length {
		return errChunkBounds
	}
	text := make([]byte, length)
	if n, err := c.checker.r.ReadAt(text, at); n < len(text) {
		return fmt.Errorf("reading %d bytes: %w", len(text), err)
	}
	n, err := walkThrift(text)
	if err != nil {
		return err
	}
	return thrift.Unmarshal(new(thrift.CompactProtocol), text[:n], to)
}
