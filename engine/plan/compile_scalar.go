package plan

import (
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// scalar compiles an attribute with one value and reports whether it is a
// constant.
func (c *compiler) scalar(field *ocsf.Field, n *syntax.Node, path string) bool {
	a := field.Attribute
	switch n.Kind {
	case syntax.Object:
		c.faults.Add(n.Pos, "`%s` is %s, a single value, not an object", path, a.Type.Name)
		c.loose(n)
		return true
	case syntax.List:
		c.faults.Add(n.Pos, "`%s` is %s, a single value, not a list", path, a.Type.Name)
		c.loose(n)
		return true
	}
	s := c.value(field, n, path, false)
	c.steps = append(c.steps, s)
	return s.op == opConstant
}

// scalarList compiles an array of scalars: items in order, or one rule for all of
// them. It reports whether all are constants.
func (c *compiler) scalarList(field *ocsf.Field, n *syntax.Node, path string) bool {
	items := []*syntax.Node{n}
	if n.Kind == syntax.List {
		items = n.Items
		c.notEmpty(n, path)
	}
	constant := true
	for _, item := range items {
		if item.Kind == syntax.Object || item.Kind == syntax.List {
			c.faults.Add(item.Pos, "an item of `%s` is %s, a single value; make a list from others with an expression such as `=map(…)`",
				path, field.Attribute.Type.Name)
			c.loose(item)
			continue
		}
		s := c.value(field, item, path, true)
		switch s.op {
		case opConstant:
			s.op = opAppendConst
		case opPath:
			s.op, constant = opAppendPath, false
		default:
			s.op, constant = opAppend, false
		}
		c.steps = append(c.steps, s)
	}
	return constant
}

const noValue = "`%s` has no value: give it one, or remove the line"

// notEmpty checks that a list has an item.
func (c *compiler) notEmpty(n *syntax.Node, path string) {
	if len(n.Items) == 0 && !n.Broken {
		c.faults.Add(n.Pos, noValue, path)
	}
}

// value compiles a constant or an expression for an attribute's type.
func (c *compiler) value(field *ocsf.Field, n *syntax.Node, path string, item bool) step {
	s := step{field: field, target: c.target(path, n.Pos, field)}
	s.set, s.target.accept = setterFor(field.Attribute)
	s.matched = matched(field.Attribute.Type)
	s.target.Text = nodeText(n)
	if n.Kind == syntax.Constant {
		s.op, s.constant = opConstant, c.constant(&s, n)
		return s
	}
	s.op, s.program = opExpression, c.program(n.Expression)
	p := s.program
	if p == nil {
		return s
	}
	s.target.reads = p.reads
	if kinds := accepted(field.Attribute, item); p.Yields&kinds == 0 && p.Yields&^expression.Nil != 0 {
		c.faults.Add(n.Pos, "`%s` accepts %s, but this expression returns %s: it can never fit", path, s.target.accept, kindWords(p.Yields))
		return s
	}
	if takesNumbers(field.Attribute) && p.Joined.Message != "" {
		c.faults.Add(n.At(p.Joined.Offset), "%s", p.Joined.Message)
		return s
	}
	switch {
	case p.Path:
		s.op, s.want = opPath, p.slots[0]
	case p.Constant:
		c.fold(&s)
	}
	return s
}

// takesNumbers reports whether + is meant to add in a rule of the attribute.
func takesNumbers(a *ocsf.Attribute) bool {
	switch a.Type.Kind {
	case ocsf.Integer, ocsf.Long, ocsf.Float:
		return true
	}
	return false
}

// fold evaluates an expression that reads nothing when the mapping is compiled. A
// list stays an expression.
func (c *compiler) fold(s *step) {
	v, err := s.program.Run(expression.NewMachine(), &expression.Env{})
	if err != nil {
		c.faults.Add(s.program.pos, "`%s`: the expression always fails: %v", s.target.Attribute, err)
		return
	}
	if v.Kind == alert.List {
		return
	}
	var cell ocsf.Cell
	switch s.set(&cell, v, nil) {
	case written:
		s.op, s.constant = opConstant, &cell
	case refused, cut:
		c.faults.Add(s.program.pos, "`%s` accepts %s, but this expression always returns something else", s.target.Attribute, s.target.accept)
	}
}

// constant converts a constant when the mapping is compiled.
func (c *compiler) constant(s *step, n *syntax.Node) *ocsf.Cell {
	cell, path := new(ocsf.Cell), s.target.Attribute
	switch s.set(cell, constantValue(n.Scalar), nil) {
	case absent:
		c.faults.Add(n.Pos, noValue, path)
	case refused:
		hint := ""
		if looksLikeExpression(n.Scalar.Text) {
			hint = "; an expression starts with `=`"
		}
		c.faults.Add(n.Pos, "`%s` accepts %s, not %s%s", path, s.target.accept, n.Scalar, hint)
	case cut:
		c.faults.Add(n.Pos, "`%s` is longer than its type allows", path)
	}
	return cell
}

func looksLikeExpression(s string) bool {
	return strings.ContainsAny(s, "?(") || strings.Contains(s, ".") && !strings.Contains(s, " ")
}

// constantValue returns a scalar as a value. Unquoted numbers keep their spelling
// (007, 1.10) for text attributes.
func constantValue(s syntax.Scalar) alert.Value {
	switch s.Kind {
	case syntax.Null:
		return alert.Value{}
	case syntax.Bool:
		return alert.OfBool(strings.EqualFold(s.Text, "true"))
	case syntax.Int:
		if i, err := strconv.ParseInt(strings.ReplaceAll(s.Text, "_", ""), 0, 64); err == nil {
			v := alert.OfInt(i)
			v.Text = s.Text
			return v
		}
	case syntax.Float:
		if f, err := strconv.ParseFloat(s.Text, 64); err == nil {
			v := alert.OfFloat(f)
			v.Text = s.Text
			return v
		}
	}
	return alert.OfText(s.Text)
}

// accepted are the kinds of values that can fit an attribute at all.
func accepted(a *ocsf.Attribute, item bool) expression.Kinds {
	var k expression.Kinds
	switch a.Type.Kind {
	case ocsf.Boolean:
		k = expression.Bool | expression.Text
	case ocsf.Integer, ocsf.Long, ocsf.Float, ocsf.Timestamp, ocsf.Datetime:
		k = expression.Int | expression.Float | expression.Text
	case ocsf.JSON:
		k = expression.Bool | expression.Int | expression.Float | expression.Text | expression.List | expression.Object
	default:
		k = expression.Bool | expression.Int | expression.Float | expression.Text
	}
	if item {
		k |= expression.List
	}
	return k
}

// open compiles an open object: its own entries, the leaves that reached no
// attribute, and the originals of values that could not be converted.
func (c *compiler) open(field *ocsf.Field, n *syntax.Node, path string) {
	if n.Kind != syntax.Object {
		c.faults.Add(n.Pos, "`%s` holds `name: value` entries, or `$rest: true` for whatever reached no attribute", path)
		c.loose(n)
		return
	}
	if n.Each != nil || n.When != nil {
		c.faults.Add(n.Pos, "`$each` makes the items of a list, `%s` is an open object", path)
	}
	if n.From != nil {
		c.misplacedFrom(n)
	}
	c.entries(field, n, path, "")
	if path != "unmapped" {
		if n.Rest {
			c.faults.Add(n.RestPos, "`$rest` belongs under `unmapped`, the only attribute that keeps whatever is left")
		}
		return
	}
	// This step comes last, when every other rule has run.
	c.rest, c.kept = n.Rest, &step{op: opKept, field: field}
	if n.Rest {
		c.kept.op = opRest
	}
}

func (c *compiler) entries(field *ocsf.Field, n *syntax.Node, path, prefix string) {
	for _, f := range n.Fields {
		if f.Value == nil {
			continue
		}
		key := join(prefix, f.Name) // as the mapping names it, dots and all
		s := step{op: opPairs, field: field, key: key, target: c.target(join(path, key), f.Value.Pos, nil)}
		s.target.Text = nodeText(f.Value)
		switch {
		case f.Value.Kind == syntax.Object:
			c.entries(field, f.Value, path, key)
			continue
		case f.Value.Kind == syntax.List:
			c.faults.Add(f.Value.Pos, "an entry of `%s` is a single value or an expression", path)
			c.loose(f.Value)
			continue
		case f.Value.Kind == syntax.Constant:
			if constantValue(f.Value.Scalar).Kind == alert.Nil || f.Value.Scalar.Text == "" {
				c.faults.Add(f.Value.Pos, noValue, join(path, key))
			}
			s.constant = &ocsf.Cell{Set: true, Text: f.Value.Scalar.Text}
		default:
			s.program = c.program(f.Value.Expression)
		}
		c.steps = append(c.steps, s)
	}
}

// appendName appends a name to a dotted key.
func appendName(prefix, name string) string {
	step := alert.Path{{Name: name}}.String()
	if prefix == "" || strings.HasPrefix(step, "[") {
		return prefix + step
	}
	return prefix + "." + step
}
