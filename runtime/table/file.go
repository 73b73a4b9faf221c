package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// ErrForeign is wrapped by the error of a file whose schema this package does not write.
var ErrForeign = errors.New("another program wrote it")

// File is a Parquet file of this package that is read back into batches, column by
// column. It belongs to one goroutine.
type File struct {
	file   *parquet.File
	schema string // version, schema and key-value metadata, as in the footer
}

// NewFile returns a File of an opened Parquet file, which it does not check: reading a
// damaged file may panic.
func NewFile(f *parquet.File) *File {
	m := f.Metadata()
	file := &File{file: f, schema: string(schemaBytes(m.Schema))}
	for _, kv := range m.KeyValueMetadata {
		file.schema += fmt.Sprintf("%q=%q ", kv.Key, kv.Value)
	}
	return file
}

// SameSchema is equal for two files if their columns and their metadata are.
func (f *File) SameSchema() string { return f.schema }

// Columns is the number of leaves.
func (f *File) Columns() int { return len(f.file.Metadata().ColumnOrders) }

// Groups is the number of row groups.
func (f *File) Groups() int { return len(f.file.Metadata().RowGroups) }

// Rows is the number of rows of all row groups.
func (f *File) Rows() int64 { return f.file.NumRows() }

// PackedBytes is the size of the pages of a row group, with their headers.
func (f *File) PackedBytes(group int) int64 {
	return f.file.Metadata().RowGroups[group].TotalCompressedSize
}

// Times returns the least and the greatest `time` of a row group, in milliseconds since
// 1970 UTC. It returns false if the file does not say, or a row has none.
func (f *File) Times(group int) (first, last int64, ok bool) {
	rows := &f.file.Metadata().RowGroups[group]
	for i := range rows.Columns {
		c := &rows.Columns[i].MetaData
		if len(c.PathInSchema) != 1 || c.PathInSchema[0] != "time" || c.Type != format.Int64 {
			continue
		}
		low, high := c.Statistics.MinValue, c.Statistics.MaxValue
		if len(low) != 8 || len(high) != 8 || c.Statistics.NullCount != 0 {
			return 0, 0, false
		}
		return int64(binary.LittleEndian.Uint64(low)), int64(binary.LittleEndian.Uint64(high)), true
	}
	return 0, 0, false
}

// Schema makes the schema of the file, which has no Layout: its batches get rows by
// AppendGroup and AppendRow, not from events. The error wraps ErrForeign.
func (f *File) Schema() (*Schema, error) {
	m := f.file.Metadata()
	s := newSchema(newScratch())
	s.elements = slices.Clone(m.Schema)
	r := schemaReader{s: s}
	if err := r.root(); err != nil {
		return nil, err
	}
	var metadata []keyValue
	for _, kv := range m.KeyValueMetadata {
		metadata = append(metadata, keyValue{kv.Key, kv.Value})
	}
	s.finish(metadata)
	return s, nil
}

// schemaReader finds the leaves of a schema in its elements, which are in depth-first
// order.
type schemaReader struct {
	s    *Schema
	at   int
	path []string
}

func (r *schemaReader) root() error {
	for r.at = 1; r.at < len(r.s.elements); {
		if err := r.element(0, 0, flat, trunk, member); err != nil {
			return err
		}
	}
	return nil
}

func (r *schemaReader) element(def, rep uint8, list, branch int, own role) error {
	e, around := &r.s.elements[r.at], def
	r.at++
	switch repetition := e.RepetitionType; {
	case !repetition.Valid || def == math.MaxUint8:
		return fmt.Errorf("%w: its column %s has no repetition", ErrForeign, e.Name)
	case repetition.V == format.Optional:
		def++
	case repetition.V == format.Repeated:
		def, rep, list, branch = def+1, rep+1, len(r.s.lists), trunk
		around = def
		r.s.lists = append(r.s.lists, members{item: def})
	}
	r.path = append(r.path, e.Name)
	defer func() { r.path = r.path[:len(r.path)-1] }()
	if e.NumChildren.Valid && e.NumChildren.V > 0 {
		if def > around {
			branch = r.s.addBranch(def, list, branch, len(r.path))
		}
		return r.children(int(e.NumChildren.V), def, rep, list, branch)
	}
	l := leaf{path: slices.Clone(r.path), physical: e.Type.V, maxDef: def, maxRep: rep, around: around, list: list, branch: branch, role: own}
	switch l.physical {
	case format.Boolean, format.Int32, format.Int64, format.Double, format.ByteArray:
	default:
		return fmt.Errorf("%w: its column %s is of the type %v", ErrForeign, l.name(), l.physical)
	}
	if len(l.path) == 1 && e.Name == "time" && l.physical == format.Int64 {
		r.s.timeLeaf = len(r.s.leaves)
	}
	r.s.addLeaf(l)
	return nil
}

// children reads those of a group.
func (r *schemaReader) children(n int, def, rep uint8, list, branch int) error {
	ofMap := n == 2 && r.isMap()
	for i := range n {
		own := member
		if ofMap {
			own = mapKey + role(i)
		}
		if r.at == len(r.s.elements) {
			return fmt.Errorf("%w: its schema ends early", ErrForeign)
		}
		if err := r.element(def, rep, list, branch, own); err != nil {
			return err
		}
	}
	return nil
}

// isMap reports whether the group whose two children come next is that of a map: repeated texts under
// the name that the format has for it.
func (r *schemaReader) isMap() bool {
	of := r.s.elements[r.at-1 : min(r.at+2, len(r.s.elements))]
	for _, e := range of[1:] {
		if e.Type.V != format.ByteArray || e.RepetitionType.V == format.Repeated {
			return false
		}
	}
	return len(of) == 3 && of[0].Name == "key_value" && of[0].RepetitionType.V == format.Repeated
}
