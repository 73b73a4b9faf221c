package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// shape is what the compiler needs to know about a class or an object type.
type shape struct {
	name       string
	attributes []ocsf.Attribute
	constraint ocsf.Constraint
}

func objectShape(o *ocsf.Object) shape { return shape{o.Name, o.Attributes, o.Constraint} }

func (s *shape) attribute(name string) *ocsf.Attribute {
	for i := range s.attributes {
		if s.attributes[i].Name == name {
			return &s.attributes[i]
		}
	}
	return nil
}

// event compiles the whole event and returns its fields.
func (c *compiler) event() []*ocsf.Field {
	top := shape{c.class.Name, c.class.Attributes, c.class.Constraint}
	c.profiles = append(c.statedProfiles(), c.followProfiles()...)
	var all []*ocsf.Field
	b := body{shape: top, all: &all}
	c.fields(&b, c.m.Event)
	c.classDerived(&b)
	c.captions(&b)
	c.coverage(&b, c.m.Event.Pos)
	c.profileNeeds(all)
	c.selectObservables(all)
	c.root = b.requires
	return all
}

// body is one object of the event while it is compiled.
type body struct {
	shape  shape
	path   string        // dotted, "" for the event
	fields []*ocsf.Field // that this body names
	// all are the fields of the attribute: several items of one list name
	// different ones and share them.
	all      *[]*ocsf.Field
	given    map[string]*syntax.Node
	misspelt []string // the attributes that unknown names probably meant
	broken   bool     // not all of it could be read
	requires requirement
	constant bool // it has constants only, so far
}

func (b *body) field(name string) *ocsf.Field {
	for _, f := range b.fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (b *body) add(a *ocsf.Attribute) *ocsf.Field {
	for _, f := range *b.all {
		if f.Name == a.Name {
			b.fields = append(b.fields, f)
			return f
		}
	}
	f := &ocsf.Field{Attribute: a, Name: a.Name, List: a.Array}
	*b.all = append(*b.all, f)
	b.fields = append(b.fields, f)
	return f
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// fields compiles the attributes that the mapping names.
func (c *compiler) fields(b *body, n *syntax.Node) {
	b.given = map[string]*syntax.Node{}
	b.constant, b.broken = true, n.Broken
	c.unread = c.unread || n.Broken
	if n.Rest {
		c.faults.Add(n.RestPos, "`$rest` belongs under `unmapped`, the only attribute that keeps whatever is left")
	}
	if n.From != nil {
		c.misplacedFrom(n)
		b.broken = true
	}
	for _, f := range n.Fields {
		a := b.shape.attribute(f.Name)
		if a == nil {
			c.unknownAttribute(b, f)
			c.loose(f.Value)
			continue
		}
		if !a.Applies(c.profiles) && !c.profilesBroken {
			c.faults.Add(f.Pos, "`%s` belongs to the profile %s: list it under `profiles` in the head (for events that have its attributes) or in `metadata.profiles` (for every event), or remove the attribute",
				f.Name, quoted(a.Profiles))
			c.loose(f.Value)
			continue
		}
		b.given[f.Name] = f.Value
		if isDerived(b.path, f.Name) {
			continue // checked when the value that follows from the class is added
		}
		c.rule(b, n, f, a)
	}
}

// rule compiles an attribute that the mapping gives, and what follows from it
// alone.
func (c *compiler) rule(b *body, n *syntax.Node, f syntax.Field, a *ocsf.Attribute) {
	field := b.add(a)
	defer c.ofProfile(b, field, f)()
	from := len(c.steps)
	if f.Value != nil {
		c.attribute(b, field, f)
	}
	c.unread = c.unread || f.Value == nil || f.Value.Broken
	c.idFrom(b, n, field, from)
	c.datetime(b, n, field)
}

func (c *compiler) unknownAttribute(b *body, f syntax.Field) {
	names := make([]string, len(b.shape.attributes))
	for i := range names {
		names[i] = b.shape.attributes[i].Name
	}
	b.misspelt = append(b.misspelt, spelling.Nearest(f.Name, names))
	advice := spelling.DidYouMean(f.Name, names)
	if advice == "" && strings.Contains(f.Name, ".") {
		advice = "; nested attributes are written as nested keys"
	}
	if advice == "" {
		advice = "; what the class has no place for belongs under `unmapped`"
	}
	c.faults.Add(f.Pos, "%s has no attribute `%s` in OCSF %s%s", b.shape.name, f.Name, c.schema.Version, advice)
}

func quoted(names []string) string {
	return "`" + strings.Join(names, "` or `") + "`"
}

// attribute compiles one attribute according to its OCSF type.
func (c *compiler) attribute(b *body, field *ocsf.Field, f syntax.Field) {
	a, path := field.Attribute, join(b.path, f.Name)
	switch {
	case a.Type != nil && a.Type.Kind == ocsf.Open:
		b.constant = false
		c.open(field, f.Value, path)
	case a.Object != nil && a.Array:
		b.constant = c.objectList(field, f.Value, path) && b.constant
	case a.Object != nil:
		b.constant = c.group(field, f.Value, path) && b.constant
	case a.Array:
		b.constant = c.scalarList(field, f.Value, path) && b.constant
	default:
		b.constant = c.scalar(field, f.Value, path) && b.constant
	}
}

// group compiles a nested object and reports whether it has constants only.
func (c *compiler) group(field *ocsf.Field, n *syntax.Node, path string) bool {
	if n.Kind != syntax.Object {
		c.faults.Add(n.Pos, "`%s` is the object %s: give its attributes as nested keys", path, field.Attribute.Object.Name)
		c.loose(n)
		return true
	}
	if n.Each != nil {
		c.faults.Add(n.Each.Pos, "`$each` makes the items of a list, `%s` is a single object", path)
	}
	block := &block{when: c.condition(n.When), needed: field.Attribute.Requirement == ocsf.Required && !c.follows(field.Attribute)}
	at := c.begin(step{op: opGroup, field: field, block: block}, path, n.Pos)
	b := c.body(field, n, path)
	b.constant = b.constant && n.When == nil
	c.finish(at, b)
	return b.constant
}

// body compiles the inside of an object or of an item.
func (c *compiler) body(field *ocsf.Field, n *syntax.Node, path string) *body {
	b := &body{shape: objectShape(field.Attribute.Object), path: path, all: &field.Children}
	c.fields(b, n)
	if path == "metadata" {
		c.version(b)
		c.listed(b)
	}
	c.captions(b)
	c.coverage(b, n.Pos)
	return b
}

// begin adds the step that opens a body.
func (c *compiler) begin(s step, path string, pos syntax.Pos) int {
	s.target = c.target(path, pos, s.field)
	c.steps = append(c.steps, s)
	return len(c.steps) - 1
}

// finish closes the body: it sets its end, its requirement, and the reads to keep
// if the object is dropped with values in it.
func (c *compiler) finish(at int, b *body) {
	s := &c.steps[at]
	s.block.end, s.block.requires, s.block.constant = len(c.steps), b.requires, b.constant
	reads := slices.Clone(s.target.reads)
	if s.program != nil {
		reads = append(reads, s.program.reads...)
	}
	for _, inner := range c.steps[at+1:] {
		if inner.target != nil {
			reads = append(reads, inner.target.reads...)
		}
	}
	s.target.reads = distinct(reads)
}

// target adds the rule that writes a field; the field is nil for an entry of
// an open object.
func (c *compiler) target(path string, pos syntax.Pos, field *ocsf.Field) *target {
	t := &target{Rule: Rule{Pos: pos, Attribute: path}, field: field}
	c.targets = append(c.targets, t)
	return t
}

// objectList compiles an array of objects: plain items and `$each` items, in
// their order. A single object is a list of one.
func (c *compiler) objectList(field *ocsf.Field, n *syntax.Node, path string) bool {
	items := []*syntax.Node{n}
	if n.Kind == syntax.List {
		items = n.Items
		c.notEmpty(n, path)
	}
	constant := true
	for _, item := range items {
		if item.Kind != syntax.Object {
			c.faults.Add(item.Pos, "an item of `%s` is the object %s: give its attributes as nested keys, with `$each` to make one for each element",
				path, field.Attribute.Object.Name)
			c.loose(item)
			continue
		}
		if item.From != nil {
			c.fromEvent(field, item, path)
			constant = false
			continue
		}
		constant = c.item(field, item, path) && constant
	}
	return constant
}

func (c *compiler) item(field *ocsf.Field, n *syntax.Node, path string) bool {
	s, before := step{op: opItem, field: field, block: &block{}}, c.size
	if n.Each != nil || n.EachBroken {
		p, end := c.each(n)
		defer end()
		s.op, s.program = opEach, p
	}
	s.block.when = c.condition(n.When)
	at := c.begin(s, path, n.Pos)
	b := c.body(field, n, path)
	c.finish(at, b)
	s.block.size = c.size - before
	return b.constant && n.Each == nil && n.When == nil
}
