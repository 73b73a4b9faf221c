package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// Law: to know which mappings of a set do not take an alert, without asking them, changes
// nothing.
func TestGates(t *testing.T) {
	whens := []string{
		"=data.a == 'x1'", "=data.b != nil", "=data.a != nil and data.c == 'y'", "=len(data.list ?? []) > 1", "=full_log contains '7'",
		"=int(data.n) > 3", "=data.d == true", "=data.b == nil and (data.c ?? data.a) != nil", "=sha256(line) < '8'", "=data.n + 1 > 3",
		"=data.unlike in ['7', '8', '2000']", "=data.list contains 'x1'",
		// What these look at depends on what they see first.
		"=data.c == 'y' and full_log contains '7'", "=(data.a == 'x1' or data.unlike == '7') and data.b != nil", "=(data.b ?? data.unlike) == 'x1'",
		"=data.d == true ? data.unlike != '3' : data.c == 'y'", "=data.b == nil and rare", "=often or rare", "=(often ? data : nil) != nil and data.n == 2",
		"=any(data.list, # == 'x2') or data.unlike contains '9'", "=data.unlike != nil and data.c == 'y'", "=data.some in ['7', '60', '33'] or data.c == 'y'", "=data.some endsWith '5'", "=(data.a ?? full_log) contains '1' and data.n != nil",
	}
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 8))
		var files []engine.File
		for i := range 4 + r.IntN(8) {
			more := ""
			if r.IntN(2) == 0 {
				more += "otherwise: next\n"
			}
			if r.IntN(3) == 0 {
				more += "also: true\n"
			}
			if seed%2 == 1 || r.IntN(4) > 0 {
				more += "when: \"" + whens[r.IntN(len(whens))] + "\"\n"
			}
			if r.IntN(2) == 0 {
				more += "absent: ['-', x2]\n"
			}
			more += "let:\n  rare: \"=full_log contains '8' or data.unlike contains '1'\"\n  often: =data.c == 'y' or data.n == 2\n"
			title := "=data.c ?? data.a" // an event needs it
			text := fmt.Sprintf("mapping: m%02d\nschema: 1.1.0\nclass: detection_finding\npriority: %d\n%sevent:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n  message: m%d\n"+
				"  finding_info: {uid: u, title: \"%s\"}\n  metadata: {product: {name: n, vendor_name: v}}\n", i, r.IntN(3), more, i, title)
			files = append(files, engine.File{Name: fmt.Sprintf("m%02d.yaml", i), Text: []byte(text)})
		}
		e, plain := twins(t, files...)
		names, values := []string{"a", "b", "c", "d", "n", "list"}, []string{"", "", `null`, `"x1"`, `"x2"`, `"y"`, `"-"`, `""`, `true`, `2`, `7`, `["x1","x2"]`, `[]`, `{"q":1}`}
		if seed%2 == 1 { // alerts that differ in what is never the same only
			names, values = []string{"c", "n"}, []string{"", `"y"`, `2`}
		}
		var lines []string
		for i := range 1000 {
			line := fmt.Sprintf(`{"timestamp":1700000000000,"full_log":"l%d","data":{"z":1,"unlike":"%d","some":"%d"`, i, i, r.IntN(80))
			for _, name := range names {
				if v := values[r.IntN(len(values))]; v != "" {
					line += `,"` + name + `":` + v
				}
			}
			lines = append(lines, line+"}}")
		}
		sameResults(t, e, plain, append(lines, lines...), fmt.Sprint(seed))
	}
}
