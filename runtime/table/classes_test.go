package table

import (
	"testing"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: every class of every OCSF version can be a file, with every attribute
// that it has down to the third level.
func TestEveryClass(t *testing.T) {
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			t.Fatal(err)
		}
		for i := range schema.Classes {
			class := &schema.Classes[i]
			l, err := ocsf.NewLayout(schema, class, allFields(class.Attributes, 3))
			if err != nil {
				t.Errorf("OCSF %s: %v", version, err)
				continue
			}
			s := NewSchema(l)
			if got := len(factsOf(t, write(t, s, nil, 1, Options{})).Columns); got != len(s.leaves) {
				t.Errorf("OCSF %s: class %s: the file has %d columns of %d", version, class.Name, got, len(s.leaves))
			}
		}
	}
}

// allFields are the attributes down to a depth, without the objects whose
// attributes are all deeper.
func allFields(list []ocsf.Attribute, depth int) []*ocsf.Field {
	var fields []*ocsf.Field
	for i := range list {
		f := &ocsf.Field{Name: list[i].Name}
		if o := list[i].Object; o != nil {
			if depth > 1 {
				f.Children = allFields(o.Attributes, depth-1)
			}
			if len(f.Children) == 0 {
				continue
			}
		}
		fields = append(fields, f)
	}
	return fields
}
