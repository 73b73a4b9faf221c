package alert

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Law: of texts those are absent that are in the list, of any length, and no others.
func TestAbsentTexts(t *testing.T) {
	long := strings.Repeat("x", 63)
	texts := []string{"-", "N/A", "(null)", long, long + "yz", "größe", "\x00", "\"\\"}
	a := NewAbsent(texts)
	for _, text := range texts {
		for _, v := range []Value{OfText(text), {Kind: Text, Text: text, Origin: 7}} {
			if got := without(a, v); got.Kind != Nil {
				t.Errorf("%q is %v", text, got)
			}
		}
		for _, other := range []string{"", text + " ", " " + text, text + text, strings.ToUpper(text) + "!", text[1:], "M" + text} {
			if got := without(a, OfText(other)); got.Kind != Text || got.Text != other {
				t.Errorf("%q is %v", other, got)
			}
		}
	}
	for _, raw := range []string{`["a",{"b":"n/a"},-1,null,true,"- "]`, `{"-":"x","N/A":{"(null)":1}}`, `[]`, `{}`} {
		v := rawValue(raw, 5)
		if got := without(a, v); got != v {
			t.Errorf("%s is written anew: %s", raw, got.AppendJSON(nil))
		}
	}
	for raw, want := range map[string]string{
		`["-", "a", ["N\/A", {"b": "\u002d", "c": null, "d": "(null)", "e": 1}]]`: `[null,"a",[null,{"c":null,"e":1}]]`,
		`{"a":"-"}`: `{}`, `{"x":["gr\u00f6\u00dfe"]}`: `{"x":[null]}`, `{"z":1,"a":"-","b":2}`: `{"b":2,"z":1}`,
	} {
		if got := string(without(a, rawValue(raw, 5)).AppendJSON(nil)); got != want {
			t.Errorf("%s is %s, not %s", raw, got, want)
		}
	}
}

// What is left of a list keeps the places in the line that it came from.
func TestAbsentOrigins(t *testing.T) {
	const line = `["-","a",{"b":"c","d":"-"}]`
	v := without(NewAbsent([]string{"-"}), rawValue(line, originAt(0)))
	items, _ := v.Made()
	if items[1].Origin != originAt(5) {
		t.Errorf("a is from %d", items[1].Origin)
	}
	if m := items[2].Members(); len(m) != 1 || m[0].Value.Origin != originAt(14) {
		t.Errorf("%v", m)
	}
}

// lender is a Reader that lends memory.
func lender() *Reader { return NewSpec(nil, false, Limits{}).NewScanner().NewReader(0) }

// Law: raw JSON that has an absent text, however it is spelled, may have one. What has none is
// found out wherever no character is escaped needlessly.
func TestMaybeIn(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 7))
	many := []string{"-", "N/A", `a"b`, `\`, "\n", "(null)", `a"`, `"x`, "x", "xab", "ab\tx", "absent", "-x", "a", "none", "null", strings.Repeat("long ", 20)}
	sets := []*Absent{NewAbsent(many[:6]), NewAbsent([]string{"\n"}), NewAbsent(many)}
	pieces := []string{"-", "N/A", `a\"b`, `\\`, `\n`, "(null)", `\u002d`, `N\/A`, "x", "ab", "long enough for a word", `\\u`, `\"`, `\\\\`, `\t`, " "}
	found, none := 0, 0
	for n := range 200_000 {
		a, raw, needless := sets[n%3], "[", false
		for n := range 1 + r.IntN(6) {
			if n > 0 {
				raw += ","
			}
			raw += strings.Repeat(" ", r.IntN(4)) + `"`
			for range r.IntN(3) {
				piece := pieces[r.IntN(len(pieces))]
				raw += piece
				needless = needless || piece == `\u002d` || piece == `N\/A`
			}
			raw += `"`
		}
		raw += "]"
		tree, _ := buildTree(raw)
		if tree == nil {
			t.Fatalf("%s is not JSON", raw)
		}
		has, maybe := absentReference{a, 0}.in(tree), a.MaybeIn(raw)
		if has && !maybe || maybe && !has && !needless {
			t.Fatalf("%s: %v, but maybe %v", raw, has, maybe)
		}
		if has {
			found++
		} else if !maybe {
			none++
		}
	}
	if found < 1000 || none < 1000 {
		t.Errorf("%d with an absent text and %d without", found, none)
	}
}

// without is a value as rules see it.
func without(a *Absent, v Value) Value {
	switch {
	case v.Kind == Text && a.Has(v.Text):
		return Value{}
	case v.IsRaw() && a.MaybeIn(v.Text):
		return a.Without(v, lender(), nil)
	}
	return v
}
