package syntax

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// The keys of a mapping file.
var headKeys = []string{"mapping", "schema", "class", "source", "priority", "when", "profiles", "also", "otherwise", "drop", "absent", "settings", "tables", "let", "parts", "event",
	"include", "extends", "functions", "transforms"}

// required are the keys that every mapping needs, with an example.
var required = []struct{ key, example string }{
	{"mapping", "mapping: my/mapping"},
	{"schema", "schema: 1.1.0"},
	{"class", "class: security_finding"},
	{"event", "event: …"},
}

func (p *parser) mapping(root *yaml.Node) *Mapping {
	m := &Mapping{File: p.file}
	given := map[string]bool{}
	pairs := p.pairs(root)
	p.extend(m, pairs, given)
	p.first(m, pairs)
	for _, kv := range pairs {
		p.head(m, kv)
	}
	p.including.named(m)
	if fragmentOnly(given) {
		p.faults.Add(posAt(p.file, 1, 1), "this file is a fragment without an event of its own: include it in a mapping and check the mapping")
		return m
	}
	if m.Drop {
		p.dropHead(m, pairs)
	}
	for _, r := range required {
		if !given[r.key] && !(m.Drop && ofEvents[r.key]) && !(given["extends"] && m.Unread("")) {
			p.faults.Add(posAt(p.file, 1, 1), "the mapping lacks `%s`: add a line such as `%s`", r.key, r.example)
		}
	}
	return m
}

// ofEvents are the keys of mappings that make events, or may let others have the
// alert as well.
var ofEvents = map[string]bool{"schema": true, "class": true, "source": true, "event": true, "transforms": true, "also": true, "profiles": true}

// dropHead checks the head of a mapping that drops what it takes.
func (p *parser) dropHead(m *Mapping, pairs []pair) {
	var drop Pos
	given := map[string]bool{}
	for _, kv := range pairs {
		given[kv.key.Value] = true
		switch key := kv.key.Value; {
		case key == "drop":
			drop = p.pos(kv.key)
		case ofEvents[key]:
			p.faults.Add(p.pos(kv.key), "`%s` has no meaning in a mapping with `drop: true`, which makes no event: remove one of the lines", key)
		}
	}
	if !given["when"] {
		p.faults.Add(drop, "`drop` needs a `when` that says which alerts to drop: without one it would drop all")
	}
	m.Class, m.Schema, m.Event, m.Transforms, m.Profiles = Text{}, Text{}, nil, nil, nil
}

func (p *parser) head(m *Mapping, kv pair) {
	if p.leaves(kv) {
		p.faults.Add(p.pos(kv.key), eachItsOwn, kv.key.Value)
		return
	}
	switch kv.key.Value {
	case "mapping":
		m.Name = p.text(kv)
	case "schema":
		m.Schema = p.text(kv)
	case "class":
		m.Class = p.text(kv)
	case "source":
		p.source(m, kv)
	case "priority":
		m.Priority = p.integer(kv)
	case "when":
		m.When = p.requireExpression(kv)
	case "profiles":
		p.profiles(m, kv)
	case "also":
		m.AlsoPos = p.pos(kv.key)
		m.Also = p.truth(kv)
	case "otherwise":
		m.OtherwisePos = p.pos(kv.key)
		m.OtherwiseNext = p.otherwise(kv)
	case "drop":
		m.Drop = p.truth(kv) || kv.value.Tag != "!!bool" // what is wrong with it hides nothing else
	case "absent":
		m.Absent = p.absent(kv)
	case "settings":
		p.settings(m, kv)
	case "tables":
		p.tables(m, kv)
	case "let":
		p.lets(m, kv)
	case "parts":
		p.parts(m, kv)
	case "event":
		m.Event = p.event(kv)
	case "include", "extends": // already read
	case "functions":
		p.functions(m, kv)
	case "transforms":
		p.transforms(m, kv)
	default:
		p.faults.Add(p.pos(kv.key), "unknown key `%s` in a mapping%s", kv.key.Value, orList(kv.key.Value, headKeys))
	}
}

// source reads the name of a custom source, which is part of the keys of the lake.
func (p *parser) source(m *Mapping, kv pair) {
	m.Source = p.text(kv)
	if wrong := spelling.InKey(m.Source.Value); m.Source.Value != "" && wrong != "" {
		p.faults.Add(m.Source.Pos, "`source` %s", wrong)
	}
}

// orList suggests the nearest name, or lists all names if none is near.
func orList(written string, names []string) string {
	if s := spelling.DidYouMean(written, names); s != "" {
		return s
	}
	return "; the keys are " + strings.Join(names, ", ")
}

// text reads a scalar of the head, which must be a constant and not empty.
func (p *parser) text(kv pair) Text {
	at := p.pos(kv.value)
	switch {
	case kv.value.Kind != yaml.ScalarNode:
		p.faults.Add(at, "`%s` must be a single value, not %s", kv.key.Value, kindName(kv.value))
	case isExpression(kv.value):
		p.faults.Add(at, "`%s` must be a constant, not an expression", kv.key.Value)
	case kv.value.Value == "" || kv.value.Tag == "!!null":
		p.faults.Add(p.pos(kv.key), "`%s` has no value", kv.key.Value)
	default:
		return Text{at, kv.value.Value}
	}
	return Text{Pos: at}
}

func (p *parser) integer(kv pair) int {
	t := p.text(kv)
	n, err := strconv.Atoi(t.Value)
	if err != nil && t.Value != "" {
		p.faults.Add(t.Pos, "`%s` must be a whole number, not %q", kv.key.Value, t.Value)
	}
	return n
}

// otherwise reads what becomes of an alert that the mapping would reject.
func (p *parser) otherwise(kv pair) bool {
	t := p.text(kv)
	if t.Value != "" && t.Value != "next" {
		p.faults.Add(t.Pos, "`otherwise` has one value: `next`, which lets the next mapping have an alert that this one would reject; remove the line to reject it")
	}
	return t.Value == "next"
}

// absent reads the texts that are nothing.
func (p *parser) absent(kv pair) []string {
	if kv.value.Kind != yaml.SequenceNode {
		p.faults.Add(p.pos(kv.value), "`absent` is a list of texts, as [\"-\", \"N/A\"], not %s", kindName(kv.value))
		return nil
	}
	var texts []string
	for _, n := range kv.value.Content {
		if n = p.follow(n); n == nil {
			continue
		}
		at := p.pos(n)
		switch {
		case n.Kind != yaml.ScalarNode:
			p.faults.Add(at, "an item of `absent` is a text, not %s", kindName(n))
		case isExpression(n):
			p.faults.Add(at, "an item of `absent` is a text, not an expression: `??` and `when` test what depends on the alert")
		case scalar(n).Kind != String:
			p.faults.Add(at, "an item of `absent` is a text, not %s: put quotes around it (numbers, true and false of an alert are never absent)", scalar(n))
		case n.Value == "":
			p.faults.Add(at, "the empty text is absent in any case: remove it")
		case slices.Contains(texts, n.Value):
			p.faults.Add(at, "%q is in the list already: remove it", n.Value)
		default:
			texts = append(texts, n.Value)
		}
	}
	return texts
}

// requireExpression reads a value that must be an expression.
func (p *parser) requireExpression(kv pair) *Expression {
	if !isExpression(kv.value) {
		p.faults.Add(p.pos(kv.value), "`%s` must be an expression: start it with `=`", kv.key.Value)
		return nil
	}
	return p.expression(kv.value, kv.flow)
}

// profiles reads the profiles that follow the data: one name or a list of them.
func (p *parser) profiles(m *Mapping, kv pair) {
	if kv.value.Kind == yaml.SequenceNode && len(kv.value.Content) == 0 {
		p.faults.Add(p.pos(kv.key), "`profiles` has no value")
	}
	for _, t := range p.names(kv) {
		if slices.ContainsFunc(m.Profiles, func(other Text) bool { return other.Value == t.Value }) {
			p.faults.Add(t.Pos, "the profile `%s` is listed twice: remove one of them", t.Value)
			continue
		}
		m.Profiles = append(m.Profiles, t)
	}
}

func (p *parser) tables(m *Mapping, kv pair) {
	if !p.isObject(kv) {
		m.notRead("")
		return
	}
	if m.Tables == nil {
		m.Tables, m.TablePos = map[string]*Table{}, map[string]Pos{}
	}
	for _, t := range p.pairs(kv.value) {
		if t.value.Kind == yaml.ScalarNode {
			p.faults.Add(p.pos(t.value), "table `%s` must be an object or a list; a single value belongs in `let`, and a file is named as {file: NAME.csv, key: COLUMN}", t.key.Value)
			m.notRead(t.key.Value)
			continue
		}
		if at, ok := m.TablePos[t.key.Value]; ok && !p.replaces(at) {
			p.faults.Add(p.pos(t.key), "table `%s` is already defined at %s: rename one of them", t.key.Value, at)
			continue
		} else if ok {
			m.dropTable(t.key.Value)
		}
		m.TablePos[t.key.Value] = p.pos(t.key)
		if tableFileName(t.value) != "" {
			p.tableFile(m, t)
			continue
		}
		if at, name := otherFile(t.value); name != "" {
			p.faults.Add(p.pos(at), "a table is read from a file whose name ends in .csv or .json, and %s does not: make one of it", name)
			m.notRead(t.key.Value)
			continue
		}
		m.Tables[t.key.Value] = once(p, t.value, func() *Table { return p.table(t.value) })
	}
}

func (p *parser) lets(m *Mapping, kv pair) {
	if !p.isObject(kv) {
		return
	}
	for _, l := range p.pairs(kv.value) {
		if l.value.Kind != yaml.ScalarNode {
			p.faults.Add(p.pos(l.value), "`let` %s must be an expression or a single value; lookup data belongs in `tables`", l.key.Value)
			continue
		}
		at, there := p.including.lets[l.key.Value]
		if there && !p.replaces(at) {
			p.faults.Add(p.pos(l.key), "`let` %s is already defined at %s: rename one of them", l.key.Value, at)
			continue
		}
		p.including.lets[l.key.Value] = p.pos(l.key)
		if v := p.definition(l.value, l.flow); v != nil {
			m.setLet(Let{Pos: p.pos(l.key), Name: l.key.Value, Value: v}, there)
		}
	}
}

func (p *parser) isObject(kv pair) bool {
	if kv.value.Kind == yaml.MappingNode {
		return true
	}
	if kv.value.Tag == "!!null" {
		p.faults.Add(p.pos(kv.key), "`%s` has no value", kv.key.Value)
		return false
	}
	p.faults.Add(p.pos(kv.value), "`%s` must hold `name: value` lines, not %s", kv.key.Value, kindName(kv.value))
	return false
}
