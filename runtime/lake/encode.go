package lake

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"sync"

	"github.com/sluice-lake/sluice/runtime/table"
)

// Encoder turns groups into bytes. Many goroutines may use it at once.
type Encoder struct {
	tables  []Table
	options table.Options
	json    bool
	zippers sync.Pool // *gzip.Writer
	readers sync.Pool // *eventReader
}

// eventReader is an EventReader of one table.
type eventReader struct {
	table int
	*table.EventReader
	line []byte
}

// Encoded is a group as bytes. It does not alias any batch.
type Encoded struct {
	Bytes int64

	rows *table.RowGroup
	json []byte // a gzip member; nil without a JSON copy
}

// NewEncoder makes an Encoder for groups of these tables. If json is set, it makes
// their JSON copies too.
func NewEncoder(tables []Table, o table.Options, json bool) *Encoder {
	return &Encoder{tables: tables, options: o, json: json}
}

// Encode encodes and compresses the rows of a group; it only reads their batches.
func (e *Encoder) Encode(g *Group) (Encoded, error) {
	rows, err := e.tables[g.Table].Schema.Encode(g.Rows, e.options)
	if err != nil {
		return Encoded{}, fmt.Errorf("encoding rows of source %s of day %s as Parquet: %w",
			g.Partition.Source, Date(g.Partition.Day), err)
	}
	out := Encoded{rows: rows, Bytes: rows.Bytes}
	if e.json {
		out.json, err = e.lines(g)
		out.Bytes += int64(len(out.json))
	}
	return out, err
}

// lines makes the JSON copy of a group: a gzip member of its own, without a time in its
// header. A sequence of members is one gzip file, so they can be made in parallel.
func (e *Encoder) lines(g *Group) ([]byte, error) {
	var packed bytes.Buffer
	z, ok := e.zippers.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // a valid level
	}
	z.Reset(&packed)
	events, ok := e.readers.Get().(*eventReader)
	if !ok || events.table != g.Table {
		events = &eventReader{table: g.Table, EventReader: e.tables[g.Table].Schema.NewEventReader()}
	}
	for _, row := range g.Rows {
		events.line = append(events.Read(row).AppendJSON(events.line[:0]), '\n')
		if _, err := z.Write(events.line); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	e.zippers.Put(z)
	e.readers.Put(events)
	return packed.Bytes(), err
}
