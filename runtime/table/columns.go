package table

import (
	"strings"

	"github.com/parquet-go/parquet-go/format"
)

// Column is a column of the file, or a field of a struct in one, as a table of
// AWS Glue sees it.
type Column struct {
	Name string
	Type ColumnType
}

// ColumnType is a type of Glue and Athena. Of Scalar, Fields, Element and
// Value one is set.
type ColumnType struct {
	Scalar  string      // bigint, int, double, boolean, string, timestamp
	Fields  []Column    // struct, in the order of the schema
	Element *ColumnType // array
	Value   *ColumnType // map, whose keys are text
}

// String writes the type as it stands in a CREATE TABLE of Athena.
func (t ColumnType) String() string {
	switch {
	case t.Element != nil:
		return "array<" + t.Element.String() + ">"
	case t.Value != nil:
		return "map<string," + t.Value.String() + ">"
	case t.Fields == nil:
		return t.Scalar
	}
	fields := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		fields[i] = f.Name + ":" + f.Type.String()
	}
	return "struct<" + strings.Join(fields, ",") + ">"
}

// Columns gives the columns of the schema. They are read off the very elements
// that stand in the files' footers.
func (s *Schema) Columns() []Column {
	r := columnReader{rest: s.elements[1:]}
	return r.columns(int(s.elements[0].NumChildren.V))
}

type columnReader struct{ rest []format.SchemaElement }

func (r *columnReader) take() format.SchemaElement {
	e := r.rest[0]
	r.rest = r.rest[1:]
	return e
}

func (r *columnReader) columns(n int) []Column {
	columns := make([]Column, n)
	for i := range columns {
		e := r.take()
		columns[i] = Column{e.Name, r.typeOf(e)}
	}
	return columns
}

func (r *columnReader) typeOf(e format.SchemaElement) ColumnType {
	switch e.LogicalType.Value.(type) {
	case *format.ListType:
		r.take() // the repeated group
		element := r.typeOf(r.take())
		return ColumnType{Element: &element}
	case *format.MapType:
		r.take()
		r.take() // the key
		value := r.typeOf(r.take())
		return ColumnType{Value: &value}
	case *format.TimestampType:
		return ColumnType{Scalar: "timestamp"}
	}
	if !e.Type.Valid {
		return ColumnType{Fields: r.columns(int(e.NumChildren.V))}
	}
	switch e.Type.V {
	case format.Boolean:
		return ColumnType{Scalar: "boolean"}
	case format.Int32:
		return ColumnType{Scalar: "int"}
	case format.Int64:
		return ColumnType{Scalar: "bigint"}
	case format.Double:
		return ColumnType{Scalar: "double"}
	}
	return ColumnType{Scalar: "string"}
}
