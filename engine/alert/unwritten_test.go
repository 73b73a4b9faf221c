package alert

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// FuzzUnwritten checks that one pass over a raw value gives the leaves that its tree gives,
// whatever was written of it, and leaves none but objects with a name twice or many members to
// the tree.
func FuzzUnwritten(f *testing.F) {
	many := `{"a":{` + strings.Repeat(`"n":1,`, 70) + `"z":2}}`
	for _, seed := range []string{`{}`, `[]`, `{"a":1,"b":{"c":[1,"x",null,{"d":""}]},"e f":[[],{}]}`, `{"a":1,"a":{"b":2},"b":3}`, `{"a\u0062":1,"ab":2}`,
		`{ "a" : [ 1 , 2 ] , "long name that repeats" : true, "long name that repeats!" : false }`, many} {
		f.Add(seed, []byte{}, 1000)
		f.Add(seed, []byte{5, 9}, 20)
		f.Add(seed, []byte{1}, 1000)
	}
	f.Fuzz(func(t *testing.T, raw string, written []byte, limit int) {
		end := (&lexer{budget: len(raw) + 1, maxDepth: 100}).skip(raw, 0, 0)
		if end != len(raw) || raw[0] != '{' && raw[0] != '[' {
			return
		}
		var o Origins
		at := 0
		for _, skip := range written {
			at += int(skip)
			o.Written(originAt(7).within(at))
		}
		o.settle()
		defer o.erase()
		limits := &Limits{PathBytes: limit, KeyBytes: 2 * limit}
		tree, pass := walk{key: []byte("x"), limits: limits, origins: &o, origin: originAt(7)}, walk{key: []byte("x"), limits: limits, origins: &o, origin: originAt(7)}
		b := new(builder)
		tree.leaves(b.build(raw), nil, 0)
		lx := lexer{budget: math.MaxInt, maxDepth: rawDepth}
		if pass.unwritten(&lx, raw, 0) < 0 {
			if !b.duplicates && strings.Count(raw, ":") <= mostNames {
				t.Errorf("%s is left to the tree", raw)
			}
			return
		}
		if !slices.Equal(pass.out, tree.out) || pass.total != tree.total || pass.joined != tree.joined {
			t.Errorf("%s, written %v, limit %d:\n%v\n%v", raw, written, limit, pass.out, tree.out)
		}
	})
}
