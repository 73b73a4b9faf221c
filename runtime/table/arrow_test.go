package table

import (
	"bytes"
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// arrowRows reads a file with Apache Arrow's reader, which shares no code with
// what wrote it, and returns its rows as JSON and its Arrow schema.
func arrowRows(t testing.TB, data []byte) ([]string, *arrow.Schema) {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("arrow: %v", err)
	}
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatalf("arrow: %v", err)
	}
	tbl, err := r.ReadTable(context.Background())
	if err != nil {
		t.Fatalf("arrow: %v", err)
	}
	defer tbl.Release()
	rows := make([]string, 0, tbl.NumRows())
	batches := array.NewTableReader(tbl, 0)
	defer batches.Release()
	for batches.Next() {
		rec := batches.RecordBatch()
		for i := range int(rec.NumRows()) {
			rows = append(rows, string(arrowObject(t, nil, rec.Columns(), rec.Schema().Fields(), i)))
		}
	}
	return rows, tbl.Schema()
}

func arrowObject(t testing.TB, dst []byte, cols []arrow.Array, fields []arrow.Field, i int) []byte {
	dst = append(dst, '{')
	empty := true
	for c, f := range fields {
		if cols[c].IsNull(i) {
			continue
		}
		if !empty {
			dst = append(dst, ',')
		}
		empty = false
		dst = append(jsontext.AppendString(dst, f.Name), ':')
		dst = arrowValue(t, dst, cols[c], i)
	}
	return append(dst, '}')
}

func arrowValue(t testing.TB, dst []byte, a arrow.Array, i int) []byte {
	if a.IsNull(i) {
		return append(dst, "null"...)
	}
	switch a := a.(type) {
	case *array.Boolean:
		return strconv.AppendBool(dst, a.Value(i))
	case *array.Int32:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10)
	case *array.Int64:
		return strconv.AppendInt(dst, a.Value(i), 10)
	case *array.Float64:
		return appendFloat(dst, a.Value(i))
	case *array.String:
		return jsontext.AppendString(dst, a.Value(i))
	case *array.Timestamp:
		unit := a.DataType().(*arrow.TimestampType)
		if unit.Unit != arrow.Millisecond || unit.TimeZone != "UTC" {
			t.Fatalf("a Datetime is %v", unit)
		}
		return jsontext.AppendString(dst, time.UnixMilli(int64(a.Value(i))).UTC().Format(time.RFC3339Nano))
	case *array.Map:
		return arrowMap(t, dst, a, i)
	case *array.List:
		dst = append(dst, '[')
		from, to := a.ValueOffsets(i)
		for k := from; k < to; k++ {
			if k > from {
				dst = append(dst, ',')
			}
			dst = arrowValue(t, dst, a.ListValues(), int(k))
		}
		return append(dst, ']')
	case *array.Struct:
		cols := make([]arrow.Array, a.NumField())
		for c := range cols {
			cols[c] = a.Field(c)
		}
		return arrowObject(t, dst, cols, a.DataType().(*arrow.StructType).Fields(), i)
	}
	t.Fatalf("no JSON for %T", a)
	return nil
}

func arrowMap(t testing.TB, dst []byte, a *array.Map, i int) []byte {
	dst = append(dst, '{')
	from, to := a.ValueOffsets(i)
	for k := from; k < to; k++ {
		if k > from {
			dst = append(dst, ',')
		}
		dst = append(arrowValue(t, dst, a.Keys(), int(k)), ':')
		dst = arrowValue(t, dst, a.Items(), int(k))
	}
	return append(dst, '}')
}
