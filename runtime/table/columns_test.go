package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

func glueOf(name string) ColumnType { return ColumnType{Scalar: name} }
func groupOf(fields ...Column) ColumnType {
	return ColumnType{Fields: fields}
}
func arrayOf(t ColumnType) ColumnType { return ColumnType{Element: &t} }
func mapOf(t ColumnType) ColumnType   { return ColumnType{Value: &t} }

// Law: the columns of a schema are those of its Parquet message, and the
// statement for Glue names each once.
func TestColumnsAreThoseOfTheFile(t *testing.T) {
	s := NewSchema(findingLayout())
	message := s.String()
	ddl := s.GlueTable("wazuh", "s3://bucket/ext/wazuh/")
	for _, c := range s.Columns() {
		if !strings.Contains(message, " "+c.Name+" ") && !strings.Contains(message, " "+c.Name+";") {
			t.Errorf("the message has no %s", c.Name)
		}
		if n := strings.Count(ddl, "\n  `"+c.Name+"` "); n != 1 {
			t.Errorf("%s stands %d times in the statement", c.Name, n)
		}
	}
	if !strings.Contains(ddl, "PARTITIONED BY (\n  `region` string,\n  `accountId` string,\n  `eventDay` string\n)\nSTORED AS PARQUET\nLOCATION 's3://bucket/ext/wazuh/';\n") {
		t.Error(ddl)
	}
}

func TestChanges(t *testing.T) {
	uid, name := Column{Name: "uid", Type: glueOf("string")}, Column{Name: "name", Type: glueOf("string")}
	column := func(t ColumnType) []Column { return []Column{{Name: "x", Type: t}} }
	for what, c := range map[string]struct {
		old, new []Column
		want     []Change
	}{
		"nothing":     {column(groupOf(uid)), column(groupOf(uid)), nil},
		"type":        {column(glueOf("int")), column(glueOf("bigint")), []Change{{Path: "x", What: "`x` was int and is bigint now", Breaks: true}}},
		"became list": {column(glueOf("string")), column(arrayOf(glueOf("string"))), []Change{{Path: "x", What: "`x` was string and is a list of string now", Breaks: true}}},
		"list no more": {column(arrayOf(groupOf(uid))), column(groupOf(uid)),
			[]Change{{Path: "x", What: "`x` was a list of struct and is struct now", Breaks: true}}},
		"type in list": {column(arrayOf(glueOf("int"))), column(arrayOf(glueOf("string"))), []Change{{Path: "x", What: "`x` was int and is string now", Breaks: true}}},
		"map":          {column(mapOf(glueOf("string"))), column(groupOf(uid)), []Change{{Path: "x", What: "`x` was a map and is struct now", Breaks: true}}},
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

// Law: a name that Athena keeps for itself is quoted inside a struct too.
func TestReservedNamesAreQuoted(t *testing.T) {
	l := layout(scalar("time", ocsf.Timestamp), object("actor", scalar("group", ocsf.String), scalar("name", ocsf.String)))
	ddl := NewSchema(l).GlueTable("a`b", "x")
	for _, want := range []string{"CREATE EXTERNAL TABLE IF NOT EXISTS `a``b` (\n", "  `actor` struct<`group`:string,name:string>,\n"} {
		if !strings.Contains(ddl, want) {
			t.Errorf("no %q in\n%s", want, ddl)
		}
	}
}
