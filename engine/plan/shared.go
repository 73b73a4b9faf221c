package plan

import (
	"sync"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Shared is what the mappings of a set have in common: the facts of OCSF, a table that
// several have from one file, the trees of expressions, and which definitions of shared
// files are known to have no faults. It belongs to one goroutine, but for ReadTables.
type Shared struct {
	schemas map[string]*ocsf.Schema
	reading sync.Mutex
	tables  map[tableKey]*readTable // under reading
	ofYAML  map[*syntax.Table]alert.Value
	trees   expression.Trees
	words   map[string][]string  // see vocabulary
	sound   map[string]soundness // of lets and parts, by their signatures
	size    int                  // of all programs, see expression.Program
	tested  *testedNames         // nil until a Lint needs it
}

// NewShared makes an empty Shared.
func NewShared() *Shared {
	return &Shared{schemas: map[string]*ocsf.Schema{}, tables: map[tableKey]*readTable{}, ofYAML: map[*syntax.Table]alert.Value{}, trees: expression.Trees{}, words: map[string][]string{}, sound: map[string]soundness{}}
}

// ReadTables reads the files of a mapping's tables, which Compile would have to. Another mapping
// may be compiled meanwhile.
func (s *Shared) ReadTables(m *syntax.Mapping) {
	for i := range m.TableFiles {
		s.table(&m.TableFiles[i])
	}
}

// schema returns the facts of a version. Its mappings share them: no plan changes them.
func (s *Shared) schema(version string) (*ocsf.Schema, error) {
	if loaded, ok := s.schemas[version]; ok {
		return loaded, nil
	}
	loaded, err := ocsf.Load(version)
	if err == nil {
		s.schemas[version] = loaded
	}
	return loaded, err
}
