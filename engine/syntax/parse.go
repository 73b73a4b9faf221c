package syntax

import (
	"encoding/json"
	"path"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Bounds of a mapping file. They are far above what people write, and limit the
// cost of a hostile file.
const (
	MaxBytes = 1 << 20
	maxNodes = 100_000
	maxDepth = 64
)

// Parse parses one mapping file. It returns every fault of the file, not only the
// first, and the mapping as far as it could be read (nil if it could not be read
// at all), so that later stages can look for more faults. Includes has the included
// files and those of tables by the names that Needs returns; it may be nil. The
// mapping keeps references to the content of tables.
func Parse(file string, d *Document, includes map[string]Include) (*Mapping, Faults) {
	return parse(file, d, includes, "")
}

func parse(file string, d *Document, includes map[string]Include, member string) (*Mapping, Faults) {
	p := &parser{file: file, seen: map[*yaml.Node]bool{}, including: &including{
		files: includes, done: map[string]bool{}, path: []string{path.Clean(file)}, lets: map[string]Pos{}, settings: map[string]Pos{}, member: member,
	}}
	root := p.root(d)
	if root == nil {
		return nil, p.faults
	}
	m := p.mapping(root)
	p.expand(m)
	return m, p.faults.Placed()
}

type parser struct {
	file     string
	document *Document
	lines    []string
	last     characters // of the line that was asked for last
	faults   Faults
	nodes    int
	tagged   map[*yaml.Node]bool // values with a tag that was reported
	seen     map[*yaml.Node]bool // anchors being followed, to detect loops

	including *including
	extended  []string // the files of the mapping that the file extends
	builtOn   bool     // another event uses that of the file
	ofSet     bool     // the file is a variant of a set
}

func (p *parser) pos(n *yaml.Node) Pos { return posAt(p.file, max(n.Line, 1), max(n.Column, 1)) }

// line returns a source line, counted from 1, without its end.
func (p *parser) line(n int) string {
	if n < 1 || n > len(p.lines) {
		return ""
	}
	return p.lines[n-1]
}

// characters are those of one line, with the byte that each starts at, and the end.
type characters struct {
	line   int
	runes  []rune
	starts []int
}

// characters returns those of a line. It keeps them: a list may have thousands of values on one
// line.
func (p *parser) characters(line int) *characters {
	if p.last.line != line {
		text := p.line(line)
		p.last = characters{line: line, runes: []rune(text), starts: make([]int, 0, len(text)+1)}
		for start := range text {
			p.last.starts = append(p.last.starts, start)
		}
		p.last.starts = append(p.last.starts, len(text))
	}
	return &p.last
}

// Lines splits the text of a file at the line ends of YAML, by which positions
// count, and removes the line ends.
func Lines(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	return strings.Split(lineEnds.Replace(text), "\n")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// pair is one entry of a YAML mapping with its aliases followed.
type pair struct {
	key   *yaml.Node
	value *yaml.Node
	flow  bool // it is inside `{ }`
}

// pairs returns the entries of a mapping node. It reports duplicate keys, keys
// that are not text, and merge keys, all of which yaml nodes accept.
func (p *parser) pairs(n *yaml.Node) []pair {
	var out []pair
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Tag == "!!merge":
			p.faults.Add(p.pos(k), "merge keys (`<<`) are not part of the language: repeat the lines, or name the value with `let`")
			continue
		case k.Kind != yaml.ScalarNode:
			p.faults.Add(p.pos(k), "a key must be a plain name, not %s", kindName(k))
			continue
		}
		if line, ok := first[k.Value]; ok {
			p.faults.Add(p.pos(k), "duplicate key `%s`: it is already on line %d", k.Value, line)
			continue
		}
		first[k.Value] = k.Line
		if v := p.follow(n.Content[i+1]); v != nil {
			out = append(out, pair{k, v, n.Style&yaml.FlowStyle != 0})
		}
	}
	return out
}

// follow returns the node that an alias refers to. It counts nodes, so that
// aliases of aliases cannot multiply without bound.
func (p *parser) follow(n *yaml.Node) *yaml.Node {
	if p.nodes++; p.nodes > maxNodes {
		if p.nodes == maxNodes+1 {
			p.faults.Add(p.pos(n), "the mapping has more than %d values, aliases counted each time: make it smaller", maxNodes)
		}
		return nil
	}
	if n.Kind != yaml.AliasNode {
		p.tag(n)
		return n
	}
	if p.seen[n.Alias] {
		p.faults.Add(p.pos(n), "`*%s` refers to a value that contains it", n.Value)
		return nil
	}
	return n.Alias
}

// inside marks an anchored node while its contents are read, until the returned
// func is called.
func (p *parser) inside(n *yaml.Node) func() {
	p.seen[n] = true
	return func() { delete(p.seen, n) }
}

// tag reports a tag that would give a value another meaning, once for each value.
func (p *parser) tag(n *yaml.Node) {
	if n.Style&yaml.TaggedStyle == 0 || plainTags[n.ShortTag()] || p.tagged[n] {
		return
	}
	if p.tagged == nil {
		p.tagged = map[*yaml.Node]bool{}
	}
	p.tagged[n] = true
	p.faults.Add(p.pos(n), "tags such as `%s` are not part of the language: remove it, and quote a text that begins with `!`", n.Tag)
}

// plainTags are those of YAML that say no more than the value itself does.
var plainTags = map[string]bool{"!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true, "!!map": true, "!!seq": true}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// isExpression reports whether a node is an expression and not a constant.
func isExpression(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!str" && strings.HasPrefix(unblank(n), "=")
}

// unblank returns the text of a scalar without the empty lines at the start of a
// block.
func unblank(n *yaml.Node) string {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return strings.TrimLeft(n.Value, "\n")
	}
	return n.Value
}

func scalar(n *yaml.Node) Scalar {
	s := Scalar{String, n.Value}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return s
	}
	switch {
	case n.Tag == "!!null":
		s.Kind = Null
	case n.Tag == "!!bool":
		s.Kind = Bool
	case zeroBefore(n.Value):
	case n.Tag == "!!int":
		s.Kind = Int
	case n.Tag == "!!float":
		s.Kind = Float
	}
	return s
}

// zeroBefore reports whether a number has a digit behind a leading zero, as the agents of
// Wazuh have (010). One version of YAML reads that as octal, another as decimal; so it is
// the text that it is, which counts as a decimal number where one belongs.
func zeroBefore(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return len(s) > 1 && s[0] == '0' && (s[1] == '_' || '0' <= s[1] && s[1] <= '9')
}

// What messages say about an expression in plain data.
const (
	tableIsPlain  = "a table holds plain data, this looks like an expression: move it to `let`"
	configIsPlain = "`config` holds plain data, this looks like an expression: write the value itself, or give it to the function as an argument"
)

// data reads plain data: what a table or the config of a module holds.
func (p *parser) data(n *yaml.Node, depth int, isPlain string) any {
	if n = p.follow(n); n == nil {
		return nil
	}
	if depth > maxDepth {
		p.faults.Add(p.pos(n), "nested deeper than %d levels", maxDepth)
		return nil
	}
	defer p.inside(n)()
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for _, kv := range p.pairs(n) {
			m[kv.key.Value] = p.data(kv.value, depth+1, isPlain)
		}
		return m
	case yaml.SequenceNode:
		l := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			l = append(l, p.data(c, depth+1, isPlain))
		}
		return l
	}
	if isExpression(n) {
		p.faults.Add(p.pos(n), "%s", isPlain)
		return nil
	}
	return plainData(scalar(n))
}

// plainData returns fractions as json.Number, which keeps their spelling, if they
// are valid JSON.
func plainData(s Scalar) any {
	switch s.Kind {
	case Null:
		return nil
	case Bool:
		return strings.EqualFold(s.Text, "true")
	case Int:
		if i, err := strconv.ParseInt(strings.ReplaceAll(s.Text, "_", ""), 0, 64); err == nil {
			return int(i)
		}
	case Float:
		if f, err := strconv.ParseFloat(s.Text, 64); err == nil {
			if json.Valid([]byte(s.Text)) {
				return json.Number(s.Text)
			}
			return f
		}
	}
	return s.Text
}
