package syntax

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Bounds of a mapping file. They are far beyond what people write and keep a
// hostile file from costing more than it is worth.
const (
	MaxBytes = 1 << 20
	maxNodes = 100_000
	maxDepth = 64
)

// Parse reads one mapping file. It returns every fault of the file, not the
// first, and the mapping as far as it could be read (nil when it could not be
// read at all), so that later stages can look for faults of their own. The
// mapping keeps no reference to src. Included files are looked up in includes,
// by their names as Includes gives them; it may be nil.
func Parse(file string, src []byte, includes map[string]Include) (*Mapping, Faults) {
	p := &parser{file: file, seen: map[*yaml.Node]bool{}, including: &including{
		files: includes, done: map[string]bool{}, path: []string{path.Clean(file)}, lets: map[string]Pos{},
	}}
	root := p.load(src)
	if root == nil {
		return nil, p.faults
	}
	return p.mapping(root), p.faults
}

type parser struct {
	file   string
	lines  []string
	faults Faults
	nodes  int
	seen   map[*yaml.Node]bool // anchors being followed, against loops

	including *including
}

// load gives the root node of the file's one document.
func (p *parser) load(src []byte) *yaml.Node {
	top := Pos{p.file, 1, 1}
	switch {
	case len(src) > MaxBytes:
		p.faults.Add(top, "the mapping has %d bytes, the limit is %d: split it", len(src), MaxBytes)
		return nil
	case !utf8.Valid(src):
		p.faults.Add(top, "the mapping is not UTF-8 text: save it as UTF-8")
		return nil
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	p.lines = Lines(text)
	docs, err := decode(text)
	if err != nil {
		p.yamlFault(err)
		return nil
	}
	switch {
	case len(docs) == 0 || len(docs[0].Content) == 0 || docs[0].Content[0].Tag == "!!null":
		p.faults.Add(top, "the mapping is empty: it needs `mapping`, `schema`, `class` and `event`")
		return nil
	case len(docs) > 1:
		p.faults.Add(p.pos(docs[1]), "a second YAML document: keep one mapping in one file")
	}
	root := docs[0].Content[0]
	if root.Kind != yaml.MappingNode {
		p.faults.Add(p.pos(root), "a mapping is `key: value` lines, this is %s", kindName(root))
		return nil
	}
	return root
}

// decode reads all documents. A panic of the library on odd input becomes its
// error: a mapping file must never take the program down.
func decode(text string) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	d := yaml.NewDecoder(strings.NewReader(text))
	for len(docs) < 2 {
		var doc yaml.Node
		if err := d.Decode(&doc); err != nil {
			if errors.Is(err, io.EOF) {
				return docs, nil
			}
			return docs, err
		}
		docs = append(docs, &doc)
	}
	return docs, nil
}

func (p *parser) pos(n *yaml.Node) Pos { return Pos{p.file, max(n.Line, 1), max(n.Column, 1)} }

// line gives the source line (from 1) without its end.
func (p *parser) line(n int) string {
	if n < 1 || n > len(p.lines) {
		return ""
	}
	return p.lines[n-1]
}

// Lines cuts the text of a file at the line ends that YAML knows, which are
// what positions count by, and leaves these out.
func Lines(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	return strings.Split(lineEnds.Replace(text), "\n")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// pair is one entry of a YAML mapping with its aliases followed.
type pair struct {
	key   *yaml.Node
	value *yaml.Node
	flow  bool // it stands inside `{ }`
}

// pairs lists the entries of a mapping node. Duplicate keys, keys that are not
// text and merge keys are faults; yaml nodes let all of them pass.
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
			p.faults.Add(p.pos(k), "a key must be a plain name, this is %s", kindName(k))
			continue
		}
		if line, ok := first[k.Value]; ok {
			p.faults.Add(p.pos(k), "duplicate key `%s`: it is given on line %d already", k.Value, line)
			continue
		}
		first[k.Value] = k.Line
		if v := p.follow(n.Content[i+1]); v != nil {
			out = append(out, pair{k, v, n.Style&yaml.FlowStyle != 0})
		}
	}
	return out
}

// follow gives the node that an alias stands for, and counts nodes so that
// aliases of aliases cannot multiply without bound.
func (p *parser) follow(n *yaml.Node) *yaml.Node {
	if p.nodes++; p.nodes > maxNodes {
		if p.nodes == maxNodes+1 {
			p.faults.Add(p.pos(n), "the mapping has more than %d values, aliases counted each time: make it smaller", maxNodes)
		}
		return nil
	}
	if n.Kind != yaml.AliasNode {
		return n
	}
	if p.seen[n.Alias] {
		p.faults.Add(p.pos(n), "`*%s` stands inside what it names", n.Value)
		return nil
	}
	return n.Alias
}

// inside marks an anchored node while its contents are read; leave with the
// returned func.
func (p *parser) inside(n *yaml.Node) func() {
	p.seen[n] = true
	return func() { delete(p.seen, n) }
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// isExpression applies the one rule of the language.
func isExpression(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!str" && strings.HasPrefix(unblank(n), "=")
}

// unblank is the text of a scalar without the empty lines that a block may
// start with: nobody means them.
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
	switch n.Tag {
	case "!!null":
		s.Kind = Null
	case "!!bool":
		s.Kind = Bool
	case "!!int":
		s.Kind = Int
	case "!!float":
		s.Kind = Float
	}
	return s
}

// What is said of an expression among plain data.
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

// plainData gives fractions as json.Number, which keeps how they are spelled,
// where they are JSON's.
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
