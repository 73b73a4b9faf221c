package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// digest is what a compiled mapping was made of, as 64 hex digits: the texts of
// its file, of those that it includes and of those that its tables are read from,
// and the values of its settings. It does
// not depend on where the files are. WebAssembly modules have no part in it.
func digest(f *File, m *syntax.Mapping, settings []plan.Setting) string {
	h := sha256.New()
	part(h, "mapping", f.Text)
	for _, name := range m.Files {
		part(h, "included", f.Includes[name].Text)
	}
	for i := range m.TableFiles {
		part(h, "table", m.TableFiles[i].Content)
	}
	for _, s := range settings {
		part(h, s.Name, []byte(s.Value))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// part hashes a text with its length, so that moving a border between two texts
// changes the result.
func part(h hash.Hash, kind string, text []byte) {
	fmt.Fprintf(h, "%s %d\n", kind, len(text))
	h.Write(text)
}
