package engine_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
)

const fromPage = "docs/from-vrl-and-bloblang.md"

// Every mapping on the page for users of VRL and Bloblang does what it says there.
func TestFromExamples(t *testing.T) {
	if examples := follow(t, fromPage); examples < 10 {
		t.Errorf("only %d examples", examples)
	}
}

// Every expression on that page gives what it says, over the alert of the page.
func TestFromExpressions(t *testing.T) {
	page := page(t, fromPage)
	var sample any
	for _, b := range blocks(t, page) {
		if b.what == "sample" {
			d := json.NewDecoder(strings.NewReader(b.text))
			d.UseNumber()
			if err := d.Decode(&sample); err != nil {
				t.Fatal(err)
			}
		}
	}
	examples := 0
	for _, row := range rows(page) {
		if len(row) != 4 || !strings.HasPrefix(row[2], "=") {
			continue
		}
		examples++
		p, faults := expression.Compile(row[2][1:], expression.Scope{})
		if len(faults) > 0 {
			t.Errorf("%s: %v", row[2], faults)
			continue
		}
		env := &expression.Env{}
		for _, path := range p.Reads {
			env.Values = append(env.Values, at(alert.From(sample), path))
		}
		v, err := p.Run(expression.NewMachine(), env)
		if err != nil {
			t.Errorf("%s: %v", row[2], err)
		} else if got := string(v.AppendJSON(nil)); !sameJSON(got, row[3]) && !(row[3] == "nothing" && got == "null") {
			t.Errorf("%s gives %s, not %s", row[2], got, row[3])
		}
	}
	if examples < 70 {
		t.Errorf("only %d expressions", examples)
	}
}

// at is the value at the end of a path.
func at(v alert.Value, path alert.Path) alert.Value {
	for _, s := range path {
		if s.IsIndex {
			v = v.Index(s.Index)
		} else {
			v, _ = v.Member(s.Name)
		}
	}
	return v
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
