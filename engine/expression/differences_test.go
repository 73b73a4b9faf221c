package expression

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// difference is one rule by which sluice's meaning differs from expr's.
type difference struct {
	rule  string
	cases []compared
}

// anyOrder stands for results of expr whose order varies.
const anyOrder = "in any order"

// compared is an expression with its result in both: JSON, "fails", a type that
// JSON does not have, or anyOrder.
type compared struct{ text, expr, sluice string }

var differences = []difference{
	{"Nothing fails because something is absent: what reads, computes or compares nothing gives nothing, or false", []compared{
		{`rule.level.nope`, `fails`, `null`},
		{`rule.nope + 1`, `fails`, `null`},
		{`rule.nope > 1`, `fails`, `false`},
		{`len(nil)`, `fails`, `null`},
		{`string(nil)`, `"<nil>"`, `null`},
		{`mean([])`, `0`, `null`},
		{`median([])`, `0`, `null`},
		{`reduce([], #acc + #)`, `fails`, `null`},
		{`not nil`, `fails`, `true`},
		{`true and nil`, `fails`, `false`},
		{`nil ?: 3`, `fails`, `3`},
	}},
	{"Functions over lists and `join` pass over what is absent, `join` also over empty texts", []compared{
		{`max(1, nil, 3)`, `fails`, `3`},
		{`min(nil, 2)`, `fails`, `2`},
		{`concat([1], nil, [2])`, `fails`, `[1,2]`},
		{`join(["a", nil, "b"], ", ")`, `fails`, `"a, b"`},
		{`join(["a", "", "b"], ",")`, `"a,,b"`, `"a,b"`},
	}},
	{"`??` takes its right side for empty text too, and where its left side fails", []compared{
		{`"" ?? "b"`, `""`, `"b"`},
		{`int("x") ?? 5`, `fails`, `5`},
	}},
	{"Text that is a number counts as one", []compared{
		{`"7" * 2`, `fails`, `14`},
		{`data.srcport == 22`, `false`, `true`},
		{`data.srcport in [22]`, `false`, `true`},
		{`"10" > 9`, `fails`, `true`},
		{`"10" > "9"`, `false`, `true`},
		{`sort(["10", "9"])`, `["10","9"]`, `["9","10"]`},
		{`uniq([1, "1"])`, `[1,"1"]`, `[1]`},
		{`+data.srcport`, `"22"`, `22`},
		{`int("12.7")`, `fails`, `12`},
		{`int("0x1f")`, `fails`, `31`},
		{`sum("100", "20")`, `fails`, `120`},
	}},
	{"`get` takes a path, and a default; `round` takes a number of digits", []compared{
		{`get(rule, "mitre.id.0")`, `null`, `"T1110"`},
		{`get({"win": {"ids": [7, 8]}}, "win.ids.1", 0)`, `fails`, `8`},
		{`round(2.675, 2)`, `fails`, `2.68`},
	}},
	{"`sum(a, b)` adds its arguments where the second says nothing of items", []compared{
		{`sum([1, 2], 10)`, `20`, `13`},
	}},
	{"A number where text belongs is its text", []compared{
		{`"a" + 1`, `fails`, `"a1"`},
		{`lower(5)`, `fails`, `"5"`},
		{`2217 contains "21"`, `fails`, `true`},
		{`len(12345)`, `fails`, `5`},
		{`tables.ports[80]`, `fails`, `"http"`},
		{`groupBy([1, "1"], #)`, `{"1":["1"],"1":[1]}`, `{"1":[1,"1"]}`},
	}},
	{"Where a list belongs, one value is a list of itself; a text is no list of bytes", []compared{
		{`any("sshd", # contains "ssh")`, `fails`, `true`},
		{`"sshd" in data.group`, `fails`, `true`},
		{`concat([1], 2)`, `fails`, `[1,2]`},
		{`join(data.group, ",")`, `fails`, `"sshd"`},
		{`first(data.group)`, `uint8`, `"sshd"`},
		{`rule.description[0]`, `uint8`, `null`},
	}},
	{"Positions in texts count characters", []compared{
		{`"größer"[2:4]`, `"ö"`, `"öß"`},
		{`indexOf("größer", "er")`, `6`, `4`},
		{`lastIndexOf("größer", "er")`, `6`, `4`},
	}},
	{"A whole result of whole numbers, or of rounding, is a whole number, and none wraps around: one beyond 64 bits becomes a fraction, an integer in JSON keeps its digits as text", []compared{
		{`type(6 / 2)`, `"float"`, `"int"`},
		{`type(2 ** 3)`, `"float"`, `"int"`},
		{`type(mean(2, 4))`, `"float"`, `"int"`},
		{`type(ceil(1.5))`, `"float"`, `"int"`},
		{`string(ceil(-0.5))`, `"-0"`, `"0"`},
		{`type(fromJSON("1"))`, `"float"`, `"int"`},
		{`9223372036854775807 * 2`, `-2`, `18446744073709552000`},
		{`fromJSON("18446744073709551616")`, `18446744073709552000`, `"18446744073709551616"`},
	}},
	{"Numbers are compared exactly, also inside lists and objects", []compared{
		{`9007199254740993 == 9007199254740993.0`, `true`, `false`},
		{`{"a": 1} == {"a": 1.0}`, `false`, `true`},
	}},
	{"Division by zero fails, for fractions too", []compared{
		{`1 / 0`, `+Inf`, `fails`},
		{`7.5 % 2`, `fails`, `1.5`},
	}},
	{"Numbers, lists and objects become text as JSON has them, on one line", []compared{
		{`string(1e6)`, `"1e+06"`, `"1000000"`},
		{`string([1, "a"])`, `"[1 a]"`, `"[1,\"a\"]"`},
		{`string({"a": 1})`, `"map[a:1]"`, `"{\"a\":1}"`},
		{`toJSON({"b": 1, "a": [2]})`, `"{\n  \"a\": [\n    2\n  ],\n  \"b\": 1\n}"`, `"{\"a\":[2],\"b\":1}"`},
		{`toJSON("<&>")`, `"\"\\u003c\\u0026\\u003e\""`, `"\"<&>\""`},
	}},
	{"Objects list their members in the order of their names; `sort` and `sortBy` have an order for all values", []compared{
		{`keys({"b": 1, "a": 2})`, anyOrder, `["a","b"]`},
		{`values({"b": 1, "a": 2})`, anyOrder, `[2,1]`},
		{`toPairs({"b": 1, "a": 2})`, anyOrder, `[["a",2],["b",1]]`},
		{`sort(["b", 2, 1])`, `fails`, `[1,2,"b"]`},
	}},
	{"Texts are UTF-8", []compared{
		{`fromBase64("/w==")`, "\"\\ufffd\"", `fails`},
		{`b"x"`, `[]uint8`, `fails`},
	}},
	{"The start of `reduce` sees what stands around `reduce`", []compared{
		{`map([5, 6], reduce([1, 2], #acc + #, #))`, `[4,4]`, `[8,9]`},
	}},
	{"`findLast` and `findLastIndex` leave the values beside them alone", []compared{
		{`[7, findLastIndex([5, 6, 1], # > 4)]`, `[true,1]`, `[7,1]`},
	}},
	{"The variables of `let` may hide a field", []compared{
		{`let rule = 1; rule`, `fails`, `1`},
	}},
	{"There is no clock, no time and no `$env`", []compared{
		{`now()`, `time.Time`, `fails`},
		{`date("2024-01-01")`, `time.Time`, `fails`},
		{`duration("1h")`, `time.Duration`, `fails`},
		{`timezone("UTC")`, `*time.Location`, `fails`},
		{`$env.rule.level`, `10`, `fails`},
	}},
}

// Each listed difference exists, with the listed results.
func TestDifferences(t *testing.T) {
	env := sampleEnv()
	for _, d := range differences {
		for _, c := range d.cases {
			if got := throughSluice(c.text); got != c.sluice {
				t.Errorf("%s: sluice gives %s, not %s", c.text, got, c.sluice)
			}
			got := throughExpr(c.text, env)
			for i := 0; i < 200 && c.expr == anyOrder; i++ {
				if throughExpr(c.text, env) != got {
					got = anyOrder
				}
			}
			if got != c.expr || c.expr == c.sluice {
				t.Errorf("%s: expr gives %s, not %s", c.text, got, c.expr)
			}
		}
	}
}

// The manual shows the list.
func TestManualListsDifferences(t *testing.T) {
	var want [][]string
	for _, d := range differences {
		rule := d.rule
		for _, c := range d.cases {
			want = append(want, []string{strings.Trim(rule, "`"), c.text, shownResult(c.expr), shownResult(c.sluice)})
			rule = ""
		}
	}
	section := manual(t, "Where sluice differs from expr")
	var got [][]string
	for _, row := range cells(section) {
		if len(row) == 4 && row[0] != "rule" && !strings.HasPrefix(row[0], "---") {
			got = append(got, row)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/mapping.md has another list: -want +got\n%s", diff)
	}
	for _, name := range ownFunctions() {
		if !strings.Contains(section, "`"+name+"`") {
			t.Errorf("the section does not name %s among the functions beside expr's", name)
		}
	}
}

// shownResult returns a result as the manual shows it.
func shownResult(result string) string {
	if result == "null" {
		return "nothing"
	}
	return result
}
