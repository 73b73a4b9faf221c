package expression

import (
	"fmt"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// FuzzLetsOfPaths checks that a program which reads the paths of a let gives what it gives where it
// asks for the let, and that of what it only asks for nothing but the existence counts.
func FuzzLetsOfPaths(f *testing.F) {
	for _, seed := range []string{"", "\x02\x00\x00\x00\x01\x05", "\x05\x00\x00\x00\x01\x05\x07", "\x04\x02\x00\x01\x00\x03\x00\x01", "\x06\x02\x00\x01\x05\x00\x00\x01\x00\x01\x03\x04\x04\x00",
		"\x08\x01\x01\x02\x07\x04\x05\x02", "\x09\x00\x01\x15", "\x02\x05\x00\x00\x00\x01\x05\x00\x02\x00\x04\x00"} {
		f.Add([]byte(seed))
	}
	ways := [][]alert.Path{{{{Name: "a"}}}, {{{Name: "b"}}, {{Name: "c"}, {Name: "a"}}}, {{{Name: "c"}}, {{Name: "a"}}, {{Name: "b"}}}}
	scope := Scope{Lets: []string{"one", "first", "some"}}
	inPlace := scope
	inPlace.Aliases = ways
	m := NewMachine()
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &writer{bytes: data, leaves: []string{"one", "first", "some", "nil", "nil", "a", "c.a", `""`, `"x"`, "5"}}
		text := w.expression()
		p, faults := Compile(text, scope)
		if len(faults) > 0 {
			return
		}
		q, faults := Compile(text, inPlace)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", text, faults)
		}
		if len(q.Needs) > 0 || len(p.OfLets) > 0 || fmt.Sprint(p.Needs) != fmt.Sprint(p.Lets) {
			t.Fatalf("%s needs %v, and %v without paths; reads %v", text, q.Needs, p.Needs, p.OfLets)
		}
		line := alert.From(map[string]any{"a": w.value(), "b": w.value(), "c": w.value()})
		env := environmentOf(p, line)
		env.Let = func(i int) (v alert.Value, err error) {
			for _, path := range ways[i] {
				if v = follow(line, path); present(&v) {
					break
				}
			}
			return v, nil
		}
		want, got := outcome(p.Run(m, env)), outcome(q.Run(m, environmentOf(q, line)))
		if got != want {
			t.Errorf("%s of %s gives %s in place, %s of lets", text, line.JSON(), got, want)
		}
		env = environmentOf(q, line)
		for i, asked := range q.Exists() {
			if v := &env.Values[i]; asked && present(v) {
				*v = alert.OfText("any")
			}
		}
		if got := outcome(q.Run(m, env)); got != want {
			t.Errorf("%s of %s gives %s if only the existence counts of %v %v: %v", text, line.JSON(), got, q.Reads, q.OfLets, q.Exists())
		}
	})
}

// A let that stands for very many paths is evaluated once, not read at each use.
func TestLetsOfManyPaths(t *testing.T) {
	for _, paths := range []int{maxPaths, maxPaths + 1} {
		p, faults := Compile("many", Scope{Lets: []string{"many"}, Aliases: [][]alert.Path{make([]alert.Path, paths)}})
		if len(faults) > 0 || p.Bare != (paths > maxPaths) || len(p.Needs) == 1 != p.Bare {
			t.Errorf("of %d paths %+v, %v", paths, p, faults)
		}
	}
}

// environmentOf gives a program the values of an alert.
func environmentOf(p *Program, line alert.Value) *Env {
	env := &Env{}
	for _, paths := range [][]alert.Path{p.Reads, p.OfLets} {
		for _, path := range paths {
			env.Values = append(env.Values, follow(line, path))
		}
	}
	return env
}

func outcome(v alert.Value, err error) string {
	if err != nil {
		return "an error"
	}
	return fmt.Sprint(v.Kind, shown(v, nil))
}
