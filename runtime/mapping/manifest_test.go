package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseManifest(t *testing.T) {
	a, b := strings.Repeat("0a", 32), strings.Repeat("f1", 32)
	got, err := ParseManifest([]byte("# a comment\n---\nfiles:\r\n  one.yaml: "+a+"\n\n    \"shared/two words.yaml\": sha256:"+b+" \n"), "m/")
	if d := cmp.Diff(map[string]string{"m/one.yaml": a, "m/shared/two words.yaml": b}, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	for text, says := range map[string]string{
		"":                             "lists no file",
		"files:\n":                     "lists no file",
		"one.yaml: " + a:               "line 1",
		"files:\n  one.yaml: 12\n":     "line 2",
		"files:\none.yaml: " + a:       "line 2",
		"files:\n  a: " + a + "\nx: 1": "line 3",
	} {
		if _, err := ParseManifest([]byte(text), ""); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
