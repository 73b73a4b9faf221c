package syntax

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// MaxTableBytes bounds a file that a table is read from.
const MaxTableBytes = 8 << 20

// Table is a table that is written in a mapping, or in a file that mappings include: these
// share it, and nothing changes it.
type Table struct {
	Data    any // as json.Unmarshal has it, but for integers, which are int
	entries map[string]Pos
}

// TableFile is a table that is read from a file. Key and Value are the columns by
// which and of which it gives values; zero where they are not given.
type TableFile struct {
	Pos        Pos // of the table's name
	Name       string
	File       Text // resolved against the folder of the file that names it
	Key, Value Text
	Content    []byte
}

var tableFileKeys = []string{"file", "key", "value"}

// tableNames returns the files from which tables are read.
func (p *parser) tableNames(tables *yaml.Node) []string {
	if tables.Kind != yaml.MappingNode {
		return nil
	}
	var names []string
	for _, t := range p.pairs(tables) {
		if name := tableFileName(t.value); name != "" && isBelow(name) {
			names = append(names, beside(p.file, name))
		}
	}
	return names
}

// tableFileName returns the file that a table is read from, "" for a table that is
// written in the mapping. Its `file` must look like one, so that a table of the
// mapping may have a key of that name.
func tableFileName(n *yaml.Node) string {
	if n.Kind != yaml.MappingNode {
		return ""
	}
	_, v := member(n, "file")
	if v == nil || v.Kind != yaml.ScalarNode || v.Tag != "!!str" || isExpression(v) {
		return ""
	}
	switch strings.ToLower(path.Ext(v.Value)) {
	case ".csv", ".json":
		return v.Value
	}
	return ""
}

// otherFile returns the `file` of a table that is meant to be read from one, to judge by
// its `key` and the ending of the name, but from a file of a kind that no table is read from.
func otherFile(n *yaml.Node) (at *yaml.Node, name string) {
	if n.Kind != yaml.MappingNode {
		return nil, ""
	}
	for i := 0; i < len(n.Content); i += 2 {
		if !slices.Contains(tableFileKeys, n.Content[i].Value) {
			return nil, ""
		}
	}
	_, key := member(n, "key")
	if _, at = member(n, "file"); at == nil || key == nil || at.Tag != "!!str" || path.Ext(at.Value) == "" {
		return nil, ""
	}
	return at, at.Value
}

// isBelow reports whether a path leads to a file beside or below the file that has
// it. Included files may be anywhere, because they are part of a mapping. A table's
// file is not: a mapping from elsewhere must not bring files of this machine into
// the lake.
func isBelow(name string) bool {
	clean := path.Clean(name)
	return !path.IsAbs(name) && !strings.Contains(name, "://") && !strings.ContainsAny(name, "\\\x00") && clean != ".." && !strings.HasPrefix(clean, "../")
}

// tableFile reads what the mapping says of a table from a file, and takes its
// content from the includes.
func (p *parser) tableFile(m *Mapping, t pair) {
	f, before := TableFile{Pos: p.pos(t.key), Name: t.key.Value}, len(p.faults)
	for _, kv := range p.pairs(t.value) {
		switch kv.key.Value {
		case "file":
			f.File = p.text(kv)
		case "key":
			f.Key = p.text(kv)
		case "value":
			f.Value = p.text(kv)
		default:
			p.faults.Add(p.pos(kv.key), "unknown key `%s` in a table that is read from a file%s", kv.key.Value, orList(kv.key.Value, tableFileKeys))
		}
	}
	name := beside(p.file, f.File.Value)
	file, ok := p.including.files[name]
	switch {
	case len(p.faults) > before:
	case !isBelow(f.File.Value):
		p.faults.Add(f.File.Pos, "the file of a table must be in the folder of %s or below it, and %s is not: copy it there", p.file, f.File.Value)
	case !ok:
		p.faults.Add(f.File.Pos, "there is no file %s for table `%s`", name, f.Name)
	case file.Err != nil:
		p.faults.Add(f.File.Pos, "%s cannot be read for table `%s`: %v", name, f.Name, file.Err)
	case len(file.Text) > MaxTableBytes:
		p.faults.Add(f.File.Pos, "%s has %d bytes, the limit for a table is %d: leave out rows and columns that no rule looks up", name, len(file.Text), MaxTableBytes)
	default:
		f.File.Value, f.Content = name, file.Text
		m.TableFiles = append(m.TableFiles, f)
		return
	}
	m.notRead(f.Name)
}

// IsTableFile reports whether a table is read from a file.
func (m *Mapping) IsTableFile(table string) bool {
	return slices.ContainsFunc(m.TableFiles, func(f TableFile) bool { return f.Name == table })
}

// TableEntry returns the position of the value under a key of a table, or at an
// index of a list; the position of the table if it has no such entry.
func (m *Mapping) TableEntry(table, key string) Pos {
	if t := m.Tables[table]; t != nil {
		if p, ok := t.entries[key]; ok {
			return p
		}
	}
	return m.TablePos[table]
}

// dropTable forgets a table that another takes the place of.
func (m *Mapping) dropTable(name string) {
	delete(m.Tables, name)
	m.TableFiles = slices.DeleteFunc(m.TableFiles, func(f TableFile) bool { return f.Name == name })
}

// table reads a table, with the positions of the values of its keys, or of its items.
func (p *parser) table(n *yaml.Node) *Table {
	t := &Table{Data: p.data(n, 0, tableIsPlain), entries: make(map[string]Pos, len(n.Content))}
	for i, value := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			t.entries[strconv.Itoa(i)] = p.pos(value)
		case i%2 == 1:
			t.entries[n.Content[i-1].Value] = p.pos(value)
		}
	}
	return t
}
