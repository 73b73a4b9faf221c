package lambda_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/mappings"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

func shipped(t testing.TB) string {
	t.Helper()
	text, err := mappings.FS.ReadFile("wazuh/security_finding.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// onlyRootkits is a mapping that wants no alert of the tests.
func onlyRootkits(t testing.TB) string {
	t.Helper()
	text := shipped(t)
	from := strings.Index(text, "\nwhen: =")
	if from < 0 {
		t.Fatal("the shipped mapping has no `when`")
	}
	to := from + 1 + strings.Index(text[from+1:], "\n")
	return text[:from] + "\nwhen: =rule.level == 99" + text[to:]
}

// onlyRootkitsFolder is a package with that mapping in the place of the shipped one.
func onlyRootkitsFolder(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	file := filepath.Join(root, "mappings", "wazuh", "security_finding.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(onlyRootkits(t)), 0o666); err != nil {
		t.Fatal(err)
	}
	return root
}

// A mapping that changes in the bucket takes effect after the invocation that finds it; a broken one does not, and
// stops nothing; once it is fixed, that takes effect too.
func TestAMappingInTheBucket(t *testing.T) {
	for name, place := range map[string]string{"a file": "s3://rules/m/one.yaml", "a folder": "s3://rules/m/"} {
		server := s3test.New(t, "raw", "lake", "rules")
		server.Put("raw", "k.txt", many(50))
		event := sqsEvent("", s3Event("raw", "k.txt"))
		env := guide(server.URL, "SLUICE_MAPPING="+place, "SLUICE_MAPPING_RELOAD=0")

		server.Put("rules", "m/one.yaml", []byte("mapping: [broken"))
		fn := start(t, env...)
		if s := fn.must(event); s.failures() != "m0" {
			t.Errorf("%s: without any good mapping %q come again", name, s.failures())
		}
		server.Put("rules", "m/one.yaml", []byte(shipped(t)))
		if s := fn.must(event); s.failures() != "" || s.Events != 49 || s.Rejects != 1 {
			t.Errorf("%s: %+v", name, s)
		}
		server.Put("rules", "m/one.yaml", []byte(shipped(t)+"\nnonsense: 1\n"))
		if s := fn.must(event); s.failures() != "" || s.Events != 49 {
			t.Errorf("%s: with a broken mapping: %+v", name, s)
		}
		server.Put("rules", "m/one.yaml", []byte(onlyRootkits(t)))
		fn.must(event) // finds it
		if s := fn.must(event); s.failures() != "" || s.Events != 0 || s.Unmatched != 49 {
			t.Errorf("%s: with a mapping that wants nothing: %+v", name, s)
		}
		server.Delete("rules", "m/one.yaml")
		if s := fn.must(event); s.failures() != "" || s.Unmatched != 49 {
			t.Errorf("%s: without the mapping's object: %+v", name, s)
		}
		if log, metrics := fn.said(); !strings.Contains(log, "nonsense") || strings.Count(metrics, `"MappingFailures":1`) != 3 {
			t.Errorf("%s: the broken mapping is not told of:\n%s", name, metrics)
		}
	}
}

// Within the time of SLUICE_MAPPING_RELOAD nobody asks for the mapping, and
// after it only whether it changed.
func TestTheMappingIsAskedForOnCondition(t *testing.T) {
	for reload, want := range map[string]string{"3600": "200", "0": "200 304 304"} {
		server := s3test.New(t, "raw", "lake", "rules")
		server.Put("raw", "k.txt", many(5))
		tag := server.Put("rules", "one.yaml", []byte(shipped(t)))
		fn := start(t, guide(server.URL, "SLUICE_MAPPING=s3://rules/one.yaml", "SLUICE_MAPPING_RELOAD="+reload)...)
		for range 3 {
			fn.must(s3Event("raw", "k.txt"))
		}
		var got []string
		for _, r := range server.Requests() {
			switch {
			case r.Bucket != "rules":
			case strings.Trim(r.Header.Get("If-None-Match"), `"`) == tag:
				got = append(got, "304")
			default:
				got = append(got, "200")
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("reload %s: the answers are %s, want %s", reload, s, want)
		}
	}
}

// A mapping of the package can be edited there, under the name it is shipped by.
func TestTheMappingsOfThePackageComeFirst(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", many(50))
	root := t.TempDir()
	file := filepath.Join(root, "mappings", "wazuh", "security_finding.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text      string
		unmatched int64
	}{{onlyRootkits(t), 49}, {shipped(t), 0}} {
		if err := os.WriteFile(file, []byte(test.text), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"", "wazuh/security_finding", "wazuh/security_finding.yaml", file} {
			fn := start(t, guide(server.URL, "LAMBDA_TASK_ROOT="+root, "SLUICE_MAPPING="+name)...)
			if s := fn.must(s3Event("raw", "k.txt")); s.Unmatched != test.unmatched {
				t.Errorf("SLUICE_MAPPING=%s: %+v", name, s)
			}
		}
	}
}

// A variable sets a setting of the mapping, and one of another kind or name is
// said at the start.
func TestSettingsOfTheMapping(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "ocsf")
	server.Put("raw", "k.txt", many(1))
	version := func(env ...string) string {
		fn := start(t, guide(server.URL, append(env, "S3_BUCKET_OCSF=ocsf")...)...)
		if s := fn.must(s3Event("raw", "k.txt")); s.Events != 1 {
			t.Fatalf("%+v", s)
		}
		log, _ := fn.said()
		for _, body := range server.Bodies("ocsf", "ext/") {
			_, rest, _ := strings.Cut(string(unpacked(t, "the copy", body)), `"product":{`)
			product, _, _ := strings.Cut(rest, "}")
			return product + log
		}
		return log
	}
	if got := version("SLUICE_SET_PRODUCT_VERSION=4.14.7", "SLUICE_SET_TENANT="); !strings.Contains(got, `"version":"4.14.7"`) || strings.Contains(got, "no effect") {
		t.Errorf("the product is %s", got)
	}
	if got := version("SLUICE_SET_PRODUCT_VERSON=4.14.7"); !strings.Contains(got, `"version":"4.9.1"`) || !strings.Contains(got, `"variable":"SLUICE_SET_PRODUCT_VERSON"`) {
		t.Errorf("the product is %s", got)
	}
}

// A table in a file of the bucket is read with its mapping, and again when it
// changes.
func TestATableInTheBucket(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "rules")
	server.Put("raw", "k.txt", many(50))
	text := strings.Replace(onlyRootkits(t), "when: =rule.level == 99", "when: =tables.taken[rule.id] == 'yes'", 1)
	text = strings.Replace(text, "\ntables:\n", "\ntables:\n  taken: {file: taken.csv, key: id, value: taken}\n", 1)
	server.Put("rules", "m/one.yaml", []byte(text))
	server.Put("rules", "m/taken.csv", []byte("id,taken\n0,yes\n"))
	fn := start(t, guide(server.URL, "SLUICE_MAPPING=s3://rules/m/", "SLUICE_MAPPING_RELOAD=0")...)
	var ids []string
	for line := range strings.SplitSeq(string(many(50)), "\n") {
		if _, rest, ok := strings.Cut(line, `"rule":{"id":"`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		t.Fatal("the alerts have no rule.id")
	}
	if s := fn.must(s3Event("raw", "k.txt")); s.Events != 0 {
		t.Errorf("with a table of other rules: %+v", s)
	}
	server.Put("rules", "m/taken.csv", []byte("id,taken\n"+ids[0]+",yes\n"))
	fn.must(s3Event("raw", "k.txt")) // finds it
	if s := fn.must(s3Event("raw", "k.txt")); s.Events == 0 {
		t.Errorf("with a table that has the rule: %+v", s)
	}
	server.Put("rules", "m/taken.csv", []byte("id,id\n"))
	if s := fn.must(s3Event("raw", "k.txt")); s.Events == 0 {
		t.Errorf("with a broken table: %+v", s)
	}
	if log, _ := fn.said(); !strings.Contains(log, "m/taken.csv:1:4: column `id` is there twice") {
		t.Errorf("the broken table is not told of:\n%s", log)
	}
}
