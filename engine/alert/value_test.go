package alert

import (
	"encoding/json"
	"math"
	"reflect"
	"regexp"
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
		{"000000000000000000000000000012", OfInt(12)},
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

// FuzzRaw states that a raw value and the same value materialised cannot be
// told apart, and that the JSON of either reads back as the same but for how
// numbers are held (1e20 is written as an integer).
func FuzzRaw(f *testing.F) {
	for _, line := range append(append([]string{}, samples...), corners...) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		sc := NewSpec([]Want{{}}, false, Limits{}).NewScanner()
		if sc.Scan(line) != nil {
			return
		}
		sameValue(t, sc.Value(0), FromAny(sc.Value(0).Interface()))
	})
}

func sameValue(t *testing.T, raw, made Value) {
	t.Helper()
	want := raw.Interface()
	if d := cmp.Diff(want, made.Interface()); d != "" {
		t.Fatalf("%+v: %s", raw, d)
	}
	for _, v := range []Value{raw, made} {
		text := string(v.AppendJSON(nil))
		if got := decode(t, text); !reflect.DeepEqual(evenly(got), evenly(want)) {
			t.Fatalf("%s reads back as %#v, want %#v", text, got, want)
		}
	}
	switch x := want.(type) {
	case map[string]any:
		for name := range x {
			sameValue(t, raw.Member(name), made.Member(name))
		}
	case []any:
		a, b := raw.Items(), made.Items()
		for i := range x {
			if !a.Next() || !b.Next() {
				t.Fatalf("%+v: items end at %d of %d", raw, i, len(x))
			}
			sameValue(t, a.Value(), b.Value())
			sameValue(t, raw.Index(i), made.Index(i-len(x)))
			sameValue(t, raw.Index(i-len(x)), made.Index(i))
		}
		if a.Next() || b.Next() {
			t.Fatalf("%+v: more items than %d", raw, len(x))
		}
	}
}

// decode reads any JSON as the reference reads alerts.
func decode(t *testing.T, text string) any {
	t.Helper()
	alert, ok := reference(`{"x":`+text+`}`, Limits{Depth: rawDepth, Leaves: 1 << 30})
	if !ok {
		t.Fatalf("%s is no JSON", text)
	}
	return alert["x"]
}

// evenly makes floats of all numbers, also of text that is one.
func evenly(x any) any {
	switch x := x.(type) {
	case int:
		return float64(x)
	case json.Number:
		return evenly(string(x))
	case string:
		if f, err := strconv.ParseFloat(x, 64); err == nil && !math.IsNaN(f) {
			return f
		}
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = evenly(x[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name := range x {
			out[name] = evenly(x[name])
		}
		return out
	}
	return x
}

// Reading through what is missing gives absence.
func TestMissing(t *testing.T) {
	list := Value{Kind: List, Text: ` [ 1 , "x" ] `}
	object := Value{Kind: Object, Text: `{"a":null,"\u0062":2,"c":1,"c":3}`}
	tests := []struct{ got, want Value }{
		{Value{}.Member("a"), Value{}}, {Value{}.Index(0), Value{}}, {OfText("x").Index(0), Value{}}, {list.Member("0"), Value{}}, {object.Index(0), Value{}},
		{list.Index(2), Value{}}, {list.Index(-3), Value{}}, {list.Index(-1), OfText("x")}, {list.Index(0), OfInt(1)},
		{object.Member("a"), Value{}}, {object.Member("b"), OfInt(2)}, {object.Member("c"), OfInt(3)}, {object.Member("d"), Value{}},
		{FromAny([]any{1, nil}).Index(-1), Value{}}, {FromAny([]any{1}).Index(1), Value{}}, {FromAny(map[string]any{}).Member("a"), Value{}},
		{Value{Kind: List, Text: `[1`}.Index(1), Value{}}, {Value{Kind: List}.Index(-1), Value{}}, {Value{Kind: Object, Text: `{"a"}`}.Member("a"), Value{}},
	}
	for i, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%d: got %+v, want %+v", i, tt.got, tt.want)
		}
	}
	for _, text := range []string{"", "[", "{", "[1,", `{"a":`, "[1]x", "x"} {
		for _, kind := range []Kind{List, Object} {
			if got := (Value{Kind: kind, Text: text}).Interface(); got != nil {
				t.Errorf("%q: %v", text, got)
			}
		}
	}
}

func TestFromAny(t *testing.T) {
	tests := []struct {
		in   any
		want string // as JSON
	}{
		{nil, `null`}, {true, `true`}, {int8(-1), `-1`}, {uint64(math.MaxUint64), `"18446744073709551615"`}, {uint32(4), `4`}, {float32(0.5), `0.5`},
		{math.NaN(), `null`}, {math.Inf(-1), `null`}, {json.Number("1e2"), `100`}, {json.Number("12345678901234567890"), `"12345678901234567890"`}, {json.Number("x"), `"x"`},
		{"a\"\\\n\x01\xffé", `"a\"\\\n\u0001` + "\ufffd" + `é"`}, {[]string{"a"}, `["a"]`}, {[]string(nil), `null`}, {[]any(nil), `null`}, {map[string]any(nil), `null`},
		{[]int{1, 2}, `[1,2]`}, {map[string]any{"b": []any{nil, 1.5}, "a": map[string]any{}}, `{"a":{},"b":[null,1.5]}`},
		{OfInt(3), `3`}, {[]Value{OfInt(1), {Kind: List, Text: `[2]`}}, `[1,[2]]`}, {struct{}{}, `null`},
	}
	for _, tt := range tests {
		if got := string(FromAny(tt.in).AppendJSON(nil)); got != tt.want {
			t.Errorf("%#v: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestNumberAndText(t *testing.T) {
	tests := []struct {
		v      Value
		number bool
		text   string
	}{
		{Value{}, false, ""}, {OfBool(true), false, "true"}, {OfBool(false), false, "false"}, {OfInt(-3), true, "-3"}, {OfFloat(1e20), true, "100000000000000000000"},
		{OfFloat(1e21), true, "1e+21"}, {OfFloat(1.5e-9), true, "1.5e-9"}, {OfText("42"), true, "42"}, {OfText("x"), false, "x"},
		{Value{Kind: List, Text: "[1, 2]"}, false, "[1, 2]"}, {FromAny([]any{1, "a"}), false, `[1,"a"]`},
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
