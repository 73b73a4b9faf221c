package lake

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/table"
)

// Encoder turns groups into bytes. Many goroutines may use it at once.
type Encoder struct {
	tables  []Table
	options table.Options
	json    bool
}

// Encoded is a group as bytes. It does not alias any batch.
type Encoded struct {
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
			g.Partition.Source, g.Partition.date(), err)
	}
	out := Encoded{rows: rows}
	if e.json {
		out.json, err = e.lines(g)
	}
	return out, err
}

// lines makes the JSON copy of a group: a gzip member of its own, without a time in its
// header. A sequence of members is one gzip file, so they can be made in parallel.
func (e *Encoder) lines(g *Group) ([]byte, error) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	events := e.tables[g.Table].Schema.NewEventReader()
	var line []byte
	for _, row := range g.Rows {
		line = events.Read(row).AppendJSON(line[:0])
		if _, err := z.Write(append(line, '\n')); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return packed.Bytes(), err
}
