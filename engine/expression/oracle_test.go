package expression

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"
	"github.com/sluice-lake/sluice/engine/alert"
)

// The oracle is expr itself: the same text is compiled and run by expr, over
// the same values. Law: where expr gives a value, sluice gives the same, but for
// the differences that docs/mapping.md lists.

// sampleEnv is the sample alert and its scope as expr's environment.
func sampleEnv() map[string]any {
	env := map[string]any{"alert": sample, "line": `{"a":1}`, "severity": 3, "who": "let", "tables": map[string]any{
		"tactics": map[string]any{"Execution": "TA0002", "Impact": "TA0040"},
		"ports":   map[string]any{"22": "ssh", "80": "http"},
	}}
	for name, v := range sample {
		env[name] = v
	}
	env["it"] = []any{"T1110", "Brute Force", nil}
	return env
}

// throughExpr gives what expr makes of an expression: JSON, or "fails".
func throughExpr(text string, env map[string]any) (result string) {
	defer func() {
		if recover() != nil {
			result = "fails"
		}
	}()
	p, err := expr.Compile(text, expr.Env(env))
	if err != nil {
		return "fails"
	}
	v, err := expr.Run(p, env)
	if err != nil {
		return "fails"
	}
	return inJSON(reflect.ValueOf(v))
}

// throughSluice does the same with this package.
func throughSluice(text string) string {
	p, faults := Compile(text, sampleScope)
	if len(faults) > 0 {
		return "fails"
	}
	v, err := p.Run(NewMachine(), environment(p, true))
	if err != nil {
		return "fails"
	}
	return shown(v, nil)
}

// inJSON writes a value of expr's as sluice writes its own; what JSON has not
// stands by its type.
func inJSON(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Interface:
		return inJSON(v.Elem())
	case reflect.Invalid:
		return "null"
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Type().String()
		}
		items := make([]string, v.Len())
		for i := range items {
			items[i] = inJSON(v.Index(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	case reflect.Map:
		var members []string
		for _, key := range v.MapKeys() {
			members = append(members, fmt.Sprintf("%q:%s", fmt.Sprint(key), inJSON(v.MapIndex(key))))
		}
		slices.Sort(members)
		return "{" + strings.Join(members, ",") + "}"
	case reflect.String, reflect.Float64, reflect.Int, reflect.Bool:
		var out bytes.Buffer
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		if e.Encode(v.Interface()) == nil {
			return strings.TrimSpace(out.String())
		}
		return fmt.Sprint(v)
	}
	return v.Type().String()
}

// agreed are expressions of which both make the same: every operator, every
// literal, and every function that both have.
const agreed = `
6 / 2
7 / 2
1 + 2.5
1 - 2
2 * 3.5
5 % 3
-5 % 3
2 ** 3
2 ^ 3
2 ** -1
10 ** 18
-rule.level
+rule.level
data.score * 2
1 == 1.0
1 == 1.5
"a" == "a"
true == false
nil == nil
1 != 2
nil != 1
[1, 2] == [1, 2]
{"a": [1]} == {"a": [1]}
rule.groups == ["syslog", "sshd", "authentication_failed"]
1 < 1.5
2 <= 2
3 > 2.5
2 >= 3
"a" < "b"
"B" < "a"
1 < 2 and 2 < 3
1 < 2 < 3
not true
!false
true && false
true || false
true and (1 > 2 or 3 > 2)
true ? "a" : "b"
1 > 2 ? 1 : 2.5
true ?: 5
false ?: 5
if rule.level > 5 { 1 } else { 2 }
nil ?? 5
rule.nope ?? 5
0 ?? 5
false ?? true
[] ?? 1
"x" ?? "y"
[nil][0] ?? "x"
1 in [1, 2]
1.0 in [1, 2]
3 in [6 / 2]
"a" in ["a"]
"a" in {"a": 1}
"x" in rule
1 not in [2]
nil in [nil]
rule.mitre.id[0] in ["T1110"]
"abc" contains "b"
"abc" startsWith "ab"
"abc" endsWith "bc"
"abc" matches "^a.c$"
"abc" not matches "x"
1..5
5..1
1..1
"abc"[1:]
"abc"[:1]
"abc"[-2:]
"abc"[:-1]
"abc"[1:99]
[1, 2, 3][1:]
[1, 2, 3][:-1]
[1, 2, 3][-2:]
[1, 2, 3][5:9]
[1, 2, 3][2:1]
[1, 2, 3][0]
[1, 2, 3][-1]
rule.groups[1]
rule.groups[-1]
rule["level"]
rule?.mitre?.id
rule.nope
rule?.nope?.x
alert.rule.level
tables.tactics.Impact
line
it[0]
severity + 1
let x = 5; x * 2
let x = rule.level; let y = x + 1; y
[1, "a", nil]
{"a": 1, b: "x"}
{"a": {"b": 2}}.a.b
{"a": 1}["a"]
{"a": 1}.b
"a" + "b"
"ab" | upper()
rule.groups | filter(# != "sshd") | map(upper(#))
"\u00e9"
'single'
1_000
0x1f
0b101
0o17
1e3
.5
lower("ABC")
upper("abc")
trim("  a ")
trim("\t a\n")
trim("xyaxy", "yx")
trimPrefix("abc", "a")
trimPrefix("abc", "x")
trimPrefix(" abc")
trimSuffix("abc", "c")
trimSuffix("abc ")
hasPrefix("abc", "ab")
hasSuffix("abc", "bc")
indexOf("abc", "c")
indexOf("abc", "x")
indexOf("", "")
lastIndexOf("abcabc", "b")
lastIndexOf("abc", "x")
replace("aXbX", "X", "-")
replace("aXbX", "X", "-", 1)
replace("abc", "", "-")
replace("aXbX", "X", "-", 0)
replace("aXbX", "X", "-", -1)
repeat("ab", 0)
repeat("ab", 2)
split("a,b,c", ",")
split("a,b,c", ",", 2)
split("a,b,c", ",", 0)
split("", ",")
split("abc", "")
splitAfter("a,b,c", ",")
splitAfter("a,b,c", ",", 2)
string(1)
string(1.5)
string(1.0)
string(1e21)
string(true)
string("a")
toJSON(1)
toJSON("a")
fromJSON("1.5")
fromJSON("[1, 2]")
fromJSON('{"a": {"b": [1]}}')
fromJSON('{"a": 1, "a": 2}')
fromJSON("null")
fromJSON("true")
fromJSON('"x"')
toBase64("hello")
fromBase64("aGVsbG8=")
int(1.7)
int(-1.7)
int("5")
float(1)
float("1.5")
type(float(1))
abs(-1)
abs(-1.5)
ceil(1.2)
ceil(-1.2)
floor(1.8)
floor(-1.8)
round(1.5)
round(2.5)
round(-1.5)
max(1, 2, 3)
max([1, 5, 2])
max(1, 2.5)
max(1, [2, 3])
max([])
min(1, 2, 3)
min([3, 1.5])
mean(1, 2)
mean([1, 2, 3])
median(1, 2, 3)
median([4, 1, 3, 2])
sum([1, 2, 3])
sum([1.5, 2])
sum([])
sum([1, 2], # * 2)
bitand(6, 3)
bitor(6, 3)
bitxor(6, 3)
bitnand(6, 3)
bitnot(5)
bitshl(1, 3)
bitshl(1, 64)
bitshr(-8, 1)
bitushr(-8, 1)
bitushr(8, 1)
len("größe")
len([1, 2])
len({"a": 1})
first([1, 2])
first([])
last([1, 2])
last([])
get([1, 2], 0)
get([1, 2], 5)
get([1, 2], -1)
get({"a": 1}, "a")
get({"a": 1}, "b")
take([1, 2, 3], 2)
take([1, 2, 3], 0)
take([1, 2, 3], 9)
reverse([1, 2, 3])
uniq([1, 2, 1])
uniq(["a", "b", "a"])
uniq([1, 1.0])
uniq([[1], [1]])
uniq([nil, nil])
concat([1], [2, 3])
concat([], [])
flatten([1, [2, [3]]])
flatten(data.nested)
sort([3, 1.5, 2])
sort(["b", "a"])
sort([3, 1, 2], "desc")
sortBy([3, 1, 2], -#)
sortBy([{"n": 2}, {"n": 1}], .n)
sortBy([{"n": 2}, {"n": 1}], .n, "desc")
sortBy(["bb", "a"], len(#))
groupBy([1, 2, 3], # % 2)
groupBy(["a", "bb", "cc"], len(#))
groupBy(["a", "b", "a"], #)
join(["a", "b"], ",")
join(["a", "b"])
join([], ",")
keys({"a": 1})
values({"a": 1})
toPairs({"a": 1})
fromPairs([["a", 1], ["b", 2]])
fromPairs([["a", 1], ["a", 2]])
fromPairs([[1, 2]])
type(1)
type(1.5)
type("a")
type(true)
type(nil)
type([1])
type({"a": 1})
all([1, 2], # > 0)
all([], # > 0)
any([1, 2], # > 1)
any([], # > 1)
any(data.users, .name == "bob")
none([1, 2], # > 2)
none([], # > 2)
one([1, 2], # > 1)
one([1, 2], # > 0)
filter([1, 2, 3], # > 1)
filter([1, 2, 3], {# > 1})
filter(data.users, .name != "ann") | map(.name)
map([1, 2], # * 2)
map([1, 2], #index)
map([[1, 2], [3]], map(#, # * 2))
map(data.users, .name)
count([1, 2, 3], # > 1)
count([true, false, true])
find([1, 2, 3], # > 1)
find([1, 2, 3], # > 9)
findIndex([1, 2, 3], # > 1)
findIndex([1, 2, 3], # > 9)
findLast([1, 2, 3], # < 3)
findLast([1, 2, 3], # > 9)
findLast(["x", 1], # > 0)
findLastIndex([1, 2, 3], # < 3)
findLastIndex([1, 2, 3], # > 9)
reduce([1, 2, 3], #acc + #)
reduce([1, 2, 3], #acc + #, 10)
reduce([1, 2, 3], #acc + # * #index)
reduce([1], #acc + #)
reduce([], #acc + #, 7)
`

func TestAgreesWithExpr(t *testing.T) {
	env := sampleEnv()
	lines := strings.Split(strings.TrimSpace(agreed), "\n")
	if len(lines) < 150 {
		t.Errorf("only %d expressions", len(lines))
	}
	for _, text := range lines {
		if theirs, ours := throughExpr(text, env), throughSluice(text); theirs != ours || theirs == "fails" {
			t.Errorf("%s\n  expr   %s\n  sluice %s", text, theirs, ours)
		}
	}
	named := func(name string) bool {
		return strings.Contains(agreed, name+"(") || slices.ContainsFunc(differences, func(d difference) bool {
			return slices.ContainsFunc(d.cases, func(c compared) bool { return strings.Contains(c.text, name+"(") })
		})
	}
	for _, name := range builtin.Names {
		if !named(name) {
			t.Errorf("%s of expr is not compared", name)
		}
	}
}

// manual gives the part of docs/mapping.md under a title.
func manual(t *testing.T, title string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n## "+title+"\n")
	if !ok {
		t.Fatalf("docs/mapping.md has no section %q", title)
	}
	section, _, _ := strings.Cut(rest, "\n## ")
	return section
}

// cells are those of the rows of Markdown tables, without code quotes.
func cells(section string) [][]string {
	var out [][]string
	for _, line := range strings.Split(section, "\n") {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		row := strings.Split(strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00"), "|")
		for i, c := range row {
			c = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|"))
			if quoted, ok := strings.CutPrefix(c, "`` "); ok {
				c = strings.TrimSuffix(quoted, " ``")
			} else {
				c = strings.Trim(c, "`")
			}
			row[i] = c
		}
		out = append(out, row)
	}
	return out
}

// Every example of the manual's tables is either the same in expr, or listed
// as a difference, or calls a function that expr does not have.
func TestManualAgreesWithExpr(t *testing.T) {
	env := sampleEnv()
	examples := 0
	for _, row := range append(cells(manual(t, "Operators")), cells(manual(t, "Functions"))...) {
		if len(row) != 4 || !strings.HasPrefix(row[2], "=") {
			continue
		}
		examples++
		text := row[2][1:]
		if theirs := throughExpr(text, env); theirs == throughSluice(text) && theirs != "fails" || listed(text) || beside(text) {
			continue
		}
		t.Errorf("%s: expr gives %s, sluice %s, and no difference is listed", text, throughExpr(text, env), throughSluice(text))
	}
	if examples < 80 {
		t.Errorf("only %d examples found", examples)
	}
}

func listed(text string) bool {
	return slices.ContainsFunc(differences, func(d difference) bool {
		return slices.ContainsFunc(d.cases, func(c compared) bool { return c.text == text })
	})
}

// beside reports whether an expression calls a function that expr has not.
func beside(text string) bool {
	return slices.ContainsFunc(ownFunctions(), func(name string) bool { return strings.Contains(text, name+"(") })
}

// ownFunctions are those that expr does not have.
func ownFunctions() []string {
	return slices.DeleteFunc(Functions(), func(name string) bool { return slices.Contains(builtin.Names, name) })
}

// handedOver is a value for sluice, made from one for expr.
func handedOver(x any) alert.Value {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Slice:
		items := make([]alert.Value, v.Len())
		for i := range items {
			items[i] = handedOver(v.Index(i).Interface())
		}
		return alert.OfList(items)
	case reflect.Map:
		var members []alert.Member
		for _, key := range v.MapKeys() {
			members = append(members, alert.Member{Name: key.String(), Value: handedOver(v.MapIndex(key).Interface())})
		}
		return alert.OfObject(members)
	}
	return alert.From(x)
}
