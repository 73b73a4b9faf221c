package mapping_test

import (
	"slices"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: a name stands for the mapping of that name and for those in the folder of that
// name, whether they are shipped or lie below a folder that stands in for the shipped ones.
func TestNameOfFileAndFolder(t *testing.T) {
	const one = "mapping: one\nschema: 1.1.0\nclass: base_event\ninclude: shared/lets.yaml\nevent: {severity_id: =severity}\n"
	root := write(t, map[string]string{
		"wazuh/both.yaml":            one,
		"wazuh/both_test.yaml":       "[]",
		"wazuh/both/other.yaml":      "mapping: other\nschema: 1.1.0\nclass: base_event\ninclude: ../shared/lets.yaml\nevent: {severity_id: =severity}\n",
		"wazuh/both/other_test.yaml": "[]",
		"wazuh/file.yaml":            one,
		"wazuh/folder/a.yaml":        one,
		"wazuh/shared/lets.yaml":     "let: {severity: 1}\n",
	})
	for name, want := range map[string][]string{
		"wazuh/both":   {"wazuh/both.yaml", "wazuh/both/other.yaml"},
		"wazuh/file":   {"wazuh/file.yaml"},
		"wazuh/folder": {"wazuh/folder/a.yaml"},
		"wazuh/none":   nil,
		"../wazuh":     nil,
	} {
		files, err := mapping.Under(root, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := namesOf(files); !slices.Equal(got, want) {
			t.Errorf("%s stands for %v, want %v", name, got, want)
		}
		for _, f := range files {
			if name == "wazuh/both" && len(f.Includes) != 1 {
				t.Errorf("%s includes %v", f.Name, f.Includes)
			}
		}
	}
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding"} {
		files, err := mapping.Load([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		if names := namesOf(files); !slices.Contains(names, name+".yaml") || !slices.Contains(names, name+"/wazuh5.yaml") {
			t.Errorf("%s stands for %v", name, names)
		}
		if _, err := engine.Compile(files, engine.Options{}); err != nil {
			t.Error(err)
		}
	}
}

func namesOf(files []engine.File) []string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return names
}
