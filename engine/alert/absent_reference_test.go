package alert

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// absentReference is Absent.Without by a tree: it tells first whether an absent text counts, and then
// makes what is left.
type absentReference struct {
	*Absent
	origin Origin
}

func (a absentReference) in(t *tree) bool {
	if t.text[0] == '"' {
		return a.texts[string(jsontext.AppendUnescaped(nil, t.text[1:len(t.text)-1]))]
	}
	for i := range t.kids {
		if a.in(&t.kids[i]) {
			return true
		}
	}
	return false
}

func (a absentReference) without(t *tree) Value {
	switch t.text[0] {
	case '[':
		items := make([]Value, len(t.kids))
		for i := range t.kids {
			items[i] = a.without(&t.kids[i])
		}
		return OfList(items)
	case '{':
		var members []Member
		for i := range t.kids {
			if v := a.without(&t.kids[i]); v.Kind != Nil || t.kids[i].text == "null" {
				members = append(members, Member{t.kids[i].name, v})
			}
		}
		return OfObject(members)
	}
	v := rawValue(t.text, a.origin.within(t.at))
	if v.Kind == Text && a.texts[v.Text] {
		return Value{}
	}
	return v
}

// checkWithout compares what is left of raw JSON with what the reference leaves: values, places, and
// whether the value stays raw.
func checkWithout(t *testing.T, a *Absent, raw string, r *Reader, arena *Arena) (found bool) {
	t.Helper()
	root, _ := buildTree(raw)
	if root == nil {
		t.Fatalf("%s is not JSON", raw)
	}
	v := rawValue(raw, 9)
	got, want, reference := a.Without(v, r, arena), v, absentReference{a, v.Origin}
	if found = reference.in(root); found {
		want = reference.without(root)
	}
	if diff := cmp.Diff(contents(want), contents(got)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", raw, diff)
	}
	return found
}

// content is all that a Value holds.
type content struct {
	Kind   Kind
	Origin Origin
	Num    uint64
	Text   string
	Raw    bool
	Names  []string
	Kids   []content
}

func contents(v Value) content {
	p := content{Kind: v.Kind, Origin: v.Origin, Num: v.Num, Text: v.Text, Raw: v.IsRaw()}
	if items, ok := v.Made(); ok {
		for _, item := range items {
			p.Kids = append(p.Kids, contents(item))
		}
	}
	if v.object != nil {
		for _, m := range v.object.members {
			p.Names, p.Kids = append(p.Names, m.Name), append(p.Kids, contents(m.Value))
		}
	}
	return p
}

// Law: in one pass the same is left as by the tree, of names that come twice and escapes, too.
func FuzzWithout(f *testing.F) {
	for _, raw := range []string{`{"a":"-","b":{"c":["-",1,null]},"a":"x"}`, `{"a":["-"],"a":1}`, `[{"\u0061":"\u002d"},"N\/A"]`, ` `, `{"a":{},"b":[]}`, `[`} {
		f.Add(raw)
	}
	a, r, arena := NewAbsent([]string{"-", "N/A", "größe", "\n"}), lender(), new(Arena)
	f.Fuzz(func(t *testing.T, raw string) {
		if raw = strings.TrimSpace(raw); raw == "" || raw[0] != '{' && raw[0] != '[' {
			return
		}
		if root, _ := buildTree(raw); root == nil {
			return
		}
		checkWithout(t, a, raw, r, arena)
		arena.Reset()
		checkWithout(t, a, raw, r, nil)
	})
}

// TestWithout is FuzzWithout over values that are made at random.
func TestWithout(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	a, r, arena := NewAbsent([]string{"-", "N/A", "größe", "\n"}), lender(), new(Arena)
	found, none := 0, 0
	for range 4000 {
		if checkWithout(t, a, container(random, 0), r, arena) {
			found++
		} else {
			none++
		}
		arena.Reset()
	}
	if found < 1000 || none < 400 {
		t.Errorf("%d with an absent text and %d without", found, none)
	}
}

// container is a list or object of a few values, some of whose names are the same.
func container(r *rand.Rand, depth int) string {
	var b strings.Builder
	object := r.IntN(3) > 0
	for n := range r.IntN(5) {
		if n > 0 {
			b.WriteString([]string{",", " , "}[r.IntN(2)])
		}
		if object {
			b.WriteString([]string{`"a":`, `"b" : `, `"\u0061":`, `"größe":`, `"-":`}[r.IntN(5)])
		}
		if depth < 4 && r.IntN(3) == 0 {
			b.WriteString(container(r, depth+1))
		} else {
			b.WriteString([]string{`"-"`, `"N\/A"`, `"gr\u00f6\u00dfe"`, `"x"`, `"\n"`, `"long enough for a word"`, `""`, `null`, `true`, `1`, `-1.5e3`, `"y"`, `0`, `"--"`}[r.IntN(14)])
		}
	}
	if object {
		return "{" + b.String() + "}"
	}
	return "[" + b.String() + "]"
}
