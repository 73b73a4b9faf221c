package glue

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table"
)

func glueOf(name string) Type { return Type{Scalar: name} }
func groupOf(fields ...Column) Type {
	return Type{Fields: fields}
}
func arrayOf(t Type) Type { return Type{Element: &t} }
func mapOf(t Type) Type   { return Type{Value: &t} }

// wholeClass is a layout of every attribute of a class, of objects three levels deep.
func wholeClass(t *testing.T, s *ocsf.Schema, name string) *ocsf.Layout {
	t.Helper()
	class, ok := s.Class(name)
	if !ok {
		t.Fatalf("no class %s", name)
	}
	l, err := ocsf.NewLayout(s, class, wholeFields(class.Attributes, 3))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func wholeFields(attributes []ocsf.Attribute, depth int) (fields []*ocsf.Field) {
	for i := range attributes {
		a := &attributes[i]
		f := &ocsf.Field{Name: a.Name}
		if a.Object != nil {
			if depth == 0 {
				continue
			}
			if f.Children = wholeFields(a.Object.Attributes, depth-1); len(f.Children) == 0 {
				continue
			}
		}
		fields = append(fields, f)
	}
	return fields
}

// Law: the columns are those of the footer of a file, for every attribute of every
// class, as Athena reads Parquet types.
func TestColumnsAreThoseOfTheFile(t *testing.T) {
	for _, version := range ocsf.Versions() {
		s, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		for _, class := range s.ClassNames() {
			l := wholeClass(t, s, class)
			var file bytes.Buffer
			if err := table.NewWriter(&file, table.NewSchema(l), table.Options{}).Close(); err != nil {
				t.Fatal(err)
			}
			f, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
			if err != nil {
				t.Fatal(err)
			}
			elements := f.Metadata().Schema
			footer := footerReader{rest: elements[1:]}
			want := footer.columns(t, int(elements[0].NumChildren.V))
			if diff := cmp.Diff(want, Columns(l)); diff != "" {
				t.Errorf("%s %s (-footer +columns):\n%s", version, class, diff)
			}
		}
	}
}

// footerReader reads Glue's types off the elements of a footer.
type footerReader struct{ rest []format.SchemaElement }

func (r *footerReader) take() format.SchemaElement {
	e := r.rest[0]
	r.rest = r.rest[1:]
	return e
}

func (r *footerReader) columns(t *testing.T, n int) []Column {
	columns := make([]Column, n)
	for i := range columns {
		e := r.take()
		columns[i] = Column{e.Name, r.typeOf(t, e)}
	}
	return columns
}

func (r *footerReader) typeOf(t *testing.T, e format.SchemaElement) Type {
	switch e.LogicalType.Value.(type) {
	case *format.ListType:
		r.take() // the repeated group
		element := r.typeOf(t, r.take())
		return Type{Element: &element}
	case *format.MapType:
		r.take()
		r.take() // the key
		value := r.typeOf(t, r.take())
		return Type{Value: &value}
	case *format.TimestampType:
		return glueOf("timestamp")
	case *format.StringType:
		return glueOf("string")
	}
	if !e.Type.Valid {
		return Type{Fields: r.columns(t, int(e.NumChildren.V))}
	}
	names := map[format.Type]string{format.Boolean: "boolean", format.Int32: "int", format.Int64: "bigint", format.Double: "double"}
	if names[e.Type.V] == "" {
		t.Errorf("%s has the type %s", e.Name, e.Type.V)
	}
	return glueOf(names[e.Type.V])
}

// The statement names each column once, and the partitions of the keys.
func TestStatement(t *testing.T) {
	s, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	columns := Columns(wholeClass(t, s, "detection_finding"))
	ddl := Statement("wazuh", "s3://bucket/ext/wazuh/", columns)
	for _, c := range columns {
		if n := strings.Count(ddl, "\n  `"+c.Name+"` "); n != 1 {
			t.Errorf("%s is in the statement %d times", c.Name, n)
		}
	}
	if !strings.Contains(ddl, "PARTITIONED BY (\n  `region` string,\n  `accountId` string,\n  `eventDay` string\n)\nSTORED AS PARQUET\nLOCATION 's3://bucket/ext/wazuh/';\n") {
		t.Error(ddl)
	}
}

func TestChanges(t *testing.T) {
	uid, name := Column{Name: "uid", Type: glueOf("string")}, Column{Name: "name", Type: glueOf("string")}
	column := func(t Type) []Column { return []Column{{Name: "x", Type: t}} }
	for what, c := range map[string]struct {
		old, new []Column
		want     []Change
	}{
		"nothing":     {column(groupOf(uid)), column(groupOf(uid)), nil},
		"type":        {column(glueOf("int")), column(glueOf("bigint")), []Change{{Path: "x", What: "`x` was int and is now bigint", Breaks: true}}},
		"became list": {column(glueOf("string")), column(arrayOf(glueOf("string"))), []Change{{Path: "x", What: "`x` was string and is now a list of string", Breaks: true}}},
		"list no more": {column(arrayOf(groupOf(uid))), column(groupOf(uid)),
			[]Change{{Path: "x", What: "`x` was a list of struct and is now struct", Breaks: true}}},
		"type in list": {column(arrayOf(glueOf("int"))), column(arrayOf(glueOf("string"))), []Change{{Path: "x", What: "`x` was int and is now string", Breaks: true}}},
		"map":          {column(mapOf(glueOf("string"))), column(groupOf(uid)), []Change{{Path: "x", What: "`x` was a map and is now struct", Breaks: true}}},
		"gone":         {append(column(glueOf("int")), uid), []Column{uid}, []Change{{Path: "x", What: "column `x` (int) is gone", Breaks: true}}},
		"new":          {[]Column{uid}, append(column(glueOf("int")), uid), []Change{{Path: "x", What: "column `x` (int) is new"}}},
		"gained": {column(arrayOf(groupOf(uid))), column(arrayOf(groupOf(name, uid))),
			[]Change{{Path: "x.name", What: "the struct `x` gained a field `name` (string)", Breaks: true}}},
		"lost": {column(groupOf(name, uid)), column(groupOf(uid)),
			[]Change{{Path: "x.name", What: "the struct `x` lost its field `name` (string)", Breaks: true}}},
	} {
		if diff := cmp.Diff(c.want, Changes(c.old, c.new)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

// Law: a name that Athena reserves is quoted inside a struct too.
func TestReservedNamesAreQuoted(t *testing.T) {
	ddl := Statement("a`b", "x", []Column{{"actor", groupOf(Column{"group", glueOf("string")}, Column{"name", glueOf("string")})}})
	for _, want := range []string{"CREATE EXTERNAL TABLE IF NOT EXISTS `a``b` (\n", "  `actor` struct<`group`:string,name:string>\n"} {
		if !strings.Contains(ddl, want) {
			t.Errorf("no %q in\n%s", want, ddl)
		}
	}
}
