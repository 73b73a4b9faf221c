package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Attackers: A. What explain says of an alert is bounded, however often a rule runs and
// whatever it reads.
func TestAttackExplain(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	mapping := "mapping: m\nschema: 1.1.0\nclass: detection_finding\nlet: {whole: =data.list}\nevent:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n" +
		"  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n  comment: =data.long\n" +
		"  evidences:\n    - $each: =data.list as each_one\n      file: {name: =each_one.name, type_id: 1, size: \"=len(whole) + index\", path: \"=each_one.path ?? whole[index].name\"}\n" +
		"      process: {pid: =index, name: \"=string(len(data.long))\"}\n" +
		"  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: \"=[string(len(data.texts))]\"\n" +
		"  enrichments:\n    - $each: =data.list as outer\n      $when: =outer.name != data.none\n      name: =outer.name\n      value: =string(data.list[index].name)\n      data: =len(data.list)\n" +
		"  unmapped: {$rest: true}\n"
	lists := map[string]string{"of many": elements(4000, 40), "of long ones": elements(200, 4000), "in lists": strings.Repeat("[", 900) + strings.Repeat("]", 900)}
	for name, list := range lists {
		long, texts := strings.Repeat("ö\x7f", 100_000), strings.Repeat(`"text",`, 20_000)
		alert := fmt.Sprintf(`{"id":"1","timestamp":"2026-03-14T06:00:00Z","data":{"list":%s,"long":%q,"texts":[%s""],"kept":%s}}`, list, long, texts, list)
		for file, text := range map[string]string{"m.yaml": mapping, "alert.json": strings.ReplaceAll(alert, `\x7f`, "\x7f") + "\n"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"explain", "-m", "m.yaml", "alert.json"}, {"explain", "--format", "json", "-m", "m.yaml", "alert.json"}, {"explain", "alert.json"}, {"explain", "--format", "json", "alert.json"}} {
			r := attack{dir: dir, output: 32 << 20}.run(t, args...)
			t.Logf("%d bytes say %d: %.700s", len(alert), len(r.stdout), r.stdout)
			if r.code != 0 || args[1] == "--format" && !json.Valid([]byte(r.stdout)) {
				t.Errorf("%s %q: exit %d, %.500s", name, args, r.code, r.stderr)
			}
		}
	}
}

// elements are objects with names of that many bytes.
func elements(n, size int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,{"name":"%06d%s"}`, i, strings.Repeat("n", size))
	}
	return "[" + b.String()[1:] + "]"
}
