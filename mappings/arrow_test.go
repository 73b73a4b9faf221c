package mappings_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// readArrow reads a Parquet file with Apache Arrow's reader, which shares no
// code with what wrote it. A row has the oracle's form.
func readArrow(t *testing.T, data []byte) (rows []object, schema *arrow.Schema) {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := r.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	batches := array.NewTableReader(table, 0)
	defer batches.Release()
	for batches.Next() {
		b := batches.RecordBatch()
		for i := range int(b.NumRows()) {
			rows = append(rows, arrowObject(t, b.Columns(), b.Schema().Fields(), i))
		}
	}
	return rows, table.Schema()
}

func arrowObject(t *testing.T, columns []arrow.Array, fields []arrow.Field, i int) object {
	o := object{}
	for c, f := range fields {
		if !columns[c].IsNull(i) {
			o[f.Name] = arrowValue(t, columns[c], i)
		}
	}
	return o
}

func arrowValue(t *testing.T, a arrow.Array, i int) any {
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(i)
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.String:
		return a.Value(i)
	case *array.Timestamp:
		return time.UnixMilli(int64(a.Value(i))).UTC().Format(time.RFC3339Nano)
	case *array.Map:
		o := object{}
		from, to := a.ValueOffsets(i)
		for k := int(from); k < int(to); k++ {
			key := a.Keys().(*array.String).Value(k)
			if _, twice := o[key]; twice {
				t.Errorf("row %d has the key %q twice", i, key)
			}
			o[key] = arrowValue(t, a.Items(), k)
		}
		return o
	case *array.List:
		items := []any{}
		from, to := a.ValueOffsets(i)
		for k := int(from); k < int(to); k++ {
			items = append(items, arrowValue(t, a.ListValues(), k))
		}
		return items
	case *array.Struct:
		columns := make([]arrow.Array, a.NumField())
		for c := range columns {
			columns[c] = a.Field(c)
		}
		return arrowObject(t, columns, a.DataType().(*arrow.StructType).Fields(), i)
	}
	t.Fatalf("a column of type %T", a)
	return nil
}
