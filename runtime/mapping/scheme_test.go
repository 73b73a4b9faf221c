package mapping_test

import (
	"path/filepath"
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
	for text, fault := range map[string]string{
		"extends: sluice://wazuh/none.yaml":          "sluice ships no such file; the mappings that it ships are sluice://wazuh/detection_finding.yaml, sluice://wazuh/security_finding.yaml",
		"extends: sluice://../go.mod":                "sluice ships no such file",
		"extends: sluice:///etc/passwd":              "sluice ships no such file",
		"include: sluice://wazuh/shared":             "cannot be included",
		"extends: wazuh/security_finding":            "no such file or directory; the one that sluice ships is named sluice://wazuh/security_finding.yaml",
		"extends: wazuh/detection_finding.yaml":      "the one that sluice ships is named sluice://wazuh/detection_finding.yaml",
		"extends: others/security_finding.yaml":      "no such file or directory\n",
		"include: sluice://wazuh/shared/attack.json": "cannot be included",
	} {
		dir := write(t, map[string]string{"m.yaml": "mapping: m\n" + text + "\n"})
		_, err := engine.Compile(load(t, filepath.Join(dir, "m.yaml")), engine.Options{})
		if err == nil || !strings.Contains(err.Error()+"\n", fault) {
			t.Errorf("%s: %v, not %s", text, err, fault)
		}
	}
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
