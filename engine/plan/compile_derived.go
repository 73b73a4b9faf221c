package plan

import (
	"strconv"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// classDerived adds the attributes that follow from the class. If the mapping
// states one, it must agree.
func (c *compiler) classDerived(b *body) {
	c.derive(b, "class_uid", ocsf.Cell{Set: true, Num: int64(c.class.UID)})
	c.derive(b, "class_name", ocsf.Cell{Set: true, Text: c.class.Caption})
	c.derive(b, "category_uid", ocsf.Cell{Set: true, Num: int64(c.class.CategoryUID)})
	c.derive(b, "category_name", ocsf.Cell{Set: true, Text: c.class.CategoryCaption})
	c.typeOf(b)
}

// version adds metadata.version, the version of the schema.
func (c *compiler) version(b *body) {
	c.derive(b, "version", ocsf.Cell{Set: true, Text: c.schema.Version})
}

// isDerived reports whether an attribute follows from class and schema.
func isDerived(path, name string) bool {
	switch path {
	case "":
		switch name {
		case "class_uid", "class_name", "category_uid", "category_name", "type_uid", "type_name":
			return true
		}
	case "metadata":
		return name == "version"
	}
	return false
}

// derive adds a constant that follows from class and schema.
func (c *compiler) derive(b *body, name string, value ocsf.Cell) {
	a := b.shape.attribute(name)
	if a == nil {
		return
	}
	if n, ok := b.given[name]; ok {
		c.mustBe(b, name, n, value)
	}
	c.steps = append(c.steps, step{op: opConstant, field: b.add(a), constant: &value})
}

// mustBe checks a stated value against the derived one.
func (c *compiler) mustBe(b *body, name string, n *syntax.Node, value ocsf.Cell) {
	want := value.Text
	if want == "" {
		want = strconv.FormatInt(value.Num, 10)
	}
	switch {
	case n == nil:
	case n.Kind == syntax.Computed:
		c.faults.Add(n.Pos, "`%s` follows from the class and the schema and is always %s: remove the line", join(b.path, name), want)
	case n.Kind == syntax.Constant && n.Scalar.Text != want:
		c.faults.Add(n.Pos, "`%s` follows from the class and the schema: it is %s, not %s; correct it or remove the line",
			join(b.path, name), want, n.Scalar)
	}
}

// typeOf adds type_uid and type_name, which follow from the class and the
// activity: class_uid * 100 + activity_id, and both captions.
func (c *compiler) typeOf(b *body) {
	activity, id := b.field("activity_id"), b.shape.attribute("activity_id")
	if id == nil {
		return
	}
	names := captionsOf(id)
	for n, text := range names {
		names[n] = c.class.Caption + ": " + text
	}
	for _, d := range []struct {
		name string
		op   op
	}{{"type_uid", opTypeUID}, {"type_name", opTypeName}} {
		a := b.shape.attribute(d.name)
		if a == nil {
			continue
		}
		c.statedType(b.given[d.name], d.name)
		if activity != nil {
			c.steps = append(c.steps, step{op: d.op, field: b.add(a), caption: &captions{id: activity, text: names}})
		}
	}
}

// fieldOf returns the field of an attribute, and adds it if the mapping does not
// name it.
func (b *body) fieldOf(a *ocsf.Attribute) *ocsf.Field {
	if f := b.field(a.Name); f != nil {
		return f
	}
	return b.add(a)
}

// statedType checks a type_uid or type_name that the mapping states. It follows
// from class and activity, so it cannot be a constant if the activity varies.
func (c *compiler) statedType(n *syntax.Node, name string) {
	if n == nil {
		return
	}
	activity := c.eventField("activity_id")
	if n.Kind != syntax.Constant || activity == nil || activity.Kind != syntax.Constant {
		c.faults.Add(n.Pos, "`%s` follows from class and activity_id: remove the line", name)
		return
	}
	id, _ := number(activity.Scalar.Text)
	want := strconv.Itoa(int(c.class.UID)*100 + id)
	if id, ok := c.class.Attribute("activity_id"); ok && name == "type_name" {
		caption, _ := id.EnumCaption(activity.Scalar.Text)
		want = c.class.Caption + ": " + caption
	}
	if n.Scalar.Text != want {
		c.faults.Add(n.Pos, "`%s` follows from class and activity_id: it is %s, not %s; correct it or remove the line", name, want, n.Scalar)
	}
}

func (c *compiler) eventField(name string) *syntax.Node {
	for _, f := range c.m.Event.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}
