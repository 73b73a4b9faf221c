package table

import (
	"fmt"
	"slices"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// The functions of this file write layouts down and number their cells as
// ocsf.Field says.

func scalar(name string, k ocsf.Kind) *ocsf.Field {
	return &ocsf.Field{Name: name, Attribute: &ocsf.Attribute{Name: name, Type: &ocsf.Type{Kind: k}}}
}

func object(name string, children ...*ocsf.Field) *ocsf.Field {
	return &ocsf.Field{Name: name, Attribute: &ocsf.Attribute{Name: name, Object: &ocsf.Object{Name: name}}, Children: children}
}

func listOf(f *ocsf.Field) *ocsf.Field {
	f.List = true
	return f
}

func layout(fields ...*ocsf.Field) *ocsf.Layout {
	l := &ocsf.Layout{
		Schema: &ocsf.Schema{Version: "1.1.0"}, Class: &ocsf.Class{Name: "security_finding", UID: 2001},
		Fields: fields, TimeCell: -1,
	}
	l.Cells = numberCells(fields, 0)
	for _, f := range fields {
		if f.Name == "time" && !f.List {
			l.TimeCell = f.Cell
		}
	}
	return l
}

// numberCells gives cells to the fields of one record from next on.
func numberCells(fields []*ocsf.Field, next int) int {
	slices.SortFunc(fields, func(a, b *ocsf.Field) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for _, f := range fields {
		f.Cell = next
		next++
		switch {
		case f.List && len(f.Children) > 0:
			f.ItemCells = numberCells(f.Children, 0)
		case f.List:
			f.ItemCells = 1
		default:
			next = numberCells(f.Children, next)
		}
	}
	return next
}

// findingLayout is of the shape of the shipped mapping's events.
func findingLayout() *ocsf.Layout {
	technique := func(name string) *ocsf.Field {
		return object(name, scalar("name", ocsf.String), scalar("uid", ocsf.String))
	}
	return layout(
		scalar("activity_id", ocsf.Integer), scalar("activity_name", ocsf.String),
		object("analytic", scalar("category", ocsf.String), scalar("name", ocsf.String), scalar("type", ocsf.String), scalar("type_id", ocsf.Integer), scalar("uid", ocsf.String)),
		listOf(object("attacks", technique("sub_technique"), technique("tactic"), technique("technique"), scalar("version", ocsf.String))),
		scalar("category_name", ocsf.String), scalar("category_uid", ocsf.Integer),
		scalar("class_name", ocsf.String), scalar("class_uid", ocsf.Integer),
		scalar("confidence_dt", ocsf.Datetime), scalar("count", ocsf.Integer),
		listOf(scalar("data_sources", ocsf.String)),
		object("finding", scalar("title", ocsf.String), listOf(scalar("types", ocsf.String)), scalar("uid", ocsf.String)),
		scalar("message", ocsf.String),
		object("metadata", scalar("log_name", ocsf.String), scalar("log_provider", ocsf.String), scalar("original_time", ocsf.String),
			object("product", scalar("lang", ocsf.String), scalar("name", ocsf.String), scalar("vendor_name", ocsf.String), scalar("version", ocsf.String)),
			scalar("uid", ocsf.String), scalar("version", ocsf.String)),
		listOf(scalar("nist", ocsf.String)),
		scalar("raw_data", ocsf.String),
		listOf(object("resources", scalar("name", ocsf.String), scalar("uid", ocsf.String))),
		scalar("risk_score", ocsf.Integer), scalar("severity", ocsf.String), scalar("severity_id", ocsf.Integer),
		scalar("state", ocsf.String), scalar("state_id", ocsf.Integer), scalar("status", ocsf.String), scalar("status_id", ocsf.Integer),
		scalar("time", ocsf.Timestamp), scalar("type_name", ocsf.String), scalar("type_uid", ocsf.Long),
		scalar("unmapped", ocsf.Open),
	)
}

// at finds a field by its names.
func at(fields []*ocsf.Field, names ...string) *ocsf.Field {
	for _, f := range fields {
		if f.Name == names[0] {
			if len(names) == 1 {
				return f
			}
			return at(f.Children, names[1:]...)
		}
	}
	panic(fmt.Sprintf("no field %v", names))
}

func setText(r *ocsf.Record, f *ocsf.Field, s string) {
	r.Cells[f.Cell].Set, r.Cells[f.Cell].Text = true, s
}

func setNum(r *ocsf.Record, f *ocsf.Field, v int64) {
	r.Cells[f.Cell].Set, r.Cells[f.Cell].Num = true, v
}
