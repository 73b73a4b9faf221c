package mapping

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// What one mapping may include: files, and bytes of them all; and bytes of all files
// of its tables.
const (
	maxIncluded      = 256
	maxIncludedBytes = 8 << 20
	maxTablesBytes   = 64 << 20
)

// Reading gets a file by its name, of at most that many bytes, whole.
type Reading func(name string, limit int) ([]byte, error)

// addIncludes reads what the file includes, and what that includes, into the
// file, and the files of its tables. Names are relative to the folder of the file
// that says them, with slashes, and may be addresses (s3://…) where f.Name is one. A
// file that cannot be read is not an error here: the engine reports it at the line
// that names it.
func (s *sources) addIncludes(f *engine.File) {
	f.Document = syntax.NewDocument(f.Text)
	f.Includes = map[string]syntax.Include{}
	wanted, tables := f.Document.Needs(f.Name)
	total := 0
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		if _, ok := f.Includes[name]; ok {
			continue
		}
		if len(f.Includes) >= maxIncluded {
			f.Includes[name] = syntax.Include{Err: errTooMany}
			continue
		}
		file := s.fragment(name)
		if total += len(file.Text); file.Err == nil && total > maxIncludedBytes {
			file = syntax.Include{Err: errTooLong}
		}
		f.Includes[name] = file
		wanted = append(wanted, file.Set...)
		if file.Err == nil && file.Set == nil {
			more, moreTables := file.Document.Needs(name)
			wanted = append(wanted, more...)
			tables = append(tables, moreTables...)
		}
	}
	s.addTables(f, tables)
	if len(f.Includes) == 0 {
		f.Includes = nil
	}
}

func (s *sources) addTables(f *engine.File, names []string) {
	total := 0
	for i, name := range names {
		if _, ok := f.Includes[name]; ok {
			continue
		}
		if i >= maxIncluded {
			f.Includes[name] = syntax.Include{Err: errTooMany}
			continue
		}
		file := s.table(name)
		if total += len(file.Text); file.Err == nil && total > maxTablesBytes {
			file = syntax.Include{Err: errTablesTooLong}
		}
		f.Includes[name] = file
	}
}

// sources reads files to include and those of tables, each once: several mappings of
// a set may name it.
type sources struct {
	read              Reading
	fragments, tables map[string]syntax.Include
}

func (read Reading) once() *sources {
	return &sources{read.orShipped, map[string]syntax.Include{}, map[string]syntax.Include{}}
}

func (s *sources) fragment(name string) syntax.Include {
	file, ok := s.fragments[name]
	if !ok {
		if file.Set = shippedSet(name); file.Set != nil {
			return file
		}
		if file.Text, file.Err = s.read(name, syntax.MaxBytes); file.Err == nil {
			file.Document = syntax.NewDocument(file.Text)
		}
		s.fragments[name] = file
	}
	return file
}

func (s *sources) table(name string) syntax.Include {
	file, ok := s.tables[name]
	if !ok {
		file.Text, file.Err = s.read(name, syntax.MaxTableBytes)
		s.tables[name] = file
	}
	return file
}

var (
	errTooMany       = fmt.Errorf("the mapping includes more than %d files: join some of them", maxIncluded)
	errTablesTooLong = fmt.Errorf("the tables of the mapping have more than %d bytes together: leave out rows and columns that no rule looks up", maxTablesBytes)
	errTooLong       = fmt.Errorf("the files that the mapping includes have more than %d bytes together: make them smaller", maxIncludedBytes)
)

// WithoutFragments leaves out the files that others of them include and that
// are not mappings by themselves.
func WithoutFragments(files []engine.File) []engine.File {
	included := map[string]bool{}
	for _, f := range files {
		for name := range f.Includes {
			included[name] = true
		}
	}
	var mappings []engine.File
	for _, f := range files {
		if !included[f.Name] || !f.Document.IsFragment() {
			mappings = append(mappings, f)
		}
	}
	return mappings
}
