package inspect

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// packedWithLZ4 reports whether parquet-go would read columns of a file wrongly: of a page
// that LZ4 packs to more than a third, it returns memory that it has not written to.
func packedWithLZ4(m *format.FileMetaData, columns ...int) bool {
	return len(m.RowGroups) > 0 && slices.ContainsFunc(columns, func(i int) bool {
		return m.RowGroups[0].Columns[i].MetaData.Codec == format.Lz4Raw
	})
}

// withoutLZ4 returns a row group as the only one of a file in memory, in which nothing is
// packed with LZ4. Of the columns it has those that are named, and of them the pages that
// column checks. What it takes it takes from the budget.
func (c *checker) withoutLZ4(group int, leaves []*parquet.Column, columns []int, rows int64, b *budget) (parquet.RowGroup, error) {
	file := []byte("PAR1")
	g := c.m.RowGroups[group]
	g.Columns, g.Ordinal, g.FileOffset = slices.Clone(g.Columns), 0, 0
	for i := range g.Columns {
		chunk := format.ColumnChunk{MetaData: g.Columns[i].MetaData}
		m := &chunk.MetaData
		m.IndexPageOffset, m.DictionaryPageOffset, m.DataPageOffset, m.BloomFilterOffset = 0, 0, int64(len(file)), 0
		if slices.Contains(columns, i) {
			p := plainPages{checker: c, file: file, chunk: m}
			if err := c.column(group, i, leaves[i], rows, b, p.add); err != nil {
				return nil, err
			}
			m.TotalCompressedSize = int64(len(p.file) - len(file))
			if file = p.file; m.Codec == format.Lz4Raw {
				m.Codec, m.TotalUncompressedSize = format.Uncompressed, m.TotalCompressedSize
			}
		} else {
			m.TotalCompressedSize = 0
		}
		g.Columns[i] = chunk
	}
	if err := b.take(int64(len(file))); err != nil {
		return nil, c.fault(group, columns[0], err)
	}
	about := &format.FileMetaData{Version: c.m.Version, Schema: c.m.Schema, NumRows: g.NumRows, RowGroups: []format.RowGroup{g}}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), about)
	if err != nil {
		return nil, fmt.Errorf("making a footer: %w", err)
	}
	file = binary.LittleEndian.AppendUint32(append(file, footer...), uint32(len(footer)))
	f, err := open(bytes.NewReader(append(file, "PAR1"...)), int64(len(file)+4))
	if err != nil {
		return nil, err
	}
	return f.RowGroups()[0], nil
}

// plainPages appends the pages of a chunk to a file.
type plainPages struct {
	checker *checker
	file    []byte
	chunk   *format.ColumnMetaData // whose offsets it sets
	data    bool                   // a data page was there
}

func (p *plainPages) add(h *format.PageHeader, codec format.CompressionCodec, packed []byte) error {
	header, levels := *h, 0
	if h.DataPageHeaderV2.Valid {
		levels = int(h.DataPageHeaderV2.V.RepetitionLevelsByteLength + h.DataPageHeaderV2.V.DefinitionLevelsByteLength)
	}
	body := packed
	if codec == format.Lz4Raw {
		if v2 := &header.DataPageHeaderV2.V; !h.DataPageHeaderV2.Valid || !v2.IsCompressed.Valid || v2.IsCompressed.V {
			plain, err := p.checker.unpacks.unpack(codec, packed[levels:], int(h.UncompressedPageSize))
			if err != nil {
				return err
			}
			body = append(packed[:levels:levels], plain...)
			v2.IsCompressed.Valid, v2.IsCompressed.V = true, false
		}
		header.CRC, header.CompressedPageSize, header.UncompressedPageSize = 0, int32(len(body)), int32(len(body))
	}
	text, err := thrift.Marshal(new(thrift.CompactProtocol), &header)
	if err != nil {
		return fmt.Errorf("making a page header: %w", err)
	}
	switch at := int64(len(p.file)); {
	case h.Type == format.DictionaryPage:
		p.chunk.DictionaryPageOffset = at
	case !p.data:
		p.data, p.chunk.DataPageOffset = true, at
	}
	p.file = append(append(p.file, text...), body...)
	return nil
}
