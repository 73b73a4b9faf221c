package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Level is the effort of the compression.
type Level uint8

// The levels, about zstandard's 1, 3 and 7. Fastest is the zero value: a whole run over
// a million alerts takes 6 % less processor time than with Default, for 0.6 % more bytes.
const (
	Fastest Level = iota
	Default
	Better
	compressions = iota
)

var zstdLevels = [compressions]zstd.Level{zstd.SpeedFastest, zstd.SpeedDefault, zstd.SpeedBetterCompression}

// The defaults of Options. Security Lake requires data pages of at most 1 MB.
const (
	DefaultPageBytes       = 1_000_000
	DefaultDictionaryBytes = 1_000_000
	DefaultPageRows        = 20_000
)

// Options shape a file. The zero value is right for Security Lake.
type Options struct {
	// PageBytes bounds a data page before compression, levels included.
	PageBytes int
	// PageRows bounds the rows of a data page: the page index selects whole pages.
	PageRows int
	// DictionaryBytes bounds a column's dictionary in a row group before
	// compression. The rows from the one that would overflow it are written plain.
	DictionaryBytes int
	Level           Level
	// Version is the program's version, for created_by.
	Version string
}

func (o Options) withDefaults() Options {
	set := func(v *int, to int) {
		if *v <= 0 {
			*v = to
		}
	}
	set(&o.PageBytes, DefaultPageBytes)
	set(&o.PageRows, DefaultPageRows)
	set(&o.DictionaryBytes, DefaultDictionaryBytes)
	o.DictionaryBytes = min(o.DictionaryBytes, math.MaxInt32/2)
	if o.Level >= compressions {
		o.Level = Default
	}
	return o
}

// createdBy has the form that Parquet readers parse to work around faults of old
// writers.
func (o Options) createdBy() string {
	if o.Version == "" {
		return "sluice"
	}
	return "sluice version " + o.Version
}

// The errors of wrong use of this package.
var (
	ErrOtherSchema = errors.New("the rows are of another schema than the file: this is a bug in sluice, please report it")
	ErrClosed      = errors.New("the Parquet file is closed already: this is a bug in sluice, please report it")
)

// Writer writes one Parquet file. It belongs to one goroutine.
type Writer struct {
	schema    *Schema
	createdBy string
	out       io.Writer
	written   int64
	rows      int64
	groups    []format.RowGroup
	chunks    []chunkIndex // of all groups, column by column
	err       error        // the first failure: nothing is written after it
}

// NewWriter starts a file. It writes nothing before the first Commit or Close.
func NewWriter(w io.Writer, s *Schema, o Options) *Writer {
	return &Writer{schema: s, createdBy: o.createdBy(), out: w}
}

// Written is the number of bytes written so far.
func (w *Writer) Written() int64 { return w.written }

// Commit writes a row group of this Writer's schema after the earlier ones. It leaves
// out a row group without rows. After an error the file is lost, and every later call
// returns the same error.
func (w *Writer) Commit(g *RowGroup) error {
	if g.schema != w.schema {
		return ErrOtherSchema
	}
	if g.Rows == 0 || w.err != nil {
		return w.err
	}
	if len(w.groups) == math.MaxInt16 {
		return w.fail(fmt.Errorf("the Parquet file has %d row groups and can hold no more: encode more rows at a time", len(w.groups)))
	}
	w.begin()
	rg := format.RowGroup{
		Columns:    make([]format.ColumnChunk, len(g.chunks)),
		NumRows:    int64(g.Rows),
		FileOffset: w.written,
		Ordinal:    int16(len(w.groups)),
	}
	for i := range g.chunks {
		w.commitChunk(&rg, i, &g.chunks[i])
	}
	if g.sorted {
		rg.SortingColumns = []format.SortingColumn{{ColumnIdx: int32(w.schema.timeLeaf)}}
	}
	w.groups = append(w.groups, rg)
	w.rows += int64(g.Rows)
	return w.err
}

func (w *Writer) commitChunk(rg *format.RowGroup, i int, c *chunk) {
	base := w.written
	for _, segment := range c.data {
		w.write(segment)
	}
	meta := c.meta
	meta.DataPageOffset += base
	if c.dictionary {
		meta.DictionaryPageOffset += base
	}
	for j := range c.index.offsets.PageLocations {
		c.index.offsets.PageLocations[j].Offset += base
	}
	rg.Columns[i] = format.ColumnChunk{FileOffset: base, MetaData: meta}
	rg.TotalByteSize += meta.TotalUncompressedSize
	rg.TotalCompressedSize += meta.TotalCompressedSize
	w.chunks = append(w.chunks, c.index)
	c.data = nil
}

// Close writes the page indexes and the footer. It does not close the io.Writer. A file
// without row groups has its schema too.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.begin()
	w.writeIndexes()
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), w.footer())
	if err != nil {
		return w.fail(fmt.Errorf("encoding the footer of a Parquet file: %w", err))
	}
	w.write(footer)
	w.write(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))))
	w.write([]byte("PAR1"))
	if w.err != nil {
		return w.err
	}
	w.err = ErrClosed
	return nil
}

func (w *Writer) begin() {
	if w.written == 0 {
		w.write([]byte("PAR1"))
	}
}

func (w *Writer) write(p []byte) {
	if w.err != nil {
		return
	}
	n, err := w.out.Write(p)
	w.written += int64(n)
	if err != nil {
		w.err = fmt.Errorf("writing a Parquet file at byte %d: %w", w.written, err)
	}
}

func (w *Writer) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	return w.err
}

// writeIndexes writes the column indexes of all chunks and then the offset indexes,
// because readers fetch each kind in one piece.
func (w *Writer) writeIndexes() {
	columns := len(w.schema.leaves)
	for i := range w.chunks {
		if x := &w.chunks[i]; x.hasColumns {
			c := &w.groups[i/columns].Columns[i%columns]
			c.ColumnIndexOffset, c.ColumnIndexLength = w.writeThrift(&x.columns)
		}
	}
	for i := range w.chunks {
		if x := &w.chunks[i]; x.hasOffsets {
			c := &w.groups[i/columns].Columns[i%columns]
			c.OffsetIndexOffset, c.OffsetIndexLength = w.writeThrift(&x.offsets)
		}
	}
}

func (w *Writer) writeThrift(v any) (offset int64, length int32) {
	p, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		w.fail(fmt.Errorf("encoding the page index of a Parquet file: %w", err))
	}
	offset = w.written
	w.write(p)
	return offset, int32(len(p))
}

func (w *Writer) footer() *format.FileMetaData {
	l := w.schema.Layout
	m := &format.FileMetaData{
		Version:   2,
		Schema:    w.schema.elements,
		NumRows:   w.rows,
		RowGroups: w.groups,
		CreatedBy: w.createdBy,
		KeyValueMetadata: []format.KeyValue{
			{Key: "ocsf.class_name", Value: l.Class.Name},
			{Key: "ocsf.class_uid", Value: fmt.Sprint(l.Class.UID)},
			{Key: "ocsf.version", Value: l.Schema.Version},
		},
	}
	for range w.schema.leaves {
		m.ColumnOrders = append(m.ColumnOrders, format.ColumnOrder{Value: new(format.TypeDefinedOrder)})
	}
	return m
}
