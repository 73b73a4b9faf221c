package glue

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Column is a column of the table, or a field of a struct in one.
type Column struct {
	Name string
	Type Type
}

// Type is a type of Glue and Athena. Exactly one field is set.
type Type struct {
	Scalar  string   // bigint, int, double, boolean, string, timestamp
	Fields  []Column // struct, in the order of the schema
	Element *Type    // array
	Value   *Type    // map, whose keys are text
}

// String returns the type as a CREATE TABLE of Athena spells it.
func (t Type) String() string {
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

// Columns returns the columns of the files that events of this layout are
// written to, in the order of the files' schema.
func Columns(l *ocsf.Layout) []Column { return columns(l.Fields) }

func columns(fields []*ocsf.Field) []Column {
	all := make([]Column, len(fields))
	for i, f := range fields {
		all[i] = Column{f.Name, single(f)}
		if f.List {
			element := all[i].Type
			all[i].Type = Type{Element: &element}
		}
	}
	return all
}

// single is the type of a field that is not a list, or of a list's element.
func single(f *ocsf.Field) Type {
	switch {
	case f.Attribute.Type == nil:
		return Type{Fields: columns(f.Children)}
	case f.Attribute.Type.Kind == ocsf.Open:
		return Type{Value: &Type{Scalar: "string"}}
	}
	return Type{Scalar: scalars[f.Attribute.Type.Kind]}
}

// scalars are the types that Glue's crawler gives the Parquet types of the kinds.
var scalars = [...]string{
	ocsf.Boolean: "boolean", ocsf.Integer: "int", ocsf.Long: "bigint", ocsf.Float: "double",
	ocsf.String: "string", ocsf.JSON: "string", ocsf.Timestamp: "bigint", ocsf.Datetime: "timestamp",
}
