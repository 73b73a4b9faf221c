package plan

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: every caption of every enum of OCSF gives back its id, in whatever case, so
// no two captions of an enum differ in case alone.
func TestEveryCaptionGivesItsID(t *testing.T) {
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		enums := 0
		for i := range schema.Classes {
			c := &schema.Classes[i]
			enums += checkCaptions(t, shape{c.Name, c.Attributes, c.Constraint})
		}
		for i := range schema.Objects {
			enums += checkCaptions(t, objectShape(&schema.Objects[i]))
		}
		if enums < 200 {
			t.Errorf("%s: only %d enums with captions", version, enums)
		}
	}
}

func checkCaptions(t *testing.T, s shape) (enums int) {
	for i := range s.attributes {
		id := &s.attributes[i]
		caption := s.captionOf(id)
		if caption == nil {
			continue
		}
		enums++
		if s.idOf(caption) != id {
			t.Errorf("%s: %s is the caption of %s and of another id", s.name, caption.Name, id.Name)
		}
		known := knownCaptions(id)
		for _, n := range known.names {
			for _, text := range []string{n.caption, strings.ToUpper(n.caption), strings.ToLower(n.caption)} {
				if found, ok := known.find(text); !ok || found != n {
					t.Errorf("%s.%s: %q gives %v, not %v", s.name, id.Name, text, found, n)
				}
			}
		}
	}
	return enums
}
