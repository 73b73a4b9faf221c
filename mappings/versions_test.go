package mappings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: a shipped mapping compiles for every later version of OCSF too, and its
// events keep that version's rules and differ in metadata.version alone.
func TestLaterVersionsOfTheShippedMappings(t *testing.T) {
	versions := ocsf.Versions()
	for _, class := range classes {
		name := "wazuh/" + class
		var lines []string
		for _, some := range samples(t) {
			lines = append(lines, some...)
		}
		want := shipped(t, class).through(lines...)
		for _, row := range want {
			delete(row["metadata"].(object), "version")
			delete(row, "observables") // the later version has more of them
		}
		for _, version := range versions[1:] {
			files, err := mapping.Under(".", name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range files {
				const line = "\nschema: 1.1.0\n"
				if strings.Count(string(files[i].Text), line) != 1 {
					t.Fatalf("%s does not say %q once", files[i].Name, line)
				}
				files[i].Text = []byte(strings.Replace(string(files[i].Text), line, "\nschema: "+version+"\n", 1))
			}
			later := compile(t, files...)
			got := later.through(lines...)
			for _, row := range got {
				metadata := row["metadata"].(object)
				if metadata["version"] != version {
					t.Fatalf("%s of OCSF %s gives metadata.version %v", name, version, metadata["version"])
				}
				delete(metadata, "version")
				delete(row, "observables")
			}
			if diff := cmp.Diff(promisedAll(class, want), promisedAll(class, got)); diff != "" {
				t.Errorf("%s (-%s +%s):\n%s", name, versions[0], version, diff)
			}
		}
	}
}

func promisedAll(class string, events []object) []object {
	var out []object
	for _, e := range events {
		out = append(out, promised(class, e))
	}
	return out
}
