package lake

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/table"
)

// Encoder turns groups into bytes. It may be used by many goroutines at once.
type Encoder struct {
	tables  []Table
	options table.Options
	json    bool
}

// Encoded is a group as bytes. It aliases no batch.
type Encoded struct {
	rows *table.RowGroup
	json []byte // a gzip member; nil without a JSON copy
}

// NewEncoder makes an Encoder for groups of these tables. With json it also
// makes the JSON copy.
func NewEncoder(tables []Table, o table.Options, json bool) *Encoder {
	return &Encoder{tables: tables, options: o, json: json}
}

// Encode takes the time that writing a lake takes; it reads the group's batches.
func (e *Encoder) Encode(g *Group) (Encoded, error) {
	rows, err := e.tables[g.Table].Schema.Encode(g.Rows, e.options)
	if err != nil {
		return Encoded{}, fmt.Errorf("rows of %s for %s cannot be written as Parquet: %w",
			g.Partition.Source, g.Partition.date(), err)
	}
	out := Encoded{rows: rows}
	if e.json {
		out.json, err = e.lines(g)
	}
	return out, err
}

// lines makes the JSON copy of a group: a gzip member of its own, without a
// time in its header. Members one after another are one gzip file, so they can
// be made in parallel.
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
