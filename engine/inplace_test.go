package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// restPieces are the functions and parts of a generated mapping. It can be
// written with them, or with all of them in place: the same random numbers give
// both.
type restPieces struct {
	inPlace   bool
	functions []restFunction
	part      []string // lines of a part with the parameter x
	params    []string // that expressions may use, if they are those of a body
}

type restFunction struct {
	name, body string
	params     []string
	lets       int // that its body may use
}

// define writes functions and a part.
func (g *restGenerator) define(b *strings.Builder) {
	g.functions = nil
	var functions []restFunction
	for i, params := range [][]string{{"p"}, {"p", "q"}, {"p"}, {"p", "q"}} {
		f := restFunction{name: fmt.Sprintf("f%d", i), params: params}
		if i == 3 {
			f.lets = 3
		}
		g.params = params
		f.body = g.expression(2, f.lets)
		functions = append(functions, f)
		g.functions = functions
	}
	g.params = []string{"x"}
	g.part = []string{
		fmt.Sprintf("      $when: '=%s'\n", g.condition(1, 4)), fmt.Sprintf("      name: '=%s'\n", g.scalar(2, 4)),
		fmt.Sprintf("      labels: ['=%s', '=%s']\n", g.expression(2, 4), g.path(4)), fmt.Sprintf("      owner: {name: '=%s', uid: '=%s'}\n", g.scalar(1, 4), g.scalar(1, 4)),
	}
	g.params = nil
	if g.inPlace {
		return
	}
	b.WriteString("functions:\n")
	for _, f := range functions {
		fmt.Fprintf(b, "  %s(%s): '=%s'\n", f.name, strings.Join(f.params, ", "), f.body)
	}
	fmt.Fprintf(b, "parts:\n  item(x):\n%s", strings.Join(g.part, ""))
	b.WriteString("  tactics(of): [{$each: '=of.a as member', uid: '=toJSON(member)', name: '=toJSON(of.b)'}]\n")
}

// call calls a function, or writes its body with the arguments in place.
func (g *restGenerator) call(lets int, argument func() string) string {
	if len(g.functions) == 0 {
		return argument()
	}
	f := g.functions[g.IntN(len(g.functions))]
	if f.lets > lets {
		f = g.functions[0]
	}
	args := make([]string, len(f.params))
	for i := range args {
		args[i] = argument()
	}
	if !g.inPlace {
		return f.name + "(" + strings.Join(args, ", ") + ")"
	}
	return "(" + replaceNames(f.body, f.params, args) + ")"
}

var names = regexp.MustCompile(`\b[a-z]+\b`)

// replaceNames puts arguments in brackets in place of parameters.
func replaceNames(text string, params, args []string) string {
	return names.ReplaceAllStringFunc(text, func(name string) string {
		for i, p := range params {
			if p == name {
				return "(" + args[i] + ")"
			}
		}
		return name
	})
}

// useOfPart writes an item of resources by a part with an element as argument, and
// a $each inside of another by a part that is a list.
func (g *restGenerator) useOfPart() string {
	list, argument, own := g.expression(2, 3), g.expression(1, 4), g.IntN(3)
	lines := []string{fmt.Sprintf("    - $each: '=%s as element'\n", list)}
	element := regexp.MustCompile(`\bit\b`)
	if !g.inPlace {
		lines = append(lines, fmt.Sprintf("      $part: 'item(%s)'\n", element.ReplaceAllString(argument, "element")))
	} else {
		for i, line := range g.part {
			if own != 1 || i != 1 {
				lines = append(lines, replaceNames(line, []string{"x"}, []string{argument}))
			}
		}
	}
	if own == 1 {
		lines = append(lines, "      name: '=toJSON(element)'\n")
	}
	return strings.Join(lines, "")
}

// tactics writes a $each inside of another, by a part that is a list.
func (g *restGenerator) tactics() string {
	s := fmt.Sprintf("    attacks:\n    - $each: '=%s as outer'\n      version: v1\n      technique: {uid: '=%s', name: '=toJSON(outer)'}\n      tactics: ", g.expression(2, 3), g.scalar(1, 4))
	if g.inPlace {
		return s + "[{$each: '=outer.a', uid: '=toJSON(it)', name: '=toJSON(outer.b)'}]\n"
	}
	return s + "{$part: tactics(outer)}\n"
}

// Law: functions and parts mean what their text means in their place: the same
// events, and the same fields left over.
func FuzzInPlace(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		pieces, written, g, err := inPlace(seed)
		if err != nil {
			return // TestInPlaceMappings bounds how many
		}
		a, b := pieces.NewWorker(), written.NewWorker()
		for range 4 {
			line := g.alert()
			x, y := a.Apply(line), b.Apply(line)
			if x.Outcome != y.Outcome || x.Outcome != engine.Event {
				t.Fatalf("%v %s, in place %v %s\n%s\n%s", x.Outcome, x.Reason, y.Outcome, y.Reason, line, g.mapping())
			}
			got, want := sortedJSON(t, x.Events[0].Event.AppendJSON(nil)), sortedJSON(t, y.Events[0].Event.AppendJSON(nil))
			if got != want {
				t.Fatalf("alert    %s\nevent    %s\nin place %s\nmapping\n%s\nin place\n%s", line, got, want, text(seed, false), text(seed, true))
			}
		}
	})
}

// sortedJSON is an event with its fields sorted: those of unmapped are in the order
// in which rules read them.
func sortedJSON(t *testing.T, event []byte) string {
	var values map[string]any
	if err := json.Unmarshal(event, &values); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return string(sorted)
}

func text(seed uint64, inPlace bool) string {
	g := &restGenerator{Rand: rand.New(rand.NewPCG(seed, 2)), restPieces: restPieces{inPlace: inPlace}}
	return g.mapping()
}

// inPlace compiles a mapping with functions and parts, and with all of them in
// place. The generator makes alerts.
func inPlace(seed uint64) (pieces, written *engine.Engine, g *restGenerator, err error) {
	pieces, err = engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text(seed, false))}}, engine.Options{})
	written, other := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text(seed, true))}}, engine.Options{})
	if (err == nil) != (other == nil) {
		err = fmt.Errorf("one of them alone: %v, in place: %v", err, other)
	}
	return pieces, written, &restGenerator{Rand: rand.New(rand.NewPCG(seed, 3))}, err
}

// Most of the mappings that FuzzInPlace makes compile, and hardly any only with or
// only without functions and parts: a fault of an argument that is not used.
func TestInPlaceMappings(t *testing.T) {
	compiled, differ := 0, 0
	for seed := range uint64(200) {
		_, _, _, err := inPlace(seed)
		switch {
		case err == nil:
			compiled++
		case strings.HasPrefix(err.Error(), "one of them alone"):
			differ++
			t.Log(err)
		}
	}
	if compiled < 140 || differ > 2 {
		t.Errorf("of 200 mappings %d compile, %d in one form alone", compiled, differ)
	}
}
