package mapping_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: a variant of a shipped mapping makes the same events, from a folder, a file or a bucket.
func TestShippedFilesAreNamed(t *testing.T) {
	const variant = "mapping: my/own\nextends: sluice://wazuh/detection_finding.yaml\n"
	const user = "mapping: my/user\nschema: 1.1.0\nclass: authentication\ninclude: sluice://wazuh/shared/values.yaml\n" +
		"event:\n  activity_id: 1\n  severity_id: 1\n  time: =timestamp\n  user: {$part: \"user(data.dstuser, nil)\"}\n  service: {name: sshd}\n  metadata: {product: {name: n, vendor_name: v}}\n"
	const alert = `{"timestamp":"2026-03-14T09:26:53.102+0000","id":"1","rule":{"id":"5710","level":5,"description":"d","groups":["sshd"]},"agent":{"id":"003","name":"bastion"},"data":{"srcip":"192.0.2.9","dstuser":"ada"}}`
	dir := write(t, map[string]string{"own.yaml": variant, "more/user.yaml": user})
	inBucket := func(name string, _ int) ([]byte, error) {
		if name != "s3://b/own.yaml" {
			t.Errorf("the bucket was asked for %s", name)
		}
		return []byte(variant), nil
	}
	shipped := event(t, load(t, "wazuh/detection_finding.yaml"), alert)
	for from, files := range map[string]func() ([]engine.File, error){
		"file":   func() ([]engine.File, error) { return mapping.Load([]string{filepath.Join(dir, "own.yaml")}) },
		"bucket": func() ([]engine.File, error) { return mapping.Read([]string{"s3://b/own.yaml"}, inBucket) },
	} {
		found, err := files()
		if err != nil {
			t.Fatal(from, err)
		}
		if got := event(t, found, alert); got != shipped {
			t.Errorf("%s: the variant makes\n%s\nnot\n%s", from, got, shipped)
		}
	}
	if got := event(t, load(t, filepath.Join(dir, "more")), alert); !strings.Contains(got, `"user":{"name":"ada","type":"User"`) {
		t.Errorf("a part of the shipped mappings makes %s", got)
	}
}

func TestShippedFilesThatAreNone(t *testing.T) {
	if files := load(t, "sluice://wazuh/by_class/authentication.yaml"); len(files) != 1 || files[0].Document.IsFragment() {
		t.Errorf("%d files", len(files))
	}
	if _, err := mapping.Load([]string{"sluice://wazuh/by_clas"}); err == nil || !strings.Contains(err.Error(), "mapping sluice://wazuh/by_clas cannot be read: sluice ships no such file") {
		t.Error(err)
	}
	for text, fault := range map[string]string{
		"extends: sluice://wazuh/none.yaml":                                    "sluice ships no such file; the mappings and sets that it ships are sluice://wazuh/by_class, sluice://wazuh/detection_finding, sluice://wazuh/detection_finding.yaml, sluice://wazuh/security_finding, ",
		"extends: sluice://wazuh/by_class.yaml":                                "did you mean `sluice://wazuh/by_class`?",
		"include: sluice://wazuh/by_class":                                     "sluice://wazuh/by_class is a set of mappings, which cannot be included: extend it",
		"extends: wazuh/by_class":                                              "no such file or directory; the one that sluice ships is named sluice://wazuh/by_class",
		"extends: sluice://../go.mod":                                          "sluice ships no such file",
		"extends: sluice:///etc/passwd":                                        "sluice ships no such file",
		"include: sluice://wazuh/shared":                                       "cannot be included",
		"extends: wazuh/security_finding":                                      "no such file or directory; the one that sluice ships is named sluice://wazuh/security_finding\n",
		"extends: wazuh/detection_finding.yaml":                                "the one that sluice ships is named sluice://wazuh/detection_finding.yaml",
		"extends: others/security_finding.yaml":                                "no such file or directory\n",
		"extends: sluice://wazuh/security_finding\nschema: 1.1.0\npriority: 3": "m.yaml:4:1: `priority` has no meaning in a variant of a set, each mapping of which has its own",
		"extends: sluice://wazuh/by_class\nsource: acme":                       "m.yaml:3:1: `source` has no meaning in a variant of a set, each mapping of which has its own",
		"extends: sluice://wazuh/shared":                                       "sluice ships no such file",
		"include: sluice://wazuh/shared/attack.json":                           "cannot be included",
	} {
		dir := write(t, map[string]string{"m.yaml": "mapping: m\n" + text + "\n"})
		_, err := engine.Compile(load(t, filepath.Join(dir, "m.yaml")), engine.Options{})
		if err == nil || !strings.Contains(err.Error()+"\n", fault) {
			t.Errorf("%s: %v, not %s", text, err, fault)
		}
	}
}

// Law: a variant of a set, built on its events, makes the same events as the set, each by a mapping that has the variant's
// name in the place of the set's; and what it defines holds in all of them.
func TestVariantsOfSets(t *testing.T) {
	dir := write(t, map[string]string{"further.yaml": "mapping: my/further\nextends: own.yaml\nlet: {hostname: test-host}\n"})
	for _, set := range mapping.Shipped() {
		own := filepath.Join(dir, "own.yaml")
		if err := os.WriteFile(own, []byte("mapping: my/own\nextends: sluice://"+set+"\nevent: {$part: event}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		want := made(t, load(t, set), set)
		if got := made(t, load(t, "sluice://"+set), set); !slices.Equal(got, want) {
			t.Errorf("%s: named with the scheme it makes other events", set)
		}
		if got := made(t, load(t, own), "my/own"); !slices.Equal(got, want) {
			t.Errorf("%s: the variant makes %d events that differ from the %d of the set", set, len(got), len(want))
		}
		further := made(t, load(t, filepath.Join(dir, "further.yaml")), "my/further")
		if len(further) != len(want) {
			t.Errorf("%s: a variant of the variant makes %d events, not %d", set, len(further), len(want))
		}
		hosts := strings.Count(strings.Join(further, "\n"), `"hostname":"test-host"`)
		if deep := set != "wazuh/security_finding"; hosts == 0 == deep {
			t.Errorf("%s: %d of %d events of the variant have its host", set, hosts, len(further))
		}
	}
}

// made are the events that a set makes of the samples, each with the name of its mapping behind that of the set.
func made(t *testing.T, files []engine.File, of string) (events []string) {
	t.Helper()
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	defer w.Close()
	for _, sample := range []string{"../../testdata/alerts", "../../testdata/wazuh5"} {
		names, _ := filepath.Glob(sample + "/*.ndjson")
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				for _, made := range w.Apply(strings.TrimSpace(line)).Events {
					name, ok := strings.CutPrefix(e.Mappings[made.Mapping].Name, of)
					if !ok {
						t.Fatalf("%s is no mapping of %s", e.Mappings[made.Mapping].Name, of)
					}
					events = append(events, name+" "+string(made.Event.AppendJSON(nil)))
				}
			}
		}
	}
	return events
}

func load(t *testing.T, name string) []engine.File {
	t.Helper()
	files, err := mapping.Load([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// event is the event that mappings make of an alert, as JSON.
func event(t *testing.T, files []engine.File, alert string) string {
	t.Helper()
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	defer w.Close()
	r := w.Apply(alert)
	if r.Outcome != engine.Event {
		t.Fatalf("%v: %s", r.Outcome, r.Reason)
	}
	return string(r.Events[0].Event.AppendJSON(nil))
}
