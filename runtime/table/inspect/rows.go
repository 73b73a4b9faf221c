package inspect

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// Rows reads the first rows of a Parquet file of size bytes as JSON objects: at most
// limit rows, or all if limit is negative. Attributes are in the order of the schema,
// absent ones are left out. The bytes are valid until the next iteration. An error
// ends the iteration.
func Rows(r io.ReaderAt, size int64, limit int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rr, err := openRows(r, size, limit)
		if err != nil {
			yield(nil, short(err))
			return
		}
		defer rr.close()
		for ; limit != 0; limit-- {
			row, err := rr.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(row, short(err)) || err != nil {
				return
			}
		}
	}
}

// rowReader reads a file row group by row group. The pages of a group are checked
// when it is opened.
type rowReader struct {
	checker *checker
	leaves  []*parquet.Column
	columns []int // their numbers
	groups  []parquet.RowGroup
	group   int // the one that rows reads, counted from 1
	left    int // rows to come, negative for all
	rows    parquet.Rows
	buf     [1]parquet.Row
	json    rowJSON
}

func openRows(r io.ReaderAt, size int64, limit int) (rr *rowReader, err error) {
	defer recoverCorrupt(&err)
	f, err := open(r, size)
	if err != nil {
		return nil, err
	}
	m := f.Metadata()
	leaves := leafColumns(f.Root(), nil)
	for i := range m.RowGroups {
		if len(m.RowGroups[i].Columns) != len(leaves) {
			return nil, fmt.Errorf("%w: row group %d has %d columns and the schema %d", ErrNotParquet, i, len(m.RowGroups[i].Columns), len(leaves))
		}
	}
	c, err := newChecker(r, size, m)
	if err != nil {
		return nil, err
	}
	columns := make([]int, len(leaves))
	for i := range columns {
		columns[i] = i
	}
	return &rowReader{checker: c, leaves: leaves, columns: columns, groups: f.RowGroups(), left: limit, json: newRowJSON(f.Root())}, nil
}

// next returns the next row as JSON, or io.EOF.
func (rr *rowReader) next() (row []byte, err error) {
	defer recoverCorrupt(&err)
	values, err := rr.values()
	if err != nil {
		return nil, err
	}
	return rr.json.row(values)
}

// values returns the values of the next row, or io.EOF. They are valid until the next call.
func (rr *rowReader) values() (parquet.Row, error) {
	for {
		if rr.rows == nil {
			if err := rr.open(); err != nil {
				return nil, err
			}
		}
		n, err := rr.rows.ReadRows(rr.buf[:])
		if n > 0 {
			rr.left--
			return rr.buf[0], nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: row group %d: %w", ErrNotParquet, rr.group-1, err)
		}
		if err := rr.rows.Close(); err != nil {
			return nil, fmt.Errorf("%w: row group %d: %w", ErrNotParquet, rr.group-1, err)
		}
		rr.rows = nil
	}
}

// open checks and opens the next row group, or returns io.EOF.
func (rr *rowReader) open() error {
	if rr.group == len(rr.groups) {
		return io.EOF
	}
	b := newBudget(rr.checker.size)
	g := rr.groups[rr.group]
	if packedWithLZ4(rr.checker.m, rr.columns...) {
		var err error
		if g, err = rr.checker.withoutLZ4(rr.group, rr.leaves, rr.columns, int64(rr.left), b); err != nil {
			return err
		}
	} else {
		for i, leaf := range rr.leaves {
			if err := rr.checker.column(rr.group, i, leaf, int64(rr.left), b, nil); err != nil {
				return err
			}
		}
	}
	rr.rows = g.Rows()
	rr.group++
	return nil
}

func (rr *rowReader) close() {
	if rr.rows != nil {
		rr.rows.Close()
	}
	rr.checker.close()
}

// jsonShape says how a column becomes JSON.
type jsonShape uint8

const (
	jsonValue  jsonShape = iota // a scalar
	jsonObject                  // a group
	jsonList                    // an optional or required group around a repeated item
	jsonMap                     // the same with keys
	jsonBare                    // a repeated column outside of a LIST
)

// jsonNode is a column of the file's schema. The inner levels of lists and maps are
// left out: a list's child is its element, a map's children are key and value.
type jsonNode struct {
	shape    jsonShape
	name     []byte // in quotes, with the colon
	first    int    // its first leaf
	leaves   int
	def, rep int // levels at which it is present; of a list, at which it has an item
	outer    int // of a list or map: the definition level at which it is present
	children []jsonNode
	scalar   func(dst []byte, v parquet.Value) []byte
}

// newJSONNode compiles a column. Leaf is the number of leaves before it, and grows.
func newJSONNode(c *parquet.Column, leaf *int) jsonNode {
	n := jsonNode{name: append(jsontext.AppendString(nil, c.Name()), ':'), first: *leaf}
	n.def, n.rep = c.MaxDefinitionLevel(), c.MaxRepetitionLevel()
	switch item := nested(c); {
	case c.Repeated():
		n.shape = jsonBare
		child := jsonNode{shape: jsonObject, first: n.first, def: n.def}
		child.fill(c, leaf)
		child.leaves = *leaf - n.first
		n.children = []jsonNode{child}
	case item != nil:
		n.shape, n.outer, n.def, n.rep = jsonList, n.def, item.MaxDefinitionLevel(), item.MaxRepetitionLevel()
		if isLogical[*format.MapType](c) {
			n.shape = jsonMap
		}
		n.items(item, leaf)
	default:
		n.fill(c, leaf)
	}
	n.leaves = *leaf - n.first
	return n
}

// fill compiles a column as a value or an object, without its repetition.
func (n *jsonNode) fill(c *parquet.Column, leaf *int) {
	if c.Leaf() {
		n.shape, n.scalar = jsonValue, scalarJSON(c)
		*leaf++
		return
	}
	n.shape = jsonObject
	for _, child := range c.Columns() {
		n.children = append(n.children, newJSONNode(child, leaf))
	}
}

// items adds the element of a list, or the key and value of a map. In a list of two
// levels the element itself is repeated.
func (n *jsonNode) items(item *parquet.Column, leaf *int) {
	inner := item.Columns()
	if n.shape == jsonMap || len(inner) == 1 && (item.Name() == "list" || item.Name() == "bag" || inner[0].Name() == "element") {
		for _, child := range inner {
			n.children = append(n.children, newJSONNode(child, leaf))
		}
		return
	}
	child := jsonNode{first: *leaf, def: n.def}
	child.fill(item, leaf)
	child.leaves = *leaf - child.first
	n.children = []jsonNode{child}
}

// nested returns the repeated column of a list or map, nil for any other column.
func nested(c *parquet.Column) *parquet.Column {
	inner := c.Columns()
	if len(inner) != 1 || !inner[0].Repeated() {
		return nil
	}
	if isLogical[*format.ListType](c) || isLogical[*format.MapType](c) && len(inner[0].Columns()) == 2 {
		return inner[0]
	}
	return nil
}

func isLogical[T format.LogicalTypeValue](c *parquet.Column) bool {
	lt := c.Type().LogicalType()
	if lt == nil {
		return false
	}
	_, ok := lt.Value.(T)
	return ok
}
