package mapping

import (
	"bytes"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/mappings"
)

// ofShipped knows which texts are those of the shipped mappings, by where they begin. Tests
// compile the shipped mappings and find no fault (TestShippedMappingsAreSound), so that a start
// need not.
type ofShipped map[*byte]bool

// sound reports whether a mapping, with all that it names, is a shipped one.
func (s ofShipped) sound(f *engine.File) bool {
	for name, file := range f.Includes {
		if file.Err != nil || !s.text(name, file.Text) {
			return false
		}
	}
	return s.text(f.Name, f.Text)
}

func (s ofShipped) text(name string, text []byte) bool {
	if len(text) == 0 {
		return false
	}
	same, ok := s[&text[0]]
	if !ok {
		shipped, err := mappings.FS.ReadFile(name)
		same = err == nil && bytes.Equal(shipped, text)
		s[&text[0]] = same
	}
	return same
}
