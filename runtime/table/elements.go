package table

import (
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// repetition is nil for the root only.
type repetition *format.FieldRepetitionType

func repeats(r format.FieldRepetitionType) repetition { return &r }

var (
	required = repeats(format.Required)
	optional = repeats(format.Optional)
	repeated = repeats(format.Repeated)
)

func some[T any](v T) thrift.Null[T] { return thrift.New(v) }

func groupElement(name string, r repetition) format.SchemaElement {
	e := format.SchemaElement{Name: name}
	if r != nil {
		e.RepetitionType = some(*r)
	}
	return e
}

// annotated adds a logical type, and the converted type that older readers use.
func annotated(e format.SchemaElement, t format.LogicalTypeValue) format.SchemaElement {
	e.LogicalType = format.LogicalType{Value: t}
	switch t.(type) {
	case *format.ListType:
		e.ConvertedType = some(deprecated.List)
	case *format.MapType:
		e.ConvertedType = some(deprecated.Map)
	case *format.StringType:
		e.ConvertedType = some(deprecated.UTF8)
	case *format.TimestampType:
		e.ConvertedType = some(deprecated.TimestampMillis)
	}
	return e
}

// scalarElement returns the Parquet type of an OCSF kind. A Timestamp has no logical
// type: in OCSF it is a number of milliseconds, and queries for Security Lake compare
// it with one.
func scalarElement(name string, k ocsf.Kind, r repetition) format.SchemaElement {
	e := groupElement(name, r)
	switch k {
	case ocsf.Boolean:
		e.Type = some(format.Boolean)
	case ocsf.Integer:
		e.Type = some(format.Int32)
	case ocsf.Long, ocsf.Timestamp:
		e.Type = some(format.Int64)
	case ocsf.Float:
		e.Type = some(format.Double)
	case ocsf.Datetime:
		e.Type = some(format.Int64)
		return annotated(e, &format.TimestampType{
			IsAdjustedToUTC: true,
			Unit:            format.TimeUnit{Value: &format.MilliSeconds{}},
		})
	default: // String, JSON
		e.Type = some(format.ByteArray)
		return annotated(e, &format.StringType{})
	}
	return e
}
