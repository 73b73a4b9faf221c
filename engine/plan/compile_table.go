package plan

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Bounds of a table that is read from a file.
const (
	maxTableRows   = 100_000
	maxTableDepth  = 64
	maxTableFaults = 10 // that are reported of one file
)

type tableKey struct{ file, key, value string }

type readTable struct {
	content []byte
	value   alert.Value
	faults  syntax.Faults // at places of the file
	wrong   []wrongColumn
}

// wrongColumn is a fault of the mapping that names a column, found in the file.
type wrongColumn struct {
	value   bool // it is about `value`, else about `key`
	message string
}

// tables makes the object that `tables` stands for: those of the mapping, and those
// from files.
func (c *compiler) tables() alert.Value {
	all := make(map[string]any, len(c.m.Tables)+len(c.m.TableFiles))
	for name, t := range c.m.Tables {
		all[name] = c.options.Shared.written(t)
	}
	for i := range c.m.TableFiles {
		f := &c.m.TableFiles[i]
		t := c.options.Shared.table(f)
		for _, fault := range t.faults {
			if !slices.Contains(c.faults, fault) { // two tables of a mapping may have one file
				c.faults = append(c.faults, fault)
			}
		}
		for _, w := range t.wrong {
			at := f.Key.Pos
			if w.value {
				at = f.Value.Pos
			}
			if at.Line == 0 {
				at = f.File.Pos
			}
			c.faults.Add(at, "%s", w.message)
		}
		all[f.Name] = t.value
	}
	return alert.From(all)
}

// written is the value of a table that is written in a mapping.
func (s *Shared) written(t *syntax.Table) alert.Value {
	v, ok := s.ofYAML[t]
	if !ok {
		v = alert.From(t.Data)
		s.ofYAML[t] = v
	}
	return v
}

// table reads a table, if nobody has, and waits for whoever does.
func (s *Shared) table(f *syntax.TableFile) *readTable {
	s.reading.Lock()
	defer s.reading.Unlock()
	key := tableKey{f.File.Value, f.Key.Value, f.Value.Value}
	if known := s.tables[key]; known != nil && bytes.Equal(known.content, f.Content) {
		return known
	}
	r := &tableReader{file: f, readTable: &readTable{content: f.Content}}
	r.text = string(bytes.TrimPrefix(f.Content, []byte("\ufeff")))
	switch {
	case !utf8.ValidString(r.text):
		r.notUTF8()
	case strings.EqualFold(path.Ext(f.File.Value), ".csv"):
		r.csv()
	default:
		r.json()
	}
	s.tables[key] = r.readTable
	return r.readTable
}

// tableReader reads one file.
type tableReader struct {
	*readTable
	file *syntax.TableFile
	text string // without a byte order mark
}

// fault adds a fault at a byte of the text. It returns false when no more are
// reported.
func (r *tableReader) fault(offset int, format string, args ...any) bool {
	if len(r.faults) == maxTableFaults {
		return false
	}
	before := r.text[:min(offset, len(r.text))]
	line := strings.Count(before, "\n") + 1
	col := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	r.faults.Add(syntax.Pos{File: r.file.File.Value, Line: line, Col: col}, format, args...)
	return len(r.faults) < maxTableFaults
}

// lineAt returns the offset of a line, counted from 1.
func (r *tableReader) lineAt(line int) int {
	at := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(r.text[at:], '\n')
		if next < 0 {
			return len(r.text)
		}
		at += next + 1
	}
	return at
}

func (r *tableReader) notUTF8() {
	at := 0
	for at < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[at:])
		if c == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	r.fault(at, "the file is not UTF-8: save it as UTF-8")
}

// column finds a column that the mapping names.
func (r *tableReader) column(name string, columns []string, isValue bool) int {
	i := slices.Index(columns, name)
	if i >= 0 {
		return i
	}
	message := r.file.File.Value + " has no column `" + name + "`"
	if near := spelling.DidYouMean(name, columns); near != "" {
		message += near
	} else {
		message += "; its columns are " + shortened(columns)
	}
	r.wrong = append(r.wrong, wrongColumn{isValue, message})
	return -1
}

// rows gathers the entries of a table, each key once.
type rows struct {
	reader  *tableReader
	members []alert.Member
	places  map[string]tablePlace // of each key
}

// tablePlace is where a key is, as the reader of the format knows it: an offset, or a
// line and a byte of it, counted from 1. Turning one into the other takes time.
type tablePlace struct{ offset, line, col int }

func (r *tableReader) offset(p tablePlace) int {
	if p.line == 0 {
		return p.offset
	}
	return r.lineAt(p.line) + p.col - 1
}

// add adds an entry. It returns false when there is no use in going on.
func (r *rows) add(key string, v alert.Value, at tablePlace) bool {
	if first, ok := r.places[key]; ok {
		line := strings.Count(r.reader.text[:r.reader.offset(first)], "\n") + 1
		return r.reader.fault(r.reader.offset(at), "%q is on line %d already: a table has each key once, so remove one of the rows", key, line)
	}
	if len(r.members) == maxTableRows {
		r.reader.fault(r.reader.offset(at), "the table has more than %d rows: leave out those that no rule looks up", maxTableRows)
		return false
	}
	r.places[key] = at
	r.members = append(r.members, alert.Member{Name: key, Value: v})
	return true
}

func (r *tableReader) newRows() *rows { return &rows{reader: r, places: map[string]tablePlace{}} }
