package table

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// again decodes a structure at the start of data with parquet-go's decoder, encodes it
// with its encoder, and reports a difference to the bytes that were there.
func again[T any](t *testing.T, what string, data []byte) (v T, length int) {
	t.Helper()
	r := new(thrift.CompactProtocol).NewReaderFromBytes(data)
	if err := thrift.NewDecoder(r).Decode(&v); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	length = r.BytesRead()
	want, err := thrift.Marshal(new(thrift.CompactProtocol), &v)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, data[:length]) {
		t.Errorf("%s:\n%x\nand by parquet-go's encoder\n%x", what, data[:length], want)
	}
	return v, length
}

// TestThrift: page headers, page indexes and footers are the bytes that the encoder of
// parquet-go makes of them, and every byte of a file belongs to one of them or to a
// page.
func TestThrift(t *testing.T) {
	small, large := false, false
	for seed := range uint64(60) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		rows, _ := m.rows(t, s, l, int(seed)*7)
		data := write(t, s, rows, 1+m.IntN(300), Options{PageRows: 20 + m.IntN(80), PageBytes: 4000, DictionaryBytes: 1000})
		footer := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
		meta, n := again[format.FileMetaData](t, "footer", data[footer:])
		if footer+n != len(data)-8 {
			t.Errorf("the footer has %d bytes of %d", n, len(data)-8-footer)
		}
		at := int64(4)
		indexed, counted := false, false
		for i := range meta.RowGroups {
			for j := range meta.RowGroups[i].Columns {
				c := &meta.RowGroups[i].Columns[j]
				at = checkPages(t, data, at, c)
				indexed = indexed || c.OffsetIndexLength > 0
				counted = counted || len(c.MetaData.EncodingStats) > 0
			}
		}
		checkIndexes(t, data, at, int64(footer), &meta)
		if want := indexed || len(meta.RowGroups) > 1; counted != want {
			t.Errorf("a file of %d row groups, with an index: %t, counts pages: %t", len(meta.RowGroups), indexed, counted)
		}
		small, large = small || !counted && len(meta.RowGroups) > 0, large || counted
	}
	if !small || !large {
		t.Error("no file counts its pages, or each does")
	}
}

// checkPages walks the pages of a chunk that begins at a byte, and returns its end.
func checkPages(t *testing.T, data []byte, at int64, c *format.ColumnChunk) int64 {
	if c.FileOffset != at {
		t.Errorf("a chunk is at %d, and begins at %d", c.FileOffset, at)
	}
	plain := int64(0)
	pages := map[format.PageEncodingStats]int32{}
	for end := at + c.MetaData.TotalCompressedSize; at < end; {
		h, n := again[format.PageHeader](t, "page header", data[at:])
		kind := format.PageEncodingStats{PageType: h.Type}
		if h.DataPageHeader.Valid {
			kind.Encoding = h.DataPageHeader.V.Encoding
		}
		pages[kind]++
		at += int64(n) + int64(h.CompressedPageSize)
		plain += int64(n) + int64(h.UncompressedPageSize)
	}
	for _, s := range c.MetaData.EncodingStats {
		if kind := (format.PageEncodingStats{PageType: s.PageType, Encoding: s.Encoding}); pages[kind] != s.Count {
			t.Errorf("a chunk has %v pages, and counts %+v", pages, s)
		}
	}
	if plain != c.MetaData.TotalUncompressedSize {
		t.Errorf("a chunk has %d bytes, and claims %d", plain, c.MetaData.TotalUncompressedSize)
	}
	return at
}

func checkIndexes(t *testing.T, data []byte, at, end int64, meta *format.FileMetaData) {
	check := func(what string, offset int64, length, read int) {
		if offset != at || length != read {
			t.Errorf("a %s of %d bytes at %d claims %d at %d", what, read, at, length, offset)
		}
		at += int64(read)
	}
	for i := range meta.RowGroups {
		for _, c := range meta.RowGroups[i].Columns {
			if c.ColumnIndexOffset > 0 {
				_, n := again[format.ColumnIndex](t, "column index", data[c.ColumnIndexOffset:])
				check("column index", c.ColumnIndexOffset, int(c.ColumnIndexLength), n)
			}
		}
	}
	for i := range meta.RowGroups {
		for _, c := range meta.RowGroups[i].Columns {
			if c.OffsetIndexOffset > 0 {
				_, n := again[format.OffsetIndex](t, "offset index", data[c.OffsetIndexOffset:])
				check("offset index", c.OffsetIndexOffset, int(c.OffsetIndexLength), n)
			}
		}
	}
	if at != end {
		t.Errorf("the indexes end at %d and the footer begins at %d", at, end)
	}
}

// A file whose columns have one page each has no page index, and any other file has one for
// all columns.
func TestPageIndex(t *testing.T) {
	for seed := range uint64(20) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		rows, _ := m.rows(t, s, l, 40)
		for _, pageRows := range []int{10, 40} {
			data := write(t, s, rows, 40, Options{PageRows: pageRows})
			footer := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
			meta, _ := again[format.FileMetaData](t, "footer", data[footer:])
			for _, c := range meta.RowGroups[0].Columns {
				if has := c.OffsetIndexLength > 0; has != (pageRows < 40) || c.ColumnIndexLength > 0 && !has {
					t.Errorf("pages of %d rows: the column %v has an index: %t", pageRows, c.MetaData.PathInSchema, has)
				}
			}
		}
	}
}
