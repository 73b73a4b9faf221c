package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Attackers: A with B. The rules of a mapping share what they may do for one alert: many
// rules over long lists and texts end soon, and what does not fit is a failed conversion.
func TestAttackBudget(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	head := "mapping: m\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n" +
		"  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n"
	costly := []string{
		"sha512(data.long)", "string(len(filter(data.list, #.name contains data.long)))", "join(map(data.list, regexReplace(#.name, 'n+', 'm')), '')",
		"string(any(data.list, #.name matches '(a|n)*x' and data.long matches '(.*)(ö)(.*)x'))", "string(len(map(data.list, len(data.list))))",
		"join(map(data.list, sha256(data.long)), '')", "string(count(data.list, any(data.list, #.name == 'x')))",
	}
	for _, expression := range costly {
		rules, each := "  unmapped:\n", "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: [\"="+expression+"\"]\n"
		for n := range 400 {
			rules += fmt.Sprintf("    k%d: \"=string(%d) + %s\"\n", n, n, expression)
		}
		alert := fmt.Sprintf(`{"id":"1","timestamp":"2026-03-14T06:00:00Z","data":{"list":%s,"long":%q}}`+"\n", elements(4000, 40), strings.Repeat("ö", 300_000))
		for what, text := range map[string]string{"rules": head + rules, "each": head + each} {
			for file, text := range map[string]string{"m.yaml": text, "alert.json": alert} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := attack{dir: dir}.run(t, "run", "-m", "m.yaml", "-o", "lake", "alert.json")
			if !strings.Contains(r.stderr, "1 line: 1 event") {
				t.Errorf("%s of %s: exit %d: %.1000s", what, expression, r.code, r.stderr)
			}
		}
	}
}
