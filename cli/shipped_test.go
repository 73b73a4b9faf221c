package cli_test

import (
	"strings"
	"testing"
)

// The shipped mappings pass the tests that lie beside them, and these leave no
// rule out; those of the findings leave out no place of a part, either.
func TestShippedMappings(t *testing.T) {
	kinds := sampleKinds(t)
	t.Chdir("..") // the alerts of tests lie beside the mappings
	for _, tests := range []string{"", "/detection_finding_test.yaml", "/detection_finding"} {
		out, messages, code := sluice(t, "", "test", "mappings/wazuh"+tests)
		if code != 0 || messages != "" {
			t.Fatalf("exit code %d\n%s%s", code, out, messages)
		}
		if !strings.Contains(out, "coverage: each of the ") {
			t.Error(out)
		}
	}
	for _, mapping := range []string{"security_finding", "detection_finding"} {
		out, _, _ := sluice(t, "", "test", "--format", "json", "mappings/wazuh/"+mapping+"_test.yaml")
		for _, name := range kinds {
			kind := strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".ndjson")
			if !strings.Contains(out, `"name": "`+kind+`, `) {
				t.Errorf("%s has no test of kind %s", mapping, kind)
			}
		}
	}
}

// Law: the tables of the shipped mappings have the columns of their golden files. A
// struct in a Glue table cannot grow without breaking the partitions already there, so
// a change here means a new source for whoever has the table.
func TestShippedColumns(t *testing.T) {
	for _, class := range []string{"security_finding", "detection_finding", "by_class"} {
		out, messages, code := sluice(t, "", "schema", "--parquet", "-m", "wazuh/"+class)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, messages)
		}
		golden(t, "testdata/columns/"+class+".txt", out)
	}
}
