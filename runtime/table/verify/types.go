package verify

import (
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// leaf binds a column that has values.
func (b *binder) leaf(e *format.SchemaElement, path string, a *ocsf.Attribute, of part, s scope) glue.Type {
	c := b.leaves[len(b.plan.leaves)]
	l := leaf{path: path, seed: b.seed, part: of, maxDef: byte(c.MaxDefinitionLevel()), maxRep: byte(c.MaxRepetitionLevel()),
		kind: c.Type().Kind(), perMilli: perMilli(e), told: a != nil && s.told[a.Name]}
	name, order, unread := scalar(e)
	l.order = order
	switch {
	case unread != "":
		b.fault(Types, path, unread, "write it as a type that Athena and Glue read")
	case e.Type.V == format.Int96:
		b.fault(Types, path, "the column is of the type INT96, which some readers of a lake do not know", "write times as TIMESTAMP in milliseconds")
	}
	if l.maxRep == 0 && path == "time" && e.Type.V == format.Int64 {
		l.special = timeLeaf
	}
	if l.maxRep == 0 && path == "class_uid" {
		l.special = classLeaf
	}
	if unread == "" {
		l.attribute = b.holds(a, &l, name, path)
	} else {
		b.plan.wrong = append(b.plan.wrong, path)
	}
	l.bounds()
	b.plan.leaves = append(b.plan.leaves, l)
	return glue.Type{Scalar: name}
}

// holds returns the attribute if a column of this type can hold it.
func (b *binder) holds(a *ocsf.Attribute, l *leaf, name, path string) *ocsf.Attribute {
	switch {
	case a == nil:
		return nil
	case l.part != single:
		l.bare = true
		if name != "string" {
			b.fault(Form, path, "keys and values of the map are not text", "write it as a map of texts")
			return nil
		}
		return a
	case a.Type == nil:
		b.wrong(path, "the column is of the type "+name+", and the attribute an object ("+a.Object.Name+")", "write it as a struct")
		return nil
	case a.Type.Kind == ocsf.Open:
		b.fault(Form, path, "the column is of the type "+name, "write it as a map of texts")
		b.plan.wrong = append(b.plan.wrong, path)
		return nil
	}
	for _, fits := range columnTypes[a.Type.Kind] {
		if name == fits {
			l.bare = a.Type.Kind == ocsf.JSON
			return a
		}
	}
	b.wrong(path, fmt.Sprintf("the column is of the type %s, and the attribute %s", name, a.Type.Name), "write it as "+columnTypes[a.Type.Kind][0])
	return nil
}

// columnTypes are the types of columns that can hold an attribute, sluice's own first.
var columnTypes = [...][]string{
	ocsf.Boolean: {"boolean"}, ocsf.Integer: {"int", "bigint", "smallint", "tinyint"}, ocsf.Long: {"bigint", "int"},
	ocsf.Float: {"double", "float"}, ocsf.String: {"string"}, ocsf.JSON: {"string"}, ocsf.Timestamp: {"bigint"},
	ocsf.Datetime: {"timestamp", "string"},
}

// bounds are those within which the Checker has nothing against a number.
func (l *leaf) bounds() {
	// Times before 1973 look like seconds to the Checker. The last is the end of 9999.
	const first, last = 100_000_000_000, 253_402_300_799_999
	l.low, l.high = math.MinInt64, math.MaxInt64
	if l.attribute == nil || l.attribute.Type == nil {
		return
	}
	switch t := l.attribute.Type; {
	case t.Ranged:
		l.low, l.high = t.Min, t.Max
	case t.Kind == ocsf.Integer:
		l.low, l.high = math.MinInt32, math.MaxInt32
	case t.Kind == ocsf.Timestamp:
		l.low, l.high = first, last
	case t.Kind == ocsf.Datetime:
		l.low, l.high = 0, math.MaxInt64
		if l.perMilli < math.MaxInt64/last {
			l.high = last * l.perMilli
		}
	}
}

func perMilli(e *format.SchemaElement) int64 {
	t, ok := logical(e).(*format.TimestampType)
	if !ok {
		if e.ConvertedType.Valid && e.ConvertedType.V == deprecated.TimestampMicros {
			return 1000
		}
		return 1
	}
	switch t.Unit.Value.(type) {
	case *format.MicroSeconds:
		return 1000
	case *format.NanoSeconds:
		return 1_000_000
	}
	return 1
}

// scalar returns the type that Glue's crawler gives a column, the order of its values, and
// why Athena does not read it, "" if it does.
func scalar(e *format.SchemaElement) (name string, values order, unread string) {
	if logical(e) == nil && e.ConvertedType.Valid {
		return converted(e)
	}
	switch t := logical(e).(type) {
	case nil:
		return physical(e.Type.V)
	case *format.StringType, *format.EnumType, *format.JsonType:
		return "string", texts, ""
	case *format.DateType:
		return "date", integers, ""
	case *format.DecimalType:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale), unordered, ""
	case *format.TimestampType:
		if perMilli(e) > 1000 {
			return "timestamp", integers, "the column has times in nanoseconds, which Athena does not read"
		}
		return "timestamp", integers, ""
	case *format.IntType:
		if !t.IsSigned {
			return "unsigned", unordered, "the column is of the type " + t.String() + ": Athena has no unsigned numbers"
		}
		return sized(int(t.BitWidth)), integers, ""
	case *format.NullType:
		return "null", unordered, "the column has nulls only, and so no type: the schema followed the data"
	}
	return "unknown", unordered, "the column is of the type " + logical(e).String() + ", which Athena does not read"
}

func sized(bits int) string {
	switch bits {
	case 8:
		return "tinyint"
	case 16:
		return "smallint"
	case 32:
		return "int"
	}
	return "bigint"
}

func physical(t format.Type) (name string, values order, unread string) {
	switch t {
	case format.Boolean:
		return "boolean", integers, ""
	case format.Int32:
		return "int", integers, ""
	case format.Int64:
		return "bigint", integers, ""
	case format.Int96:
		return "timestamp", unordered, ""
	case format.Float:
		return "float", floats, ""
	case format.Double:
		return "double", floats, ""
	}
	return "binary", texts, ""
}

// converted is scalar for files of old writers, which have no logical types.
func converted(e *format.SchemaElement) (name string, values order, unread string) {
	switch t := e.ConvertedType.V; t {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return "string", texts, ""
	case deprecated.Date:
		return "date", integers, ""
	case deprecated.Decimal:
		return fmt.Sprintf("decimal(%d,%d)", e.Precision.V, e.Scale.V), unordered, ""
	case deprecated.TimestampMillis, deprecated.TimestampMicros:
		return "timestamp", integers, ""
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return sized(8 << (t - deprecated.Int8)), integers, ""
	default:
		return "unknown", unordered, "the column is " + oldNames[t] + ", which Athena does not read"
	}
}

// oldNames are converted types that Athena does not read.
var oldNames = map[deprecated.ConvertedType]string{
	deprecated.Uint8: "unsigned", deprecated.Uint16: "unsigned", deprecated.Uint32: "unsigned", deprecated.Uint64: "unsigned",
	deprecated.TimeMillis: "a time of day", deprecated.TimeMicros: "a time of day", deprecated.Bson: "BSON", deprecated.Interval: "an interval",
}
