package plan

import (
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Shared is what the mappings of a set have in common: the facts of OCSF, a table that
// several read from one file, the trees of expressions, and which definitions of shared
// files are known to have no faults. It belongs to one goroutine.
type Shared struct {
	schemas map[string]*ocsf.Schema
	tables  map[tableKey]*readTable
	trees   expression.Trees
	words   map[string][]string  // see vocabulary
	sound   map[string]soundness // of lets and parts, by their signatures
	size    int                  // of all programs, see expression.Program
}

// NewShared makes an empty Shared.
func NewShared() *Shared {
	return &Shared{map[string]*ocsf.Schema{}, map[tableKey]*readTable{}, expression.Trees{}, map[string][]string{}, map[string]soundness{}, 0}
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
