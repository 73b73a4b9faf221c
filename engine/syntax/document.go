package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Document is the YAML of a mapping file or of one that others include, decoded
// once however many mappings include it. Nothing that it says ever changes, and goroutines may
// share it.
type Document struct {
	src   []byte
	utf8  bool
	lines []string
	docs  []*yaml.Node
	err   error

	mu   sync.Mutex
	read map[*yaml.Node]definition
}

// definition is what was read without a fault, under a file name, which positions have.
// Mappings share the value, which does not change: a *Node or a *Table.
type definition struct {
	file  string
	value any
	nodes int // that it has
}

// definition is the value of a let or a part.
func (p *parser) definition(n *yaml.Node, flow bool) *Node {
	return once(p, n, func() *Node { return p.value(n, flow, 0) })
}

// once reads a definition that a Document reads once for all mappings that include it.
func once[T any](p *parser, n *yaml.Node, read func() T) T {
	d := p.document
	d.mu.Lock()
	known, ok := d.read[n]
	d.mu.Unlock()
	if ok && known.file == p.file && p.nodes+known.nodes <= maxNodes {
		p.nodes += known.nodes
		return known.value.(T)
	}
	faults, nodes := len(p.faults), p.nodes
	value := read()
	if len(p.faults) == faults {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.read == nil {
			d.read = make(map[*yaml.Node]definition, 64)
		}
		d.read[n] = definition{p.file, value, p.nodes - nodes}
	}
	return value
}

// NewDocument decodes a file. What is wrong with it, Parse reports. It keeps src,
// which must not change.
func NewDocument(src []byte) *Document {
	d := &Document{src: src, utf8: utf8.Valid(src)}
	if len(src) <= MaxBytes && d.utf8 {
		text := strings.TrimPrefix(string(src), "\ufeff")
		d.lines = Lines(text)
		d.docs, d.err = decode(text)
	}
	return d
}

// Of returns the document if it is that of a text, else a new one. The document may
// be nil.
func (d *Document) Of(text []byte) *Document {
	if d == nil || !bytes.Equal(d.src, text) {
		return NewDocument(text)
	}
	return d
}

// Needs returns the files that a mapping or fragment names under `include` or
// `extends`, and those from which its tables are read, by the names under which Parse looks for
// them: resolved against the folder of the file, with slashes. For a file that is
// not YAML it returns none.
func (d *Document) Needs(file string) (includes, tables []string) {
	p := &parser{file: file, seen: map[*yaml.Node]bool{}}
	root := p.root(d)
	if root == nil {
		return nil, nil
	}
	for _, kv := range p.pairs(root) {
		switch kv.key.Value {
		case "include", "extends":
			for _, t := range p.names(kv) {
				includes = append(includes, beside(file, t.Value))
			}
		case "tables":
			tables = append(tables, p.tableNames(kv.value)...)
		}
	}
	return includes, tables
}

// IsFragment reports whether the file is for mappings to include, and not a
// mapping, as far as it can be read.
func (d *Document) IsFragment() bool {
	p := &parser{seen: map[*yaml.Node]bool{}}
	root := p.root(d)
	if root == nil {
		return true
	}
	given := map[string]bool{}
	for _, kv := range p.pairs(root) {
		given[kv.key.Value] = true
	}
	return fragmentOnly(given)
}

// isOfMappings reports whether the file, faulty or not, is a mapping or a fragment: at
// least half of its keys are those that one has. Faults quote the file that they are
// in, and a mapping may name any other file: so of a file that is
// neither nothing is shown.
func (d *Document) isOfMappings() bool {
	p := &parser{seen: map[*yaml.Node]bool{}}
	var keys []string
	if root := p.root(d); root != nil {
		for _, kv := range p.pairs(root) {
			keys = append(keys, kv.key.Value)
		}
	} else {
		for _, line := range d.lines { // as far as one can see without its structure
			if line != "" && !strings.ContainsRune(" \t#-]}", rune(line[0])) {
				key, _, _ := strings.Cut(line, ":")
				keys = append(keys, key)
			}
		}
	}
	known := 0
	for _, key := range keys {
		if slices.Contains(headKeys, key) || slices.Contains(fragmentKeys, key) {
			known++
		}
	}
	return known > 0 && known >= len(keys)-known
}

// root returns the root node of the only document in the file.
func (p *parser) root(d *Document) *yaml.Node {
	top := posAt(p.file, 1, 1)
	switch {
	case len(d.src) > MaxBytes:
		p.faults.Add(top, "the mapping has %d bytes, the limit is %d: split it", len(d.src), MaxBytes)
		return nil
	case !d.utf8:
		p.faults.Add(top, "the mapping is not UTF-8 text: save it as UTF-8")
		return nil
	}
	p.document, p.lines, p.last = d, d.lines, characters{}
	switch docs := d.docs; {
	case d.err != nil:
		p.yamlFault(d.err)
		return nil
	case len(docs) == 0 || len(docs[0].Content) == 0 || docs[0].Content[0].Tag == "!!null":
		p.faults.Add(top, "the mapping is empty: it needs `mapping`, `schema`, `class` and `event`")
		return nil
	case len(docs) > 1:
		p.faults.Add(p.pos(docs[1]), "a second YAML document: keep one mapping in one file")
	}
	root := d.docs[0].Content[0]
	if root.Kind != yaml.MappingNode {
		p.faults.Add(p.pos(root), "a mapping is `key: value` lines, not %s", kindName(root))
		return nil
	}
	return root
}

// decode reads all documents. A panic of the library becomes an error, because no
// mapping file may crash the program.
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
