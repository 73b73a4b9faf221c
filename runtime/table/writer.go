package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The defaults of Options. Security Lake requires data pages of at most 1 MB.
const (
	DefaultPageBytes       = 1_000_000
	DefaultDictionaryBytes = 8_000_000
	DefaultPageRows        = 20_000
)

// Options shape a file. The zero value is right for Security Lake.
type Options struct {
	// PageBytes bounds a data page before compression, levels included.
	PageBytes int
	// PageRows bounds the rows of a data page: the page index selects whole pages.
	PageRows int
	// DictionaryBytes bounds a column's dictionary in a row group before
	// compression. The rows from the one that would overflow it are written plain, and
	// so are those from a text on that is larger than a page may be.
	DictionaryBytes int
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
	groups    []*RowGroup
	bases     []int64 // where each group begins
	err       error   // the first failure: nothing is written after it
	buf       []byte  // not written yet
}

// NewWriter starts a file. It writes nothing before the first Commit or Close.
func NewWriter(w io.Writer, s *Schema, o Options) *Writer {
	return &Writer{schema: s, createdBy: o.createdBy(), out: w}
}

// Written is the number of bytes written so far.
func (w *Writer) Written() int64 { return w.written }

// Commit writes a row group of this Writer's schema after the earlier ones, and takes
// it over: it must not be committed again. It leaves out a row group without rows.
// After an error the file is lost, and every later call returns the same error.
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
	w.groups, w.bases = append(w.groups, g), append(w.bases, w.written+int64(len(w.buf)))
	for _, segment := range g.data.parts {
		w.write(segment)
	}
	g.data.release()
	w.rows += int64(g.Rows)
	w.flush()
	return w.err
}

// Close writes the page indexes, if there are pages to choose from, and the footer. It does
// not close the io.Writer. A file without row groups has its schema too.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.begin()
	indexed := w.hasIndex()
	if indexed {
		w.writeIndexes()
	}
	w.writeFooter(indexed || len(w.groups) > 1)
	w.flush()
	if w.err != nil {
		return w.err
	}
	w.err = ErrClosed
	for _, g := range w.groups {
		w.schema.groups.Put(g)
	}
	w.groups = nil
	return nil
}

// begin takes a buffer, and starts the file if nothing has been written.
func (w *Writer) begin() {
	if b, ok := w.schema.scratch.buffers.Get().(*[]byte); ok {
		w.buf = (*b)[:0]
	}
	if w.written == 0 {
		w.buf = append(w.buf, "PAR1"...)
	}
}

// write adds bytes to the buffer, or writes them if they are many.
func (w *Writer) write(p []byte) {
	if len(w.buf)+len(p) > segmentBytes {
		w.drain()
	}
	if len(p) < segmentBytes {
		w.buf = append(w.buf, p...)
		return
	}
	w.send(p)
}

// drain writes the buffer, and keeps its memory.
func (w *Writer) drain() {
	w.send(w.buf)
	w.buf = w.buf[:0]
}

// flush writes the buffer, and gives its memory back.
func (w *Writer) flush() {
	w.drain()
	if cap(w.buf) <= 2*segmentBytes {
		b := w.buf
		w.schema.scratch.buffers.Put(&b)
	}
	w.buf = nil
}

func (w *Writer) send(p []byte) {
	if w.err != nil || len(p) == 0 {
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

// at is the offset of the next byte in the file.
func (w *Writer) at() int64 { return w.written + int64(len(w.buf)) }

// spill writes the buffer if much is in it.
func (w *Writer) spill() {
	if len(w.buf) >= segmentBytes {
		w.drain()
	}
}

// hasIndex reports whether a column has more than one page in a row group. Otherwise an
// index would say again what the footer says of the columns. It is that of the whole file:
// readers look at one column to learn whether there is one.
func (w *Writer) hasIndex() bool {
	for _, g := range w.groups {
		if len(g.pages) > len(g.chunks) {
			return true
		}
	}
	return false
}

// writeIndexes writes the column indexes of all chunks and then the offset indexes,
// because readers fetch each kind in one piece.
func (w *Writer) writeIndexes() {
	for _, g := range w.groups {
		for i := range g.chunks {
			if c := &g.chunks[i]; c.hasColumns {
				c.columnIndex.offset = w.at()
				w.buf = g.appendColumnIndex(w.buf, c)
				c.columnIndex.length = w.at() - c.columnIndex.offset
				w.spill()
			}
		}
	}
	for k, g := range w.groups {
		for i := range g.chunks {
			if c := &g.chunks[i]; c.hasOffsets {
				c.offsetIndex.offset = w.at()
				w.buf = g.appendOffsetIndex(w.buf, c, w.bases[k])
				c.offsetIndex.length = w.at() - c.offsetIndex.offset
				w.spill()
			}
		}
	}
}

// writeFooter writes the FileMetaData, its length and the last magic. With pageCounts it says of
// each column how its pages are encoded: by this engines decide whether a dictionary tells them
// that a row group has nothing for them. One with a page for each column is read as quickly.
func (w *Writer) writeFooter(pageCounts bool) {
	start, parts := w.at(), &w.schema.footer
	w.buf = append(w.buf, parts.head...)
	w.buf = appendInt(w.buf, 1, thriftI64, w.rows)
	w.buf = appendList(appendField(w.buf, 1, thriftList), len(w.groups), thriftStruct)
	for i, g := range w.groups {
		w.buf = g.appendRowGroup(w.buf, i, w.bases[i], pageCounts)
		w.spill()
	}
	w.buf = append(appendField(w.buf, 1, thriftList), parts.keyValues...)
	w.buf = appendBinary(appendField(w.buf, 1, thriftBinary), w.createdBy)
	w.buf = append(appendField(w.buf, 1, thriftList), parts.orders...)
	w.buf = append(w.buf, thriftStop)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(w.at()-start))
	w.buf = append(w.buf, "PAR1"...)
}
