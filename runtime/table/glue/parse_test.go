package glue

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: every type of a class is read back as it was written.
func TestTypesAreReadBack(t *testing.T) {
	s, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range []string{"detection_finding", "process_activity", "http_activity"} {
		for _, c := range Columns(wholeClass(t, s, class)) {
			got, err := ParseType(c.Type.String())
			if diff := cmp.Diff(c.Type, got); err != nil || diff != "" {
				t.Errorf("%s %s: %v (-want +got):\n%s", class, c.Name, err, diff)
			}
		}
	}
}

// What is not a type is not taken for one.
func TestNoTypes(t *testing.T) {
	for _, text := range []string{"", "<", "array<", "array<>", "array<int", "array<int>>", "map<int,int>", "map<string>", "struct<>", "struct<a>", "struct<a:int,>", "decimal(1,2)x,y", "list<int>"} {
		if got, err := ParseType(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
