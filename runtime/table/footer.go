package table

import (
	"encoding/binary"
	"strconv"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// footerParts are the parts of a footer that are the same in all files of a schema,
// encoded once.
type footerParts struct {
	head      []byte   // version and schema
	keyValues []byte   // the list of key-value metadata
	orders    []byte   // the list of column orders
	paths     [][]byte // for each leaf the fields path_in_schema and codec
}

// keyValue is an entry of a file's key-value metadata.
type keyValue struct{ key, value string }

// describe is the key-value metadata of files of a layout.
func describe(l *ocsf.Layout) []keyValue {
	return []keyValue{
		{"ocsf.class_name", l.Class.Name}, {"ocsf.class_uid", strconv.Itoa(int(l.Class.UID))}, {"ocsf.version", l.Schema.Version},
	}
}

func (s *Schema) newFooterParts(metadata []keyValue) (f footerParts) {
	f.head = schemaBytes(s.elements)
	f.keyValues = appendList(nil, len(metadata), thriftStruct)
	for _, kv := range metadata {
		f.keyValues = appendBinary(appendField(f.keyValues, 1, thriftBinary), kv.key)
		f.keyValues = appendBinary(appendField(f.keyValues, 1, thriftBinary), kv.value)
		f.keyValues = append(f.keyValues, thriftStop)
	}
	f.orders = appendList(nil, len(s.leaves), thriftStruct)
	for range s.leaves { // a union whose first member, an empty struct, is set
		f.orders = append(appendField(f.orders, 1, thriftStruct), thriftStop, thriftStop)
	}
	for i := range s.leaves {
		path := s.leaves[i].path
		p := appendList(appendField(nil, 1, thriftList), len(path), thriftBinary)
		for _, name := range path {
			p = appendBinary(p, name)
		}
		f.paths = append(f.paths, appendInt(p, 1, thriftI32, int64(format.Zstd)))
	}
	return f
}

// schemaBytes are the version of the format and the schema as a footer begins with them.
func schemaBytes(elements []format.SchemaElement) []byte {
	head := appendInt(nil, 1, thriftI32, 2)
	return append(appendField(head, 1, thriftList), marshal(thrift.Slice[format.SchemaElement](elements))...)
}

// marshal encodes a value with parquet-go's encoder, which fails for no value of its
// own types.
func marshal(v any) []byte {
	p, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		panic(err)
	}
	return p
}

// appendPageHeader appends a PageHeader up to its fifth field.
func appendPageHeader(dst []byte, kind format.PageType, plain, packed int, crc uint32) ([]byte, byte) {
	dst = appendInt(dst, 1, thriftI32, int64(kind))
	dst = appendInt(dst, 1, thriftI32, int64(plain))
	dst = appendInt(dst, 1, thriftI32, int64(packed))
	return appendNonZero(dst, 3, 4, thriftI32, int64(int32(crc)))
}

// appendDataPageHeader appends the header of a data page of version 1.
func appendDataPageHeader(dst []byte, plain, packed int, crc uint32, entries, nulls int, e format.Encoding) []byte {
	dst, last := appendPageHeader(dst, format.DataPage, plain, packed, crc)
	dst = appendField(dst, 5-last, thriftStruct)
	dst = appendInt(dst, 1, thriftI32, int64(entries))
	dst = appendInt(dst, 1, thriftI32, int64(e))
	dst = appendInt(dst, 1, thriftI32, int64(format.RLE))
	dst = appendInt(dst, 1, thriftI32, int64(format.RLE))
	dst = appendInt(appendField(dst, 1, thriftStruct), 3, thriftI64, int64(nulls)) // statistics
	return append(dst, thriftStop, thriftStop, thriftStop)
}

// appendDictionaryPageHeader appends the header of a dictionary page of values.
func appendDictionaryPageHeader(dst []byte, plain, packed int, crc uint32, values int) []byte {
	dst, last := appendPageHeader(dst, format.DictionaryPage, plain, packed, crc)
	dst = appendField(dst, 7-last, thriftStruct)
	dst = appendInt(dst, 1, thriftI32, int64(values))
	dst = appendInt(dst, 1, thriftI32, int64(format.Plain))
	return append(dst, thriftStop, thriftStop)
}

// appendColumnIndex appends the ColumnIndex of a chunk.
func (g *RowGroup) appendColumnIndex(dst []byte, c *chunk) []byte {
	pages := g.pages[c.firstPage:c.lastPage]
	dst = appendList(appendField(dst, 1, thriftList), len(pages), thriftFalse)
	for i := range pages {
		if pages[i].empty {
			dst = append(dst, 1)
		} else {
			dst = append(dst, 0)
		}
	}
	dst = appendList(appendField(dst, 1, thriftList), len(pages), thriftBinary)
	for i := range pages {
		dst = appendBinary(dst, g.bound(pages[i].low))
	}
	dst = appendList(appendField(dst, 1, thriftList), len(pages), thriftBinary)
	for i := range pages {
		dst = appendBinary(dst, g.bound(pages[i].high))
	}
	dst = appendInt(dst, 1, thriftI32, int64(c.order))
	dst = appendList(appendField(dst, 1, thriftList), len(pages), thriftI64)
	for i := range pages {
		dst = binary.AppendVarint(dst, int64(pages[i].nulls))
	}
	return append(dst, thriftStop)
}

// appendOffsetIndex appends the OffsetIndex of a chunk of a row group that begins at
// base in the file.
func (g *RowGroup) appendOffsetIndex(dst []byte, c *chunk, base int64) []byte {
	pages := g.pages[c.firstPage:c.lastPage]
	dst = appendList(appendField(dst, 1, thriftList), len(pages), thriftStruct)
	for i := range pages {
		dst = appendInt(dst, 1, thriftI64, base+pages[i].offset)
		dst = appendInt(dst, 1, thriftI32, int64(pages[i].size))
		dst = appendInt(dst, 1, thriftI64, int64(pages[i].row))
		dst = append(dst, thriftStop)
	}
	return append(dst, thriftStop)
}

// appendRowGroup appends the RowGroup with this ordinal, which begins at base.
func (g *RowGroup) appendRowGroup(dst []byte, ordinal int, base int64, pageCounts bool) []byte {
	dst = appendList(appendField(dst, 1, thriftList), len(g.chunks), thriftStruct)
	plain, at := int64(0), base
	for i := range g.chunks {
		dst = g.appendColumnChunk(dst, i, at, pageCounts)
		plain += g.chunks[i].plainBytes
		at += g.chunks[i].packedBytes
	}
	dst = appendInt(dst, 1, thriftI64, plain)
	dst = appendInt(dst, 1, thriftI64, int64(g.Rows))
	last := byte(3)
	if g.sorted {
		dst = appendList(appendField(dst, 1, thriftList), 1, thriftStruct)
		dst = appendInt(dst, 1, thriftI32, int64(g.schema.timeLeaf))
		dst = append(appendField(dst, 1, thriftFalse), 1<<4|thriftFalse, thriftStop) // ascending, nulls last
		last = 4
	}
	dst = appendInt(dst, 5-last, thriftI64, base)
	dst = appendInt(dst, 1, thriftI64, g.Bytes)
	dst = appendInt(dst, 1, thriftI16, int64(ordinal))
	return append(dst, thriftStop)
}

// appendColumnChunk appends the ColumnChunk of a column, which begins at base.
func (g *RowGroup) appendColumnChunk(dst []byte, column int, base int64, pageCounts bool) []byte {
	c := &g.chunks[column]
	dst = appendInt(dst, 2, thriftI64, base)
	dst = g.appendMetaData(appendField(dst, 1, thriftStruct), column, base, pageCounts)
	last := byte(3)
	dst, last = appendNonZero(dst, last, 4, thriftI64, c.offsetIndex.offset)
	dst, last = appendNonZero(dst, last, 5, thriftI32, c.offsetIndex.length)
	dst, last = appendNonZero(dst, last, 6, thriftI64, c.columnIndex.offset)
	dst, _ = appendNonZero(dst, last, 7, thriftI32, c.columnIndex.length)
	return append(dst, thriftStop)
}

func (g *RowGroup) appendMetaData(dst []byte, column int, base int64, pageCounts bool) []byte {
	c, s := &g.chunks[column], g.schema
	dst = appendInt(dst, 1, thriftI32, int64(s.leaves[column].physical))
	encodings := []format.Encoding{format.RLE, format.Plain, format.RLEDictionary}
	if c.dictionaryBytes == 0 {
		encodings = encodings[:2]
	}
	dst = appendList(appendField(dst, 1, thriftList), len(encodings), thriftI32)
	for _, e := range encodings {
		dst = binary.AppendVarint(dst, int64(e))
	}
	dst = append(dst, s.footer.paths[column]...)
	dst = appendInt(dst, 1, thriftI64, c.entries)
	dst = appendInt(dst, 1, thriftI64, c.plainBytes)
	dst = appendInt(dst, 1, thriftI64, c.packedBytes)
	dst = appendInt(dst, 2, thriftI64, base+c.dictionaryBytes) // of the first data page
	last := byte(9)
	if c.dictionaryBytes > 0 {
		dst, last = appendInt(dst, 2, thriftI64, base), 11
	}
	dst = appendInt(appendField(dst, 12-last, thriftStruct), 3, thriftI64, c.nulls) // statistics
	if low, high := g.bound(c.low), g.bound(c.high); len(low) > 0 {
		dst = appendBinary(appendField(dst, 2, thriftBinary), high)
		dst = appendBinary(appendField(dst, 1, thriftBinary), low)
	}
	dst = append(dst, thriftStop)
	if pageCounts {
		dst = c.appendPageCounts(appendField(dst, 1, thriftList))
	}
	return append(dst, thriftStop)
}

// appendPageCounts appends the list of EncodingStats.
func (c *chunk) appendPageCounts(dst []byte) []byte {
	counts := [...]struct {
		kind     format.PageType
		encoding format.Encoding
		pages    int32
	}{
		{format.DictionaryPage, format.Plain, int32(min(c.dictionaryBytes, 1))},
		{format.DataPage, format.RLEDictionary, c.numberedPages},
		{format.DataPage, format.Plain, c.plainPages},
	}
	kinds := 0
	for _, n := range counts {
		if n.pages > 0 {
			kinds++
		}
	}
	dst = appendList(dst, kinds, thriftStruct)
	for _, n := range counts {
		if n.pages > 0 {
			dst = appendInt(dst, 1, thriftI32, int64(n.kind))
			dst = appendInt(dst, 1, thriftI32, int64(n.encoding))
			dst = append(appendInt(dst, 1, thriftI32, int64(n.pages)), thriftStop)
		}
	}
	return dst
}
