package syntax

import (
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Include is a file that a mapping includes, or that a table is read from: its text,
// or why it cannot be read.
type Include struct {
	Text []byte
	Err  error
	// Set are the files of a set of mappings, which a variant may extend as a whole. Then there is
	// no Text.
	Set []string
	// Document is the Text of a file to include, decoded. Parse decodes it if it is
	// nil or of another text.
	Document *Document
}

// maxIncludes bounds how deep included files may include others.
const maxIncludes = 8

// fragmentKeys are the keys of a file that others include.
var fragmentKeys = []string{"include", "settings", "tables", "let", "functions", "parts"}

// fragmentOnly reports whether a file has keys of a fragment and none that only a
// mapping has.
func fragmentOnly(given map[string]bool) bool {
	for _, r := range required {
		if given[r.key] {
			return false
		}
	}
	for _, key := range fragmentKeys {
		if given[key] {
			return true
		}
	}
	return false
}

// beside resolves a name against the folder of the file that has it. It keeps the
// scheme of a URL (s3://).
func beside(file, name string) string {
	if path.IsAbs(name) || strings.Contains(name, "://") {
		return name
	}
	if scheme, rest, ok := strings.Cut(file, "://"); ok {
		return scheme + "://" + path.Join(path.Dir(rest), name)
	}
	return path.Join(path.Dir(file), name)
}

// names reads one name or a list of them.
func (p *parser) names(kv pair) []Text {
	nodes := []*yaml.Node{kv.value}
	if kv.value.Kind == yaml.SequenceNode {
		nodes = kv.value.Content
	}
	var names []Text
	for _, n := range nodes {
		if n = p.follow(n); n == nil {
			continue
		}
		if t := p.text(pair{key: kv.key, value: n}); t.Value != "" {
			names = append(names, t)
		}
	}
	return names
}

// including is the state of the includes of one mapping.
type including struct {
	files    map[string]Include
	done     map[string]bool // read already: a second include adds nothing
	path     []string        // the files being read, the mapping first
	lets     map[string]Pos
	settings map[string]Pos
	set      string // that the mapping is a variant of, "" if it is of none
	member   string // the file of the set
	source   Pos    // of the source of the variant
}

// include reads the fragments that a file names, in order. Their lets come before
// those of the file.
func (p *parser) include(m *Mapping, kv pair) {
	for _, t := range p.names(kv) {
		p.other(m, t, func(inner *parser, pairs []pair) {
			inner.extended = p.extended // what a variant includes is a part of it
			inner.first(m, pairs)
			for _, kv := range pairs {
				inner.fragmentKey(m, kv)
			}
		})
	}
}

// other reads a file that this one names into the mapping, unless it has been read
// already. Its faults have positions in that file.
func (p *parser) other(m *Mapping, t Text, read func(inner *parser, pairs []pair)) {
	in, name := p.including, beside(p.file, t.Value)
	file, ok := in.files[name]
	switch {
	case slices.Contains(in.path, name):
		p.faults.Add(t.Pos, "%s includes itself, by way of %s: remove one of the lines", name, strings.Join(in.path, " and "))
	case in.done[name]:
		return
	case len(in.path) > maxIncludes:
		p.faults.Add(t.Pos, "files include each other deeper than %d: include %s from the mapping itself", maxIncludes, t.Value)
	case !ok:
		p.faults.Add(t.Pos, "there is no file %s to include", name)
	case file.Err != nil:
		p.faults.Add(t.Pos, "%s cannot be included: %v", name, file.Err)
	case len(file.Set) > 0:
		p.faults.Add(t.Pos, "%s is a set of mappings, which cannot be included: extend it", name)
	case !file.Document.Of(file.Text).isOfMappings():
		in.done[name] = true
		p.faults.Add(t.Pos, "%s cannot be included: it is not part of a mapping, which has keys such as %s", name, strings.Join(fragmentKeys, ", "))
	default:
		in.done[name] = true
		in.path = append(in.path, name)
		inner := &parser{file: name, seen: map[*yaml.Node]bool{}, nodes: p.nodes, including: in}
		root := inner.root(file.Document.Of(file.Text))
		if root != nil {
			read(inner, inner.pairs(root))
		}
		in.path = in.path[:len(in.path)-1]
		p.nodes = inner.nodes
		p.faults = append(p.faults, inner.faults...)
		m.Files = append(m.Files, name)
		if root != nil {
			return
		}
	}
	m.notRead("") // it may define any names
}

// first reads `include`, wherever it is in the file.
func (p *parser) first(m *Mapping, pairs []pair) {
	for _, kv := range pairs {
		if kv.key.Value == "include" {
			p.include(m, kv)
		}
	}
}

func (p *parser) fragmentKey(m *Mapping, kv pair) {
	switch key := kv.key.Value; {
	case key == "include":
	case key == "settings":
		p.settings(m, kv)
	case key == "tables":
		p.tables(m, kv)
	case key == "let":
		p.lets(m, kv)
	case key == "parts":
		p.parts(m, kv)
	case key == "functions":
		p.functions(m, kv)
	case slices.Contains(headKeys, key):
		p.faults.Add(p.pos(kv.key), "`%s` belongs to a mapping; a file that others include holds %s only", key, strings.Join(fragmentKeys, ", "))
	default:
		p.faults.Add(p.pos(kv.key), "unknown key `%s` in an included file%s", key, orList(key, fragmentKeys))
	}
}
