package expression

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/expr-lang/expr/builtin"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// Law: what a definition says is so. Its example gives what it says, and its
// parameters are named, the optional ones last.
func TestDefinitions(t *testing.T) {
	names := map[string]bool{}
	for _, f := range Definitions() {
		if names[f.Name] || f.Means == "" || !slices.Contains(function.Groups, f.Group) || !strings.Contains(f.Example, f.Name+"(") {
			t.Errorf("%s: twice, without a meaning or a group, or with the example of another: %q", f.Name, f.Example)
		}
		names[f.Name] = true
		if got := throughSluice(f.Example); got != f.Gives {
			t.Errorf("%s gives %s, not %s", f.Example, got, f.Gives)
		}
		seen, optional := map[string]bool{}, false
		for _, p := range f.Takes {
			if p.Name == "" || seen[p.Name] || optional && !p.Optional || p.Sort == "" {
				t.Errorf("%s: parameter %+v", f.Signature(), p)
			}
			seen[p.Name], optional = true, p.Optional
		}
		if n := len(argumentsOf(f.Example)); strings.HasPrefix(f.Example, f.Name+"(") {
			if least, most := f.Arity(); n < least || most >= 0 && n > most {
				t.Errorf("%s: %d arguments, not %d to %d", f.Example, n, least, most)
			}
		}
	}
	if len(names) < 90 {
		t.Errorf("only %d functions", len(names))
	}
}

// The examples of operators give what they say.
func TestOperatorDefinitions(t *testing.T) {
	for _, o := range Operators() {
		if got := throughSluice(o.Example); got != o.Gives || len(o.Forms) == 0 || o.Means == "" {
			t.Errorf("%v: %s gives %s, not %s", o.Forms, o.Example, got, o.Gives)
		}
	}
}

// A definition says what expr's function does otherwise only where the listed
// differences show it, and never of a function that expr does not have.
func TestDefinitionsDiffer(t *testing.T) {
	for _, f := range Definitions() {
		shown := slices.ContainsFunc(differences, func(d difference) bool {
			return slices.ContainsFunc(d.cases, func(c compared) bool { return strings.Contains(c.text, f.Name+"(") })
		})
		if f.Differs != "" && (!shown || !slices.Contains(builtin.Names, f.Name)) {
			t.Errorf("%s: no listed difference shows that %s", f.Name, f.Differs)
		}
	}
}

// Law: too few and too many arguments are faults that show how the function is
// called.
func TestWrongCounts(t *testing.T) {
	for _, f := range Definitions() {
		least, most := f.Arity()
		if _, loops := predicates[f.Name]; loops {
			continue // expr's parser counts these
		}
		for n := range 8 {
			text := f.Name + "(" + strings.TrimSuffix(strings.Repeat("x, ", n), ", ") + ")"
			_, faults := Compile(text, Scope{})
			wrong := n < least || most >= 0 && n > most
			if wrong != (len(faults) > 0) || wrong && !strings.HasSuffix(faults[0].Message, f.Signature()+", as in "+f.Example) {
				t.Errorf("%s: %v", text, faults)
			}
		}
	}
}

// Law: an argument of a kind that the function does not accept is a fault, and
// rightly: with such a value the function always fails.
func TestWrongKinds(t *testing.T) {
	samples := map[string]alert.Value{`true`: alert.OfBool(true), `5`: alert.OfInt(5), `1.5`: alert.OfFloat(1.5), `"x"`: alert.OfText("x"),
		`[x]`: alert.From([]any{"x"}), `{"a": x}`: alert.From(map[string]any{"a": "x"})}
	faulty := 0
	for _, f := range Definitions() {
		if f.Call == nil {
			continue
		}
		args := argumentsOf(f.Example)
		for i := range args {
			for text, v := range samples {
				if f.Parameter(i).Sort.Accepts().Has(v.Kind) {
					continue
				}
				faulty++
				call := f.Name + "(" + strings.Join(slices.Concat(args[:i], []string{text}, args[i+1:]), ", ") + ")"
				_, faults := Compile(call, Scope{})
				if len(faults) != 1 || !strings.Contains(faults[0].Message, f.Name+" takes "+string(f.Parameter(i).Sort)+" here, not ") || call[faults[0].Offset:][:1] != text[:1] {
					t.Errorf("%s: %v", call, faults)
				}
				p, faults := Compile(f.Name+"("+strings.Join(slices.Concat(args[:i], []string{"v"}, args[i+1:]), ", ")+")", Scope{})
				if len(faults) > 0 {
					t.Fatalf("%s: %v", call, faults)
				}
				if got, err := p.Run(NewMachine(), &Env{Values: []alert.Value{v}}); err == nil {
					t.Errorf("%s gives %s and does not fail", call, shown(got, nil))
				}
			}
		}
	}
	if faulty < 100 {
		t.Errorf("only %d wrong arguments", faulty)
	}
}

// argumentsOf are the texts of the arguments of the first call in an expression.
func argumentsOf(call string) (all []string) {
	depth, quoted, from := 0, false, strings.IndexByte(call, '(')+1
	for i := from; i < len(call); i++ {
		switch c := call[i]; {
		case c == '"' && call[i-1] != '\\':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case depth > 0 && (c == ')' || c == ']' || c == '}'):
			depth--
		case depth == 0 && (c == ',' || c == ')'):
			all = append(all, strings.TrimFunc(call[from:i], unicode.IsSpace))
			from = i + 1
			if c == ')' {
				return all
			}
		}
	}
	return all
}
