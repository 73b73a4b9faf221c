package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/function"
)

// Law: `$rest` keeps the arguments of a function that only tests, and those that
// only say how its result is made, and no argument of which the result is made.
func TestRestOfFunctions(t *testing.T) {
	calls := map[string][]string{ // with the arguments that examples leave out
		"time": {`time("Mar 14 09:26:53", "%b %e %H:%M:%S", "2026-03-14T00:00:00Z")`}, "round": {`round(1.25, 1)`},
		"regex": {`regex("ab", "(a)(b)", 2)`, `regex("ab", "(a)")`}, "redact": {`redact("ab", "a", "-")`}, "split": {`split("a,b", ",", 2)`},
		"parseKV": {`parseKV("a:1;b:2", ";", ":")`}, "parseCSV": {`parseCSV("a;b", ";")`}, "trimPrefix": {`trimPrefix("ab", "a")`},
	}
	checked := 0
	for _, f := range expression.Definitions() {
		if f.Call == nil || f.Flow == function.Carries || f.Flow == function.LooksUp {
			continue // values have their own origin; FuzzRest is about them
		}
		for _, call := range append(calls[f.Name], f.Example) {
			args := argumentsOf(t, call)
			for i := range args {
				if args[i].Kind == alert.Nil || args[i].Text == "" && args[i].Kind == alert.Text {
					continue // no leaf
				}
				for _, alone := range []bool{true, false} {
					want := f.Flow == function.Tests || f.Yields == function.Bool || f.Parameter(i).Steers
					if kept := restOf(t, f, args, i, alone); kept != want {
						t.Errorf("%s, argument %d (alone %v): kept %v, want %v", call, i, alone, kept, want)
					}
					checked++
				}
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d arguments", checked)
	}
}

// restOf calls a function with arguments of the alert, the one at i alone or all, and
// returns whether that argument is under unmapped.
func restOf(t *testing.T, f *function.Function, args []alert.Value, i int, alone bool) bool {
	t.Helper()
	var call, data []string
	for j, v := range args {
		text := string(v.AppendJSON(nil))
		if alone && j != i {
			call = append(call, text)
			continue
		}
		call = append(call, fmt.Sprintf("data.a%d", j))
		data = append(data, fmt.Sprintf("%q: %s", fmt.Sprintf("a%d", j), text))
	}
	quoted, _ := json.Marshal("=toJSON(" + f.Name + "(" + strings.Join(call, ", ") + "))")
	mapping := whole("event:\n  message: " + string(quoted) + "\n  unmapped: {$rest: true}\n")
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{})
	if err != nil {
		t.Fatalf("%s: %v", mapping, err)
	}
	r := e.NewWorker().Apply(`{"data": {` + strings.Join(data, ", ") + `}}`)
	if r.Outcome != engine.Event {
		t.Fatalf("%s: %s", mapping, r.Reason)
	}
	event := string(r.Events[0].Event.AppendJSON(nil))
	if !strings.Contains(event, `"message":`) {
		t.Fatalf("%s gives nothing: %s", quoted, event)
	}
	return strings.Contains(event, fmt.Sprintf(`"data.a%d`, i))
}

// argumentsOf are the arguments of the call that an example begins with.
func argumentsOf(t *testing.T, example string) (all []alert.Value) {
	t.Helper()
	depth, quoted, from := 0, false, strings.IndexByte(example, '(')+1
	for i := from; i < len(example); i++ {
		switch c := example[i]; {
		case c == '"' && example[i-1] != '\\':
			quoted = !quoted
		case quoted:
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case depth > 0 && strings.IndexByte(")]}", c) >= 0:
			depth--
		case depth == 0 && (c == ',' || c == ')'):
			p, faults := expression.Compile(example[from:i], expression.Scope{})
			if len(faults) > 0 {
				t.Fatalf("%s: %v", example[from:i], faults)
			}
			v, err := p.Run(expression.NewMachine(), &expression.Env{})
			if err != nil {
				t.Fatal(err)
			}
			all, from = append(all, v), i+1
			if c == ')' {
				return all
			}
		}
	}
	return all
}
