package syntax

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// Part is a piece of an event with a name, which `$part` puts in place.
type Part struct {
	Pos    Pos // of the name
	Name   string
	Params []Text
	Value  *Node // as it is written; uses of other parts are not replaced
	Used   bool  // by the event, directly or through other parts
	// OfEvent says that it is the event of the mapping that this one extends.
	OfEvent bool
}

// Signature returns how a use is written: sums(md5, sha1).
func (p *Part) Signature() string {
	if len(p.Params) == 0 {
		return p.Name
	}
	return signatureText(p.Name, p.Params)
}

// PartRef is the value of a `$part`: a name, and arguments for the parameters.
type PartRef struct {
	Pos  Pos
	Name string
	Args []*Expression
}

// Use is one place where a part is used. Its rules are copies whose positions
// have this Use.
type Use struct {
	Part *Part
	Pos  Pos // of the value of `$part`; it has a Use itself inside of another part
	Args []*Expression
}

// String says where a part is used, through other parts; "" for nil.
func (u *Use) String() string {
	var b strings.Builder
	for sep := ""; u != nil; u, sep = u.Pos.Use, ", " {
		b.WriteString(sep + "in part `" + u.Part.Name + "`, used at " + u.Pos.String())
	}
	return b.String()
}

// parts reads pieces of events with names.
func (p *parser) parts(m *Mapping, kv pair) {
	if !p.isObject(kv) {
		m.notRead("")
		return
	}
	for _, x := range p.pairs(kv.value) {
		name, params, listed := p.signature(x.key)
		if name == "" && listed {
			m.notRead("") // its parameters are not closed
			continue
		}
		have := m.part(name)
		if have != nil && !p.replaces(have.Pos) {
			p.faults.Add(p.pos(x.key), "part `%s` is already defined at %s: rename one of them", name, have.Pos)
			continue
		}
		value := p.definition(x.value, x.flow)
		if value == nil {
			m.notRead(name)
			continue
		}
		if value.Kind == Constant && value.Scalar.Kind == Null {
			p.faults.Add(p.pos(x.key), "part `%s` has no value: give it attributes, a list or a value", name)
		}
		own := Part{Pos: p.pos(x.key), Name: name, Params: params, Value: value}
		if have != nil {
			*have = own
			continue
		}
		m.Parts = append(m.Parts, &own)
	}
}

func (m *Mapping) part(name string) *Part {
	for _, part := range m.Parts {
		if part.Name == name {
			return part
		}
	}
	return nil
}

// partRef reads the value of a `$part`: agent, or sums(a, b).
func (p *parser) partRef(kv pair) *PartRef {
	n := kv.value
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str" || strings.TrimSpace(n.Value) == "":
		p.faults.Add(p.pos(n), "`$part` is the name of a part, with arguments if it has parameters: `agent` or `sums(a, b)`")
		return nil
	case isExpression(n):
		p.faults.Add(p.pos(n), "`$part` is the name of a part: write it without `=`")
		return nil
	}
	e := p.located(n, kv.flow, 0)
	if e == nil {
		return nil
	}
	open := strings.IndexByte(e.Text, '(')
	if open < 0 {
		return &PartRef{e.Pos, strings.TrimSpace(e.Text), nil}
	}
	name := strings.TrimSpace(e.Text[:open])
	if !strings.HasSuffix(e.Text, ")") || !balanced(e.Text) {
		p.faults.Add(e.Pos, "the arguments of part `%s` are not closed: write `%s(…)`, in quotes", name, name)
		return nil
	}
	args, ok := p.arguments(e, open+1)
	if !ok {
		return nil
	}
	return &PartRef{e.Pos, name, args}
}

// arguments splits the arguments from an offset on, up to the
// bracket at the end.
func (p *parser) arguments(e *Expression, from int) (args []*Expression, ok bool) {
	list := e.Text[from : len(e.Text)-1]
	if strings.TrimSpace(list) == "" {
		return nil, true
	}
	for _, arg := range splitArguments(list) {
		to := from + len(arg)
		if strings.TrimSpace(arg) == "" {
			p.faults.Add(e.At(from), "an argument is empty: write an expression, or remove the comma")
			return nil, false
		}
		args = append(args, e.piece(from, to))
		from = to + 1
	}
	return args, true
}

// splitArguments splits at the commas that are in no brackets or quotes.
func splitArguments(list string) []string {
	var args []string
	from, depth := 0, 0
	for i := 0; i < len(list); i++ {
		switch c := list[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '"', '\'', '`':
			i += 1 + closing(list[i+1:], c)
		case ',':
			if depth == 0 {
				args = append(args, list[from:i])
				from = i + 1
			}
		}
	}
	return append(args, list[from:])
}

// piece returns a part of the text as an expression of its own, without blanks
// around it.
func (e *Expression) piece(from, to int) *Expression {
	text := e.Text[from:to]
	from += len(text) - len(strings.TrimLeft(text, " \t\n"))
	out := &Expression{Pos: e.At(from), Text: strings.TrimSpace(text), Advice: e.Advice, places: []place{{0, e.At(from)}}}
	for _, p := range e.places {
		if p.offset > from && p.offset < to {
			out.places = append(out.places, place{p.offset - from, p.pos})
		}
	}
	return out
}
