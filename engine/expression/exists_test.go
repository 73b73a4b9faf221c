package expression

import (
	"fmt"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// What is only asked for is told apart from what is used, also in the same expression.
func TestExists(t *testing.T) {
	for text, want := range map[string]string{
		`a != nil and b == nil`:              "[true true]",
		`nil != a ? b : c`:                   "[true false false]",
		`(a ?? b ?? c) == nil`:               "[true true true]",
		`a ?? b`:                             "[false false]",
		`a != nil ? a : b`:                   "[false false]",
		`a == b`:                             "[false false]",
		`len(a) == nil`:                      "[false]",
		`any(a, # != nil)`:                   "[false]",
		`not (a.b != nil or c in d)`:         "[true false false]",
		`(a ? b : c) != nil`:                 "[false false false]",
		`let x = a; x != nil`:                "[false]",
		`a != nil and (let y = b; y == c)`:   "[true false false]",
		`try(a) != nil`:                      "[false]",
		`default(a, b) != nil`:               "[true true]",
		`[a != nil, b]`:                      "[true false]",
		`get(a, b) == nil or a.c == nil`:     "[false false true]",
		`{"x": a == nil, (b): c != nil}`:     "[true false true]",
		`map(a, # ?? b) == nil or c == nil `: "[false false true]",
		`one != nil`:                         "[true]",
		`two == nil or a`:                    "[false true true]",
		`two != nil ? one : nil`:             "[true true false]",
		`made != nil`:                        "[]",
	} {
		p, faults := Compile(text, Scope{Lets: []string{"one", "two", "made"}, Aliases: [][]alert.Path{{{{Name: "a"}}}, {{{Name: "b"}}, {{Name: "c"}}}, nil}})
		if len(faults) > 0 {
			t.Errorf("%s: %v", text, faults)
			continue
		}
		if got := fmt.Sprint(p.Exists()); got != want {
			t.Errorf("%s: %s, want %s of %v", text, got, want, p.Reads)
		}
	}
}
