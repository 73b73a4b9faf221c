package glue

import (
	"fmt"
	"strings"
)

// ParseType reads a type as Glue spells it: the inverse of Type.String.
func ParseType(text string) (Type, error) {
	p := parser{rest: strings.ToLower(strings.ReplaceAll(text, " ", ""))}
	t, ok := p.typ(0)
	if !ok || p.rest != "" {
		return Type{}, fmt.Errorf("%q is not a type of Glue", text)
	}
	return t, nil
}

type parser struct{ rest string }

// mostDepth bounds types inside each other.
const mostDepth = 100

func (p *parser) take(text string) bool {
	rest, ok := strings.CutPrefix(p.rest, text)
	p.rest = rest
	return ok
}

func (p *parser) word() string {
	n := strings.IndexAny(p.rest, "<>,:")
	if n < 0 {
		n = len(p.rest)
	}
	word := p.rest[:n]
	p.rest = p.rest[n:]
	return word
}

func (p *parser) typ(depth int) (t Type, ok bool) {
	word := p.word()
	if word == "" || depth > mostDepth {
		return t, false
	}
	if !p.take("<") {
		return Type{Scalar: word}, true
	}
	switch word {
	case "array":
		element, ok := p.typ(depth + 1)
		return Type{Element: &element}, ok && p.take(">")
	case "map":
		key := p.word()
		ok := key == "string" && p.take(",")
		value, whole := p.typ(depth + 1)
		return Type{Value: &value}, ok && whole && p.take(">")
	case "struct":
		fields, ok := p.fields(depth + 1)
		return Type{Fields: fields}, ok
	}
	return t, false
}

func (p *parser) fields(depth int) (fields []Column, ok bool) {
	for {
		name := p.word()
		if name == "" || !p.take(":") {
			return nil, false
		}
		t, ok := p.typ(depth)
		if !ok {
			return nil, false
		}
		fields = append(fields, Column{name, t})
		if p.take(">") {
			return fields, true
		}
		if !p.take(",") {
			return nil, false
		}
	}
}
