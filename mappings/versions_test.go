package mappings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/mappings"
)

// Law: a shipped mapping compiles for every later version of OCSF too, and its
// events keep that version's rules and differ in metadata.version alone.
func TestLaterVersionsOfTheShippedMappings(t *testing.T) {
	versions := ocsf.Versions()
	for _, class := range classes {
		name := "wazuh/" + class + ".yaml"
		text, err := mappings.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		const line = "\nschema: 1.1.0\n"
		if strings.Count(string(text), line) != 1 {
			t.Fatalf("%s does not say %q once", name, line)
		}
		var lines []string
		for _, some := range samples(t) {
			lines = append(lines, some...)
		}
		want := shipped(t, class).through(lines...)
		for _, row := range want {
			delete(row["metadata"].(object), "version")
		}
		for _, version := range versions[1:] {
			later := compile(t, name, []byte(strings.Replace(string(text), line, "\nschema: "+version+"\n", 1)))
			got := later.through(lines...)
			for _, row := range got {
				metadata := row["metadata"].(object)
				if metadata["version"] != version {
					t.Fatalf("%s of OCSF %s gives metadata.version %v", name, version, metadata["version"])
				}
				delete(metadata, "version")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-%s +%s):\n%s", name, versions[0], version, diff)
			}
		}
	}
}
