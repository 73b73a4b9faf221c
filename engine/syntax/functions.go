package syntax

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Function is an expression with parameters, called like any other function.
type Function struct {
	Pos    Pos // of the name
	Name   string
	Params []Text
	Body   *Expression
}

// Signature returns how a call is written: basename(path).
func (f *Function) Signature() string { return signatureText(f.Name, f.Params) }

func signatureText(name string, params []Text) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Value
	}
	return name + "(" + strings.Join(names, ", ") + ")"
}

// functions reads the mapping's own functions: expressions with parameters, and
// those from WebAssembly.
func (p *parser) functions(m *Mapping, kv pair) {
	if !p.isObject(kv) {
		m.notRead("")
		return
	}
	for _, f := range p.pairs(kv.value) {
		name, params, listed := p.signature(f.key)
		if at, ok := m.function(name); ok && !p.replaces(at) {
			p.faults.Add(p.pos(f.key), "function `%s` is already defined at %s: rename one of them", name, at)
			continue
		} else if ok {
			m.Functions = slices.DeleteFunc(m.Functions, func(have Function) bool { return have.Name == name })
			m.Guests = slices.DeleteFunc(m.Guests, func(have GuestFunction) bool { return have.Name == name })
		}
		switch expression := f.value.Kind == yaml.ScalarNode; {
		case name == "":
			m.notRead("") // its parameters are not closed
		case expression && listed:
			p.function(m, f, name, params)
		case expression:
			p.faults.Add(p.pos(f.key), "function `%s` lacks its parameters: write `%s(x): =…`; a value without parameters belongs in `let`", name, name)
			m.notRead(name)
		case listed && f.value.Kind == yaml.MappingNode:
			p.faults.Add(p.pos(f.key), "function `%s` is from WebAssembly, which has no names of parameters: write `%s`, and `args: %d` below it", name, name, len(params))
			m.notRead(name)
		case p.isObject(f):
			p.guestFunction(m, f)
		default:
			m.notRead(name)
		}
	}
}

func (p *parser) function(m *Mapping, kv pair, name string, params []Text) {
	if !isExpression(kv.value) {
		p.faults.Add(p.pos(kv.value), "function `%s` must be an expression: start it with `=`", name)
		m.notRead(name)
		return
	}
	body := p.expression(kv.value, kv.flow)
	if body == nil {
		m.notRead(name)
		return
	}
	m.Functions = append(m.Functions, Function{p.pos(kv.key), name, params, body})
}

// function returns the position of a function that is already defined.
func (m *Mapping) function(name string) (Pos, bool) {
	for i := range m.Functions {
		if m.Functions[i].Name == name {
			return m.Functions[i].Pos, true
		}
	}
	for i := range m.Guests {
		if m.Guests[i].Name == name {
			return m.Guests[i].Pos, true
		}
	}
	return Pos{}, false
}

// signature reads a key as a name that may have a list of parameters. Without
// brackets, listed is false; with a fault, name is "".
func (p *parser) signature(key *yaml.Node) (name string, params []Text, listed bool) {
	name, list, listed := strings.Cut(key.Value, "(")
	name = strings.TrimSpace(name)
	if !listed {
		return name, nil, false
	}
	at := p.pos(key)
	list, closed := strings.CutSuffix(strings.TrimRight(list, " "), ")")
	if !closed {
		p.faults.Add(at, "the parameters of `%s` are not closed: write `%s(a, b)`", name, name)
		return "", nil, true
	}
	if strings.TrimSpace(list) == "" {
		return name, nil, true
	}
	at.Col += utf8.RuneCountInString(key.Value[:strings.Index(key.Value, "(")+1])
	if key.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		at.Col++
	}
	for _, param := range strings.Split(list, ",") {
		t := Text{at, strings.TrimSpace(param)}
		t.Pos.Col += utf8.RuneCountInString(param) - utf8.RuneCountInString(strings.TrimLeft(param, " "))
		at.Col += utf8.RuneCountInString(param) + 1
		if slices.ContainsFunc(params, func(have Text) bool { return have.Value == t.Value }) {
			p.faults.Add(t.Pos, "parameter `%s` is given twice: rename one of them", t.Value)
			continue
		}
		params = append(params, t)
	}
	return name, params, true
}
