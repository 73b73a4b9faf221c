package verify

import (
	"hash/maphash"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// binder goes through the elements of a schema, which are in depth-first order, beside the
// attributes of a class.
type binder struct {
	plan     *plan
	seed     maphash.Seed
	elements []format.SchemaElement
	at       int
	leaves   []*parquet.Column // those of the plan so far are bound
}

// scope is what the columns of a group can be.
type scope struct {
	owner      string // "class x", "object y"
	attributes []ocsf.Attribute
	known      bool // else the columns are not judged as attributes
	told       map[string]bool
}

func scopeOf(owner string, attributes []ocsf.Attribute) scope {
	s := scope{owner: owner, attributes: attributes, known: true, told: map[string]bool{}}
	for i := range attributes {
		if len(attributes[i].Enum) > 0 {
			s.told[attributes[i].Name], s.told[attributes[i].Sibling] = true, true
		}
	}
	return s
}

// toldTogether are attributes of the event that ocsf.Checker compares with others.
var toldTogether = []string{"class_uid", "type_uid", "type_name", "activity_id", "activity_name"}

func (b *binder) root(attributes []ocsf.Attribute) []glue.Column {
	var s scope
	if b.plan.class != nil {
		s = scopeOf("class "+b.plan.class.Name, attributes)
		for _, name := range toldTogether {
			s.told[name] = true
		}
	}
	root := b.take()
	columns := b.group(int(root.NumChildren.V), "", s)
	for _, c := range columns {
		if name := strings.ToLower(c.Name); name == "region" || name == "accountid" || name == "eventday" {
			b.fault(Names, c.Name, "the column has the name of a partition", "give the column another name: Athena refuses such a table")
		}
	}
	return columns
}

func (b *binder) take() *format.SchemaElement {
	b.at++
	return &b.elements[b.at-1]
}

func (b *binder) fault(demand, column, what, do string) {
	b.plan.faults = append(b.plan.faults, staticFault{demand, column, what, do})
}

// wrong notes that a column cannot hold its attribute, so its values are not judged.
func (b *binder) wrong(column, what, do string) {
	b.fault(Events, column, what, do)
	b.plan.wrong = append(b.plan.wrong, column)
}

// group binds the n columns of a group.
func (b *binder) group(n int, path string, s scope) []glue.Column {
	columns := make([]glue.Column, 0, n)
	lower := map[string]bool{}
	for range n {
		e := b.take()
		here := e.Name
		if path != "" {
			here = path + "." + e.Name
		}
		if name := strings.ToLower(e.Name); lower[name] || name == "" {
			b.fault(Names, here, "there is another column of this name, or it has none", "give each column a name of its own: Glue does not tell upper from lower case")
		} else {
			lower[name] = true
		}
		if e.RepetitionType.V == format.Repeated {
			b.fault(Types, here, "the column is repeated outside of a list or map, which Athena does not read", "write it as a LIST of three levels")
			columns = append(columns, glue.Column{Name: e.Name, Type: b.item(e, here, nil, scope{})})
			continue
		}
		columns = append(columns, glue.Column{Name: e.Name, Type: b.field(e, here, b.attribute(e.Name, here, s), s)})
	}
	return columns
}

// attribute finds the attribute of a column, nil if there is none.
func (b *binder) attribute(name, path string, s scope) *ocsf.Attribute {
	if !s.known {
		return nil
	}
	for i := range s.attributes {
		if s.attributes[i].Name == name {
			return &s.attributes[i]
		}
	}
	b.wrong(path, s.owner+" has no such attribute", "write it as OCSF names it, or under `unmapped`")
	return nil
}

// field binds a column that is not repeated.
func (b *binder) field(e *format.SchemaElement, path string, a *ocsf.Attribute, s scope) glue.Type {
	_, list := logical(e).(*format.ListType)
	_, isMap := logical(e).(*format.MapType)
	if !e.Type.Valid && logical(e) == nil && e.ConvertedType.Valid {
		list, isMap = e.ConvertedType.V == deprecated.List, e.ConvertedType.V == deprecated.Map
	}
	if a != nil && a.Array != list {
		what := "the column is a list, and the attribute is not"
		if a.Array {
			what = "the column is not a list, and the attribute is " + a.TypeName()
		}
		b.wrong(path, what, "write it as "+a.TypeName())
		a = nil
	}
	switch {
	case list:
		return b.list(e, path, a, s)
	case isMap:
		return b.entries(e, path, a)
	}
	return b.item(e, path, a, s)
}

// item binds a column without its repetition: a value or a struct.
func (b *binder) item(e *format.SchemaElement, path string, a *ocsf.Attribute, s scope) glue.Type {
	if e.Type.Valid {
		return b.leaf(e, path, a, single, s)
	}
	var inner scope
	switch {
	case a == nil:
	case a.Object != nil:
		inner = scopeOf("object "+a.Object.Name, a.Object.Attributes)
		if path == "metadata" {
			inner.told["version"], inner.told["profiles"] = true, true
		}
	case a.Type.Kind == ocsf.Open:
		b.fault(Form, path, "the column is a struct", "write it as a map of texts: its fields differ from event to event")
		b.plan.wrong = append(b.plan.wrong, path)
	default:
		b.wrong(path, "the column is a struct, and the attribute "+a.TypeName(), "write it as "+a.TypeName())
	}
	if e.NumChildren.V == 0 {
		b.fault(Types, path, "the column is a group without columns, which Athena does not read", "leave it out")
	}
	return glue.Type{Fields: b.group(int(e.NumChildren.V), path, inner)}
}

// list binds a list: an optional or required group around a repeated group around the
// element.
func (b *binder) list(e *format.SchemaElement, path string, a *ocsf.Attribute, s scope) glue.Type {
	if e.NumChildren.V == 1 && b.at < len(b.elements) {
		inner := &b.elements[b.at]
		if inner.RepetitionType.V == format.Repeated && !inner.Type.Valid && inner.NumChildren.V == 1 && logical(inner) == nil {
			b.at++
			element := b.take()
			t := b.element(element, path, a, s)
			return glue.Type{Element: &t}
		}
	}
	b.fault(Types, path, "the list has not three levels, so engines read it differently or not at all", "write it as a LIST around a repeated group around the element")
	t := glue.Type{Fields: b.group(int(e.NumChildren.V), path, scope{})}
	return glue.Type{Element: &t}
}

// element binds the element of a list. It may be a list or map itself, which no attribute is.
func (b *binder) element(e *format.SchemaElement, path string, a *ocsf.Attribute, s scope) glue.Type {
	if e.RepetitionType.V == format.Repeated {
		b.fault(Types, path, "the element of the list is repeated", "write it as a LIST around a repeated group around the element")
		return b.item(e, path, nil, scope{})
	}
	if !e.Type.Valid && logical(e) != nil {
		return b.field(e, path, nil, scope{})
	}
	return b.item(e, path, a, s)
}

// entries binds a map.
func (b *binder) entries(e *format.SchemaElement, path string, a *ocsf.Attribute) glue.Type {
	if a != nil && (a.Type == nil || a.Type.Kind != ocsf.Open) {
		b.wrong(path, "the column is a map, and the attribute "+a.TypeName(), "write it as "+a.TypeName())
		a = nil
	}
	if e.NumChildren.V == 1 && b.at+2 < len(b.elements) {
		pair, key := &b.elements[b.at], &b.elements[b.at+1]
		if pair.RepetitionType.V == format.Repeated && pair.NumChildren.V == 2 && key.Type.Valid && key.RepetitionType.V == format.Required {
			b.at += 2
			k := b.leaf(key, path, a, mapKey, scope{})
			value := b.take()
			if value.Type.Valid && value.RepetitionType.V != format.Repeated {
				v := b.leaf(value, path, a, mapValue, scope{})
				if k.Scalar == "string" {
					return glue.Type{Value: &v}
				}
				return glue.Type{Fields: []glue.Column{{Name: "key", Type: k}, {Name: "value", Type: v}}}
			}
			b.plan.leaves[len(b.plan.leaves)-1].part, b.plan.leaves[len(b.plan.leaves)-1].attribute = single, nil
			v := b.field(value, path, nil, scope{})
			return glue.Type{Value: &v}
		}
	}
	b.fault(Types, path, "the map has not three levels, so engines read it differently or not at all", "write it as a MAP around repeated pairs of a required key and a value")
	t := glue.Type{Fields: b.group(int(e.NumChildren.V), path, scope{})}
	return glue.Type{Element: &t}
}
