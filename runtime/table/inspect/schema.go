package inspect

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// schemaText writes the schema of a footer as a Parquet message, with exactly the
// annotations of the footer: parquet-go shows every bare integer as INT(64,true).
func schemaText(elements []format.SchemaElement) (string, error) {
	w := schemaWriter{rest: elements}
	root, err := w.take()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&w.text, "message %s {\n", schemaName(root.Name))
	if err := w.children(root.NumChildren.V, 1); err != nil {
		return "", err
	}
	if len(w.rest) > 0 {
		return "", fmt.Errorf("%w: its schema has %d elements outside of any group", ErrNotParquet, len(w.rest))
	}
	w.text.WriteString("}")
	return w.text.String(), nil
}

type schemaWriter struct {
	rest []format.SchemaElement
	text strings.Builder
}

func (w *schemaWriter) take() (format.SchemaElement, error) {
	if len(w.rest) == 0 {
		return format.SchemaElement{}, fmt.Errorf("%w: its schema ends within a group", ErrNotParquet)
	}
	e := w.rest[0]
	w.rest = w.rest[1:]
	return e, nil
}

func (w *schemaWriter) children(n int32, depth int) error {
	for range n {
		e, err := w.take()
		if err != nil {
			return err
		}
		indent := strings.Repeat("\t", depth)
		repetition := strings.ToLower(e.RepetitionType.V.String())
		if e.Type.Valid {
			fmt.Fprintf(&w.text, "%s%s %s %s%s;\n", indent, repetition, typeText(e), schemaName(e.Name), annotation(e))
			continue
		}
		fmt.Fprintf(&w.text, "%s%s group %s%s {\n", indent, repetition, schemaName(e.Name), annotation(e))
		if err := w.children(e.NumChildren.V, depth+1); err != nil {
			return err
		}
		w.text.WriteString(indent + "}\n")
	}
	return nil
}

// schemaName quotes a name that could be taken for something else in the text.
func schemaName(name string) string {
	plain := func(r rune) bool { return r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	if name == "" || strings.IndexFunc(name, func(r rune) bool { return !plain(r) || strings.ContainsRune("{};()\"", r) }) >= 0 {
		return strconv.Quote(name)
	}
	return name
}

func typeText(e format.SchemaElement) string {
	switch e.Type.V {
	case format.ByteArray:
		return "binary"
	case format.FixedLenByteArray:
		return fmt.Sprintf("fixed_len_byte_array(%d)", e.TypeLength.V)
	}
	return strings.ToLower(e.Type.V.String())
}

// annotation is the logical type in brackets; files of old writers have only the
// converted type.
func annotation(e format.SchemaElement) string {
	switch {
	case e.LogicalType.Value != nil:
		return " (" + e.LogicalType.Value.String() + ")"
	case !e.ConvertedType.Valid:
		return ""
	case e.ConvertedType.V == deprecated.Decimal:
		return fmt.Sprintf(" (DECIMAL(%d,%d))", e.Precision.V, e.Scale.V)
	}
	if t := e.ConvertedType.V; t >= 0 && int(t) < len(convertedNames) && convertedNames[t] != "" {
		return " (" + convertedNames[t] + ")"
	}
	return ""
}

var convertedNames = [...]string{
	deprecated.UTF8: "UTF8", deprecated.Map: "MAP", deprecated.MapKeyValue: "MAP_KEY_VALUE",
	deprecated.List: "LIST", deprecated.Enum: "ENUM", deprecated.Date: "DATE",
	deprecated.TimeMillis: "TIME_MILLIS", deprecated.TimeMicros: "TIME_MICROS",
	deprecated.TimestampMillis: "TIMESTAMP_MILLIS", deprecated.TimestampMicros: "TIMESTAMP_MICROS",
	deprecated.Uint8: "UINT_8", deprecated.Uint16: "UINT_16", deprecated.Uint32: "UINT_32", deprecated.Uint64: "UINT_64",
	deprecated.Int8: "INT_8", deprecated.Int16: "INT_16", deprecated.Int32: "INT_32", deprecated.Int64: "INT_64",
	deprecated.Json: "JSON", deprecated.Bson: "BSON", deprecated.Interval: "INTERVAL",
}
