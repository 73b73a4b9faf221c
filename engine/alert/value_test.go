package alert

import (
	"encoding/json"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseNumber(t *testing.T) {
	none := Value{}
	tests := []struct {
		text string
		want Value
	}{
		{"0", OfInt(0)}, {"7", OfInt(7)}, {"007", OfInt(7)}, {"-5", OfInt(-5)}, {"-0", OfInt(0)}, {"3.14", OfFloat(3.14)}, {"1e3", OfFloat(1000)}, {"00.5", OfFloat(0.5)},
		{"9223372036854775807", OfInt(math.MaxInt64)}, {"-9223372036854775808", OfInt(math.MinInt64)}, {"9223372036854775808", OfFloat(9223372036854775808)},
		{"-9223372036854775809", OfFloat(-9223372036854775809)}, {"9223372036854775800", OfInt(9223372036854775800)}, {"9223372036854775810", OfFloat(9223372036854775810)},
		{"18446744073709551616", OfFloat(1 << 64)}, {"-92233720368547758080", OfFloat(-92233720368547758080)}, {"-1000000000000000000", OfInt(-1000000000000000000)},
		{"000000000000000000000000000012", OfInt(12)}, {"-000000000000000000000000000012", OfInt(-12)},
		{"", none}, {"-", none}, {"+1", none}, {" 1", none}, {"1 ", none}, {"1.", none}, {".5", none}, {"1e", none}, {"0x10", none}, {"1_000", none},
		{"NaN", none}, {"Inf", none}, {"-inf", none}, {"1e999", none}, {"10.0.0.1", none}, {"--1", none},
	}
	for _, tt := range tests {
		got, ok := ParseNumber(tt.text)
		if got != tt.want || ok != (tt.want != none) {
			t.Errorf("ParseNumber(%q) = %+v, %v, want %+v", tt.text, got, ok, tt.want)
		}
	}
}

// FuzzParseNumber states that a number is what the pattern says, and that an
// integer's text comes back but for leading zeros.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1", "-007", "1.5e-3", "99999999999999999999", "1e400", "-", "1_0", "٣"} {
		f.Add(s)
	}
	pattern := regexp.MustCompile(`\A-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\z`)
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := ParseNumber(s)
		x, err := strconv.ParseFloat(s, 64)
		if want := pattern.MatchString(s) && err == nil; ok != want {
			t.Fatalf("%q: %v, want %v", s, ok, want)
		}
		switch {
		case v.Kind == Float && math.Float64frombits(v.Num) != x, v.Kind == Int && float64(int64(v.Num)) != x:
			t.Errorf("%q: %+v, want %v", s, v, x)
		case !ok && v != (Value{}):
			t.Errorf("%q: no number, but %+v", s, v)
		}
	})
}

// FuzzFloat states that floats are written as encoding/json writes them.
func FuzzFloat(f *testing.F) {
	for _, x := range []float64{0, 1, -1.5, 1e-6, 9.9e-7, 1e21, 123456789012345680000, 1e-300, math.MaxFloat64, math.Inf(1), math.NaN()} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		want, err := json.Marshal(x)
		if err != nil {
			want = nil
		}
		if got := OfFloat(x).AppendText(nil); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// data is a value as encoding/json would give it, with ints for what is one.
// Each number in it must have the spelling that it has in the JSON of the value.
func data(t *testing.T, v Value) any {
	t.Helper()
	switch v.Kind {
	case Bool:
		return v.Num != 0
	case Int:
		return int(int64(v.Num))
	case Float:
		return math.Float64frombits(v.Num)
	case Text:
		return v.Text
	case List:
		items := []any{}
		for it := v.Items(); it.Next(); {
			items = append(items, data(t, it.Value()))
		}
		return items
	case Object:
		members := map[string]any{}
		last := ""
		for i, m := range v.Members() {
			if i > 0 && m.Name <= last {
				t.Errorf("%+v: member %q comes after %q", v, m.Name, last)
			}
			last, members[m.Name] = m.Name, data(t, m.Value)
		}
		return members
	}
	return nil
}

// FuzzRaw states that a raw value, the same value decoded, and one made from
// plain data cannot be told apart, and that the JSON of each reads back as the
// same, with every number as it was spelled.
func FuzzRaw(f *testing.F) {
	for _, line := range append(append([]string{}, samples...), corners...) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		sc := NewSpec([]Want{{}}, false, Limits{}).NewScanner()
		if sc.Scan(line) != nil {
			return
		}
		raw := sc.Value(0)
		sameValue(t, raw, raw.Decoded())
		sameValue(t, raw.Decoded(), raw.Decoded().Decoded())
		sameValue(t, raw, From(decode(t, string(raw.AppendJSON(nil)))))
	})
}

func sameValue(t *testing.T, raw, made Value) {
	t.Helper()
	if d := cmp.Diff(data(t, raw), data(t, made)); d != "" {
		t.Fatalf("%+v: %s", raw, d)
	}
	if raw.Kind >= List && raw.IsEmpty() != made.IsEmpty() {
		t.Fatalf("%+v: empty %v and %v", raw, raw.IsEmpty(), made.IsEmpty())
	}
	want := decode(t, string(raw.AppendJSON(nil)))
	if got := decode(t, string(made.AppendJSON(nil))); !reflect.DeepEqual(worded(got), worded(want)) {
		t.Fatalf("%+v reads back as %#v, want %#v", made, got, want)
	}
	for _, m := range raw.Members() {
		a, inRaw := raw.Member(m.Name)
		b, inMade := made.Member(m.Name)
		if !inRaw || !inMade {
			t.Fatalf("%+v: %q is a member %v, made %v", raw, m.Name, inRaw, inMade)
		}
		sameValue(t, a, b)
	}
	a, b := raw.Items(), made.Items()
	n := 0
	for ; a.Next(); n++ {
		if !b.Next() {
			t.Fatalf("%+v: items end at %d", raw, n)
		}
		sameValue(t, a.Value(), b.Value())
		sameValue(t, raw.Index(n), made.Index(n))
	}
	if b.Next() {
		t.Fatalf("%+v: more items than %d", raw, n)
	}
	for i := -n; i < 0; i++ {
		sameValue(t, raw.Index(i), made.Index(i))
	}
}

// decode reads any JSON as the reference reads alerts.
func decode(t *testing.T, text string) any {
	t.Helper()
	alert, ok := reference(`{"x":`+text+`}`, Limits{Depth: rawDepth, Leaves: 1 << 30})
	if !ok {
		t.Fatalf("%s is not JSON", text)
	}
	return alert["x"]
}

// worded makes texts of all numbers: those beyond 64 bits are texts.
func worded(x any) any {
	switch x := x.(type) {
	case json.Number:
		return string(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = worded(x[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name := range x {
			out[name] = worded(x[name])
		}
		return out
	}
	return x
}

// Reading through what is missing gives absence.
func TestMissing(t *testing.T) {
	list := Value{Kind: List, Text: ` [ 1 , "x" ] `}
	object := Value{Kind: Object, Text: `{"a":null,"\u0062":2,"c":1,"c":3}`}
	large := map[string]any{}
	for i := range 40 {
		large[strconv.Itoa(i)] = i
	}
	member := func(v Value, name string) Value {
		found, ok := v.Member(name)
		if !ok {
			return OfText("missing")
		}
		return found
	}
	missing := OfText("missing")
	tests := []struct {
		got  Value
		want string // as JSON
	}{
		{member(Value{}, "a"), `"missing"`}, {Value{}.Index(0), `null`}, {OfText("x").Index(0), `null`}, {member(list, "0"), `"missing"`}, {object.Index(0), `null`},
		{list.Index(2), `null`}, {list.Index(-3), `null`}, {list.Index(-1), `"x"`}, {list.Index(0), `1`},
		{member(object, "a"), `null`}, {member(object, "b"), `2`}, {member(object, "c"), `3`}, {member(object, "d"), `"missing"`},
		{From([]any{1, nil}).Index(-1), `null`}, {From([]any{1}).Index(1), `null`}, {From([]any{1}).Index(-2), `null`}, {member(From(map[string]any{}), "a"), `"missing"`},
		{member(From(large), "7"), `7`}, {member(From(large), "39"), `39`}, {member(From(large), "40"), `"missing"`}, {member(From(large).Decoded(), "x"), `"missing"`},
		{Value{Kind: List, Text: `[1`}.Index(1), `null`}, {Value{Kind: List}.Index(-1), `null`}, {member(Value{Kind: Object, Text: `{"a"}`}, "a"), `"missing"`},
		{missing, `"missing"`},
	}
	for i, tt := range tests {
		if got := string(tt.got.AppendJSON(nil)); got != tt.want {
			t.Errorf("%d: got %s, want %s", i, got, tt.want)
		}
	}
	for _, text := range []string{"", "[", "{", "[1,", `{"a":`, "[1]x", "x"} {
		for _, kind := range []Kind{List, Object} {
			if got := (Value{Kind: kind, Text: text}).Decoded(); got != (Value{}) {
				t.Errorf("%q: %v", text, got)
			}
		}
	}
}

func TestFrom(t *testing.T) {
	tests := []struct {
		in   any
		want string // as JSON
	}{
		{nil, `null`}, {true, `true`}, {-1, `-1`}, {int64(4), `4`}, {0.5, `0.5`}, {math.NaN(), `null`}, {math.Inf(-1), `null`},
		{json.Number("1e2"), `1e2`}, {json.Number("1.10"), `1.10`}, {Value{Kind: Int, Num: 7, Text: "007"}, `7`}, {Value{Kind: Float, Num: math.Float64bits(0.5), Text: ".5"}, `0.5`}, {json.Number("12345678901234567890"), `"12345678901234567890"`}, {json.Number("x"), `"x"`}, {json.Number(""), `""`},
		{"a\"\\\n\x01\xffé", `"a\"\\\n\u0001` + "\ufffd" + `é"`}, {[]any(nil), `[]`}, {map[string]any(nil), `{}`},
		{map[string]any{"b": []any{nil, 1.5}, "a": map[string]any{}}, `{"a":{},"b":[null,1.5]}`},
		{OfInt(3), `3`}, {[]any{OfInt(1), Value{Kind: List, Text: `[2]`}}, `[1,[2]]`}, {struct{}{}, `null`},
	}
	for _, tt := range tests {
		if got := string(From(tt.in).AppendJSON(nil)); got != tt.want {
			t.Errorf("%#v: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

// Law: an object has its members in the order of their names, and the last of
// each name, in whatever order they come.
func FuzzOfObject(f *testing.F) {
	f.Add("")
	f.Add("ba")
	f.Add("abcabc")
	f.Fuzz(func(t *testing.T, names string) {
		var members []Member
		want := map[string]any{}
		for i, name := range names {
			members = append(members, Member{string(name), OfInt(int64(i))})
			want[string(name)] = i
		}
		if diff := cmp.Diff(want, data(t, OfObject(members))); diff != "" {
			t.Errorf("%q: -want +got\n%s", names, diff)
		}
	})
}

func TestNumberAndText(t *testing.T) {
	tests := []struct {
		v      Value
		number bool
		text   string
	}{
		{Value{}, false, ""}, {OfBool(true), false, "true"}, {OfBool(false), false, "false"}, {OfInt(-3), true, "-3"}, {OfFloat(1e20), true, "100000000000000000000"},
		{Value{Kind: Float, Num: math.Float64bits(1.1), Text: "1.10"}, true, "1.10"}, {Value{Kind: Int, Text: "-0"}, true, "-0"},
		{OfFloat(1e21), true, "1e+21"}, {OfFloat(1.5e-9), true, "1.5e-9"}, {OfText("42"), true, "42"}, {OfText("x"), false, "x"},
		{Value{Kind: List, Text: "[1, 2]"}, false, "[1, 2]"}, {From([]any{1, "a"}), false, `[1,"a"]`},
	}
	for _, tt := range tests {
		if _, ok := tt.v.Number(); ok != tt.number {
			t.Errorf("%+v: a number: %v", tt.v, ok)
		}
		if got := string(tt.v.AppendText(nil)); got != tt.text {
			t.Errorf("%+v: text %q, want %q", tt.v, got, tt.text)
		}
	}
}

// Walking a raw list costs no allocation.
func TestItemsAllocations(t *testing.T) {
	v := Value{Kind: List, Text: `[1,"two",{"x":[3]},null,true,4.5]`}
	n := testing.AllocsPerRun(50, func() {
		count := 0
		for it := v.Items(); it.Next(); {
			if it.Value().Kind != Nil {
				count++
			}
		}
		if count != 5 {
			t.Fatalf("%d items", count)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Members are in the order of their names, and of those with one name the last counts, however
// many there are.
func TestMembersInOrder(t *testing.T) {
	for n := range 3 * fewMembers {
		var members []Member
		last := map[string]int64{}
		for i := range n {
			name := strconv.Itoa(i * 7919 % (n - n/4))
			last[name] = int64(i)
			members = append(members, Member{name, OfInt(int64(i))})
		}
		got := OfObject(members).Members()
		if len(got) != len(last) || !slices.IsSortedFunc(got, byName) {
			t.Errorf("%d members: %v", n, got)
		}
		for _, m := range got {
			if int64(m.Value.Num) != last[m.Name] {
				t.Errorf("%d members: %s is %d, want %d", n, m.Name, m.Value.Num, last[m.Name])
			}
		}
	}
}
