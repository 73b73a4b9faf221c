package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// observables are the items of `observables: {$from: event}`: where in an event
// the attributes are that they are made of.
type observables struct {
	// The attributes of an item of the list.
	name, caption, id, value *ocsf.Field
	attributes               []observed
	count                    int // of attributes that make observables
	rule                     *target
}

// observed is an attribute that makes an observable, or leads to some.
type observed struct {
	field *ocsf.Field
	inner []observed // inside an object
	// What follows is that of an attribute which makes observables; id is 0 for
	// others.
	id      int64
	caption string
	name    string // its path, with [] for lists
	number  int    // among those that make observables
	many    bool   // it is inside a list, so that a value can appear twice
	rule    *Rule  // that writes it, for explanations; nil if it is derived
}

// observing is `$from: event` while the mapping is compiled.
type observing struct {
	from      *syntax.FromEvent
	field     *ocsf.Field // of the list
	item      [4]*ocsf.Field
	only, not []selector
	types     *ocsf.Attribute // type_id of the object observable
}

// selector is an entry of `only` or `not`: a path, or a type of observables.
type selector struct {
	syntax.Text
	path string // without [], "" for a type
	id   int64
	used bool
}

// fromEvent compiles `$from: event`, an item of the list of observables.
func (c *compiler) fromEvent(field *ocsf.Field, n *syntax.Node, path string) {
	switch {
	case path != "observables":
		c.misplacedFrom(n)
		return
	case c.observing != nil:
		c.faults.Add(n.From.Pos, "`$from: event` is given twice: one makes all observables; join the lists of `only` and `not`")
		return
	}
	b := &body{shape: objectShape(field.Attribute.Object), path: path, all: &field.Children}
	o := &observing{from: n.From, field: field, types: b.shape.attribute("type_id")}
	for i, name := range []string{"name", "type", "type_id", "value"} {
		o.item[i] = b.add(b.shape.attribute(name))
	}
	c.observing = o
}

func (c *compiler) misplacedFrom(n *syntax.Node) {
	c.faults.Add(n.From.Pos, "`$from: event` belongs under `observables` of the event, the only list that follows from its other attributes")
}

// selectObservables checks `only` and `not`, once all attributes are known.
func (c *compiler) selectObservables(fields []*ocsf.Field) {
	if o := c.observing; o != nil {
		o.only, o.not = c.selectors(o, o.from.Only, fields), c.selectors(o, o.from.Not, fields)
	}
}

func (c *compiler) selectors(o *observing, entries []syntax.Text, fields []*ocsf.Field) []selector {
	var all []selector
	for _, t := range entries {
		s := selector{Text: t}
		plain := strings.ReplaceAll(t.Value, "[]", "")
		switch id := c.observableType(o, t.Value); {
		case c.hasPath(plain):
			s.path = plain
		case id != 0:
			s.id = id
		default:
			c.faults.Add(t.Pos, "`%s` is neither an attribute of %s nor a type of observables%s", t.Value, c.class.Name,
				spelling.DidYouMean(t.Value, c.selectable(o, fields)))
			continue
		}
		all = append(all, s)
	}
	return all
}

// hasPath reports whether the class has an attribute at a dotted path.
func (c *compiler) hasPath(path string) bool {
	list := c.class.Attributes
	for name := range strings.SplitSeq(path, ".") {
		at := slices.IndexFunc(list, func(a ocsf.Attribute) bool { return a.Name == name })
		if at < 0 {
			return false
		}
		if list[at].Object == nil {
			list = nil
		} else {
			list = list[at].Object.Attributes
		}
	}
	return true
}

// observableType returns the number of a type of observables, given by its number,
// its caption, or the OCSF type or object that has it; 0 for anything else.
func (c *compiler) observableType(o *observing, text string) int64 {
	for _, e := range o.types.Enum {
		if n, err := strconv.ParseInt(e.Value, 10, 64); err == nil && (e.Value == text || strings.EqualFold(e.Caption, text)) {
			return n
		}
	}
	if t, ok := c.schema.Type(text); ok {
		return int64(t.Observable)
	}
	if object, ok := c.schema.Object(text); ok {
		return int64(object.Observable)
	}
	return 0
}

// selectable lists what `only` and `not` may name, for messages.
func (c *compiler) selectable(o *observing, fields []*ocsf.Field) []string {
	var names []string
	for _, e := range o.types.Enum {
		names = append(names, e.Caption)
	}
	for i := range c.schema.Types {
		if t := &c.schema.Types[i]; t.Observable != 0 {
			names = append(names, t.Name)
		}
	}
	return append(names, fieldPaths(nil, "", fields)...)
}

func fieldPaths(names []string, at string, fields []*ocsf.Field) []string {
	for _, f := range fields {
		names = append(names, join(at, f.Name))
		names = fieldPaths(names, join(at, f.Name)+brackets(f), f.Children)
	}
	return names
}

// brackets is what follows the name of a list in the name of an observable.
func brackets(f *ocsf.Field) string {
	if f.List {
		return "[]"
	}
	return ""
}

// observables finds the attributes that make observables, in the order of the
// schema.
func (c *compiler) observables(l *ocsf.Layout) *observables {
	o := c.observing
	if o == nil || l == nil {
		return nil
	}
	out := &observables{
		name: o.item[0], caption: o.item[1], id: o.item[2], value: o.item[3],
		rule: &target{Rule: Rule{Pos: o.from.Pos, Attribute: "observables"}},
	}
	out.attributes = c.observed(out, "", l.Fields, false)
	return out
}

func (c *compiler) observed(out *observables, at string, fields []*ocsf.Field, many bool) []observed {
	var all []observed
	for _, f := range fields {
		if f == c.observing.field {
			continue
		}
		name := join(at, f.Name) + brackets(f)
		one := observed{field: f, many: many || f.List}
		id := int64(f.Attribute.Observable)
		if caption, ok := c.observing.types.EnumCaption(strconv.FormatInt(id, 10)); ok && id != 0 && c.observing.selects(name, id) {
			one.id, one.caption, one.name, one.number = id, caption, name, out.count
			out.count++
			if t := c.targetOf(f); t != nil {
				one.rule = &t.Rule
			}
		}
		one.inner = c.observed(out, name, f.Children, one.many)
		if one.id != 0 || len(one.inner) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// selects reports whether `only` and `not` let an attribute make observables.
func (o *observing) selects(name string, id int64) bool {
	path := strings.ReplaceAll(name, "[]", "")
	only := matches(o.only, path, id)
	not := matches(o.not, path, id)
	return (only || o.from.Only == nil) && !not
}

// matches reports whether an entry selects an attribute: by its type, by its path,
// or by that of an object around it.
func matches(list []selector, path string, id int64) (any bool) {
	for i := range list {
		s := &list[i]
		if s.path == "" && s.id == id || s.path == path || s.path != "" && strings.HasPrefix(path, s.path+".") {
			s.used, any = true, true
		}
	}
	return any
}
