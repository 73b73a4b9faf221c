package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// captions are those of the ids of an enum: they derive the caption from the id,
// check one that the mapping states, and find the id of a caption.
type captions struct {
	id     *ocsf.Field
	text   map[int64]string
	stated bool // the mapping gives the sibling itself

	names []enumName // what finds the id of a caption
	other bool       // the enum has 99 Other
}

// enumName is one value of an enum and its caption.
type enumName struct {
	id      int64
	caption string
}

// find returns the value that has a caption, in whatever case.
func (c *captions) find(caption string) (enumName, bool) {
	for _, n := range c.names {
		if n.caption == caption {
			return n, true
		}
	}
	for _, n := range c.names {
		if strings.EqualFold(n.caption, caption) {
			return n, true
		}
	}
	return enumName{}, false
}

// captions adds the sibling of every enum id that the body names: `severity`
// beside `severity_id`. A stated sibling must equal the caption, except for 99
// (Other), whose text is free.
func (c *compiler) captions(b *body) {
	for _, id := range slices.Clone(b.fields) {
		a := id.Attribute
		sibling := b.shape.captionOf(a)
		if _, named := b.given[a.Name]; sibling == nil || isDerived(b.path, a.Name) || !named {
			continue // without a rule of its own the caption has given the id
		}
		stated, given := b.given[a.Sibling]
		if given {
			c.agrees(b, a, sibling, stated)
		}
		s := step{op: opCaption, caption: &captions{id: id, text: captionsOf(a), stated: given}}
		if given {
			s.target = c.targetOf(b.field(a.Sibling))
		}
		s.field = b.fieldOf(sibling)
		c.steps = append(c.steps, s)
	}
}

// captionOf returns the attribute that holds the caption of an enum id, nil for
// what is not an enum id or has no such attribute.
func (s *shape) captionOf(id *ocsf.Attribute) *ocsf.Attribute {
	if id.Sibling == "" || len(id.Enum) == 0 || id.Type.Kind == ocsf.String {
		return nil
	}
	sibling := s.attribute(id.Sibling)
	if sibling == nil || sibling.Type == nil || sibling.Type.Kind != ocsf.String || sibling.Array != id.Array {
		return nil
	}
	return sibling
}

// idOf returns the enum id whose caption an attribute holds, nil if there is none.
func (s *shape) idOf(caption *ocsf.Attribute) *ocsf.Attribute {
	for i := range s.attributes {
		if id := &s.attributes[i]; id.Sibling == caption.Name && s.captionOf(id) == caption {
			return id
		}
	}
	return nil
}

// idFrom adds the id of a caption that the mapping gives without the id. The steps
// from `from` on write the caption.
func (c *compiler) idFrom(b *body, n *syntax.Node, field *ocsf.Field, from int) {
	id := b.shape.idOf(field.Attribute)
	if id == nil || isDerived(b.path, id.Name) || hasField(n, id.Name) {
		return
	}
	known := knownCaptions(id)
	known.id = b.fieldOf(id)
	for i := from; i < len(c.steps); i++ {
		s := &c.steps[i]
		s.target.gives = known.id
		if !known.other {
			s.target.accept = "a caption of " + id.Name + " (" + known.list() + ")"
		}
		if s.constant != nil {
			c.constantCaption(s, known)
		} else {
			s.set = setCaption(known, s.set)
		}
	}
	c.steps = append(c.steps, step{op: opID, field: known.id, from: field, caption: known})
}

// knownCaptions are the captions of an enum id.
func knownCaptions(id *ocsf.Attribute) *captions {
	known := &captions{}
	for _, e := range id.Enum {
		if number, err := strconv.ParseInt(e.Value, 10, 64); err == nil {
			known.names = append(known.names, enumName{number, e.Caption})
			known.other = known.other || number == other
		}
	}
	return known
}

// hasField reports whether an object of the mapping has a key.
func hasField(n *syntax.Node, key string) bool {
	return slices.ContainsFunc(n.Fields, func(f syntax.Field) bool { return f.Name == key })
}

// constantCaption checks a constant caption and spells it as the class does.
func (c *compiler) constantCaption(s *step, known *captions) {
	found, ok := known.find(s.constant.Text)
	switch {
	case !s.constant.Set: // reported already
	case ok:
		s.constant.Text = found.caption
	case !known.other:
		c.faults.Add(s.target.Pos, "`%s` accepts %s, not the text %q%s", s.target.Attribute, s.target.accept, s.constant.Text, known.nearest(s.constant.Text))
	}
}

// list names the captions for messages.
func (c *captions) list() string {
	words := make([]string, len(c.names))
	for i, n := range c.names {
		words[i] = n.caption
	}
	return strings.Join(words, ", ")
}

// nearest suggests the caption that is nearest to a text, "" if none is near.
func (c *captions) nearest(text string) string {
	words := make([]string, len(c.names))
	for i, n := range c.names {
		words[i] = n.caption
	}
	return spelling.DidYouMean(text, words)
}

// agrees checks a constant sibling against its constant id.
func (c *compiler) agrees(b *body, id, sibling *ocsf.Attribute, stated *syntax.Node) {
	value := b.given[id.Name]
	if stated == nil || value == nil || stated.Kind != syntax.Constant || value.Kind != syntax.Constant {
		return
	}
	caption, ok := id.EnumCaption(value.Scalar.Text)
	if ok && caption != "Other" && stated.Scalar.Text != caption {
		c.faults.Add(stated.Pos, "`%s` must be %q, the caption of %s %s: correct it or remove the line",
			join(b.path, sibling.Name), caption, id.Name, value.Scalar.Text)
	}
}

// targetOf finds the target of the rule that writes a field.
func (c *compiler) targetOf(f *ocsf.Field) *target {
	for _, t := range c.targets {
		if t.field == f {
			return t
		}
	}
	return nil
}

func captionsOf(a *ocsf.Attribute) map[int64]string {
	out := make(map[int64]string, len(a.Enum))
	for _, e := range a.Enum {
		if n, err := strconv.ParseInt(e.Value, 10, 64); err == nil {
			out[n] = e.Caption
		}
	}
	return out
}
