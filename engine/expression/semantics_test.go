package expression

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// sample is the alert that the tables of this room's tests are about.
var sample = map[string]any{
	"id":    "1700000000.1",
	"empty": "",
	"rule": map[string]any{
		"level": 10, "id": "5710", "description": "sshd: Failed",
		"groups": []any{"syslog", "sshd", "authentication_failed"},
		"mitre":  map[string]any{"id": []any{"T1110", "T1021.004"}, "technique": []any{"Brute Force"}},
	},
	"data": map[string]any{
		"srcip": "10.1.2.3", "srcport": "22", "score": 7.5, "ok": true, "group": "sshd", "ü": "größer",
		"big": "18446744073709551616", "nested": []any{[]any{1, 2}, []any{3}}, "users": []any{
			map[string]any{"name": "ann", "age": 30}, map[string]any{"name": "bob", "age": "25"}, map[string]any{"name": "cy"},
		},
	},
	"@timestamp": "2024-04-22T14:20:46.976Z", "in": "inside", "it": "own",
}

var sampleScope = Scope{
	Lets: []string{"severity", "who"},
	Tables: map[string]any{
		"tactics": map[string]any{"Execution": "TA0002", "Impact": "TA0040"},
		"ports":   map[string]any{"22": "ssh", "80": "http"},
		"odd":     []any{"a", map[string]any{"b": 1}},
	},
	It: true,
}

// environment gives a program the values of the sample alert. raw hands lists
// and objects over as JSON text, the way a scanner does.
func environment(p *Program, raw bool) *Env {
	env := &Env{
		It:   alert.FromAny([]any{"T1110", "Brute Force", nil}),
		Line: `{"a":1}`,
		Let: func(i int) (alert.Value, error) {
			if i == 0 {
				return alert.OfInt(3), nil
			}
			return alert.OfText("let"), nil
		},
	}
	for i, path := range p.Reads {
		v := alert.FromAny(sample)
		for _, s := range path {
			if s.IsList {
				v = v.Index(s.Index)
			} else {
				v = v.Member(s.Name)
			}
		}
		if raw && v.Any != nil {
			v = alert.Value{Kind: v.Kind, Text: string(v.AppendJSON(nil))}
		}
		env.Values = append(env.Values, v)
		env.Slots = append(env.Slots, i)
	}
	return env
}

func shown(v alert.Value, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return string(alert.FromAny(deep(toAny(v))).AppendJSON(nil))
}

// evaluate runs text in all four ways and gives the one result they must have.
func evaluate(t *testing.T, text string) string {
	t.Helper()
	p, faults := Compile(text, sampleScope)
	if len(faults) > 0 {
		t.Errorf("%s\n  does not compile: %v", text, faults)
		return ""
	}
	m := NewMachine()
	v, err := p.Run(m, environment(p, false))
	want := shown(v, err)
	if err == nil && !p.Yields.Has(v.Kind) {
		t.Errorf("%s\n  yields kind %d, which Yields %b denies", text, v.Kind, p.Yields)
	}
	for _, raw := range []bool{false, true} {
		for name, program := range map[string]*Program{"fast": p, "plain": p.Plain()} {
			v, err := program.Run(m, environment(p, raw))
			if got := shown(v, err); got != want {
				t.Errorf("%s\n  %s, raw %v: %s\n  but fast: %s", text, name, raw, got, want)
			}
		}
	}
	return want
}

type example struct{ text, want string }

// examples reads lines of `expression => JSON of its value`.
func examples(t *testing.T, lines string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		text, want, ok := strings.Cut(line, " => ")
		if !ok {
			t.Fatalf("no example: %q", line)
		}
		text = strings.TrimSpace(text)
		if got := evaluate(t, text); got != strings.TrimSpace(want) {
			t.Errorf("%s\n  gives %s\n  want  %s", text, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	examples(t, `
rule.level => 10
alert.rule.level => 10
alert["@timestamp"] => "2024-04-22T14:20:46.976Z"
alert["in"] => "inside"
alert.in => "inside"
alert.it => "own"
data["ü"] => "größer"
data.ü => "größer"
rule.groups[1] => "sshd"
rule["groups"][-1] => "authentication_failed"
rule?.mitre?.id[0] => "T1110"
rule.mitre["i" + "d"][1] => "T1021.004"
line => "{\"a\":1}"
it[0] => "T1110"
severity + 1 => 4
who => "let"
let who = "own"; who => "own"
let a = rule.level; let b = a + 1; a * b => 110
tables.tactics.Execution => "TA0002"
tables.tactics["Impact"] => "TA0040"
tables["tactics"][rule.missing] => null
tables.tactics.Nope => null
tables.ports[data.srcport] => "ssh"
tables.ports[20 + 2] => "ssh"
tables.ports[80] => "http"
tables.odd[1].b => 1
len(tables) => 3
alert.id => "1700000000.1"
len(keys(alert)) => 7
`)
}

func TestAbsence(t *testing.T) {
	examples(t, `
nothing => null
nothing.at.all[3].x => null
rule.level.x => null
rule.groups[17] => null
rule.groups[-17] => null
rule.groups["0"] => null
rule.description[0] => null
nothing[1:2] => null
rule.groups[5:9] => []
nothing + 1 => null
-nothing => null
nothing * 2 / 0 => null
nothing .. 5 => null
lower(nothing) => null
replace("a", nothing, "b") => null
len(nothing) => null
split(nothing, ",") => null
join(nothing, ",") => null
nothing < 5 => false
nothing >= 5 => false
5 > nothing => false
nothing == nil => true
nothing != nil => false
nothing == 5 => false
nothing != 5 => true
nothing in [1] => false
1 in nothing => false
nothing contains "x" => false
"x" startsWith nothing => false
nothing matches "x" => false
"x" matches nothing => false
nothing ? 1 : 2 => 2
nothing and true => false
nothing or true => true
not nothing => true
nothing ?? "x" => "x"
empty ?? "x" => "x"
0 ?? "x" => 0
false ?? "x" => false
[] ?? "x" => []
default(empty, "x") => "x"
default(nothing, nothing) => null
filter(nothing, # > 1) => null
map(nothing, #) => null
all(nothing, #) => null
any(nothing, #) ? 1 : 2 => 2
count(nothing) => null
sum(nothing) => null
reduce(nothing, #acc + #, 0) => null
reduce([], #acc + #) => null
sortBy(nothing, #) => null
groupBy(nothing, #) => null
find(nothing, #) => null
max(nothing, 3) => 3
max(nothing) => null
mean([]) => null
concat(nothing, [1]) => [1]
concat(nothing) => null
zip(nothing, nothing) => null
regex(nothing, "a") => null
isIP(nothing) => null
inCIDR(nothing, "10.0.0.0/8") => null
toJSON(nothing) => null
string(nothing) => null
type(nothing) => "nil"
sha256(nothing) => null
keys(nothing) => null
`)
}

func TestLaziness(t *testing.T) {
	examples(t, `
true ? 1 : lower([rule]) => 1
rule.level > 5 ? 1 : rule.description * 2 => 1
false and rule.description * 2 > 1 => false
true or rule.description * 2 > 1 => true
"a" ?? (rule.description * 2) => "a"
default("a", rule.description * 2) => "a"
if rule.level > 5 { 1 } else { rule.description * 2 } => 1
if rule.level > 50 { 1 } else if rule.level > 5 { 2 } else { 3 } => 2
`)
	for _, text := range []string{"rule.description ? 1 : 2", "rule.level and true", "not rule.groups", "filter(rule.groups, #)"} {
		if got := evaluate(t, text); !strings.HasPrefix(got, "error: a condition must be true or false") {
			t.Errorf("%s gives %s, want an error about its condition", text, got)
		}
	}
}

func TestNumbersInText(t *testing.T) {
	examples(t, `
data.srcport == 22 => true
22 == data.srcport => true
data.srcport != 22 => false
"5" == "5.0" => false
5 == "5.0" => true
"10" > "9" => true
"10" > "9a" => false
"abc" < "abd" => true
data.srcport >= 22 => true
data.srcport - 2 => 20
data.srcport * "2" => 44
"5" + 1 => "51"
"port " + 22 => "port 22"
1.5 + "x" => "1.5x"
"5" + "1" => "51"
"7" % 4 => 3
-data.srcport => -22
+data.srcport => 22
9223372036854775807 == 9223372036854775807.0 => false
data.big > 9223372036854775807 => true
max("5", 10, ["30", nothing]) => 30
min(3, "2") => 2
sum([1, "2", nothing]) => 3
sum(data.users, .age) => 55
mean([1, 2]) => 1.5
mean("4", 6) => 5
median([3, "1", 2]) => 2
median([4, 1, 2, 3]) => 2.5
abs("-5") => 5
round("2.5") => 3
floor(2.7) => 2
ceil("7") => 7
int("12.7") => 12
int(-2.7) => -2
float("3") => 3
data.srcport in [22, 80] => true
22 in ["22"] => true
22 not in ["22"] => false
lower(5) => "5"
2217 contains "21" => true
2217 matches "^22" => true
len(12345) => 5
split(1.5, ".") => ["1","5"]
rule.id[1:3] => "71"
rule.level[:1] => "1"
1 < rule.level <= 10 => true
`)
}

func TestArithmetic(t *testing.T) {
	examples(t, `
6 / 2 => 3
7 / 2 => 3.5
-7 % 3 => -1
7.5 % 2 => 1.5
2 ** 10 => 1024
2 ** -1 => 0.5
2 ^ 0.5 > 1.41 => true
9223372036854775807 + 1 == 9223372036854775808.0 => true
9223372036854775807 * 2 => 18446744073709552000
-9223372036854775807 - 2 => -9223372036854776000
10 ** 30 => 1e+30
1..4 => [1,2,3,4]
3..1 => []
bitand(6, "3") => 2
bitshl(1, 4) => 16
bitushr(-1, 63) => 1
bitnot(0) => -1
`)
	for text, want := range map[string]string{
		"rule.level / 0":           "division by zero",
		"rule.level % 0":           "division by zero",
		"rule.level / 0.0":         "division by zero",
		"rule.description * 2":     "no number",
		"rule.groups + 1":          "a list",
		"data.ok + 1":              "true or false",
		"data.ok + 'x'":            "string(",
		"rule.level > data.srcip":  "no number",
		"rule.groups > 1":          "no order",
		"10.0 ** (rule.level*100)": "too large",
		"bitshl(1, -rule.level)":   "negative",
		"1..rule.level*1000000":    "items",
	} {
		if got := evaluate(t, text); !strings.HasPrefix(got, "error: ") || !strings.Contains(got, want) {
			t.Errorf("%s gives %s, want an error with %q", text, got, want)
		}
	}
}

func TestTexts(t *testing.T) {
	examples(t, `
upper("größe") => "GRÖßE"
trim("  a ") => "a"
trim("xax", "x") => "a"
trimPrefix("HelloWorld", "Hello") => "World"
trimSuffix("a.log", ".log") => "a"
hasPrefix(rule.description, "sshd") => true
"größer"[2:4] => "öß"
"abc"[-2:] => "bc"
len("größer") => 6
indexOf("größer", "er") => 4
lastIndexOf("a.b.c", ".") => 3
indexOf("a", "z") => -1
replace("a.b.c", ".", "-") => "a-b-c"
replace("a.b.c", ".", "-", 1) => "a-b.c"
repeat("ab", 3) => "ababab"
split("a,b,c", ",") => ["a","b","c"]
split("a,b,c", ",", 2) => ["a","b,c"]
splitAfter("a,b", ",") => ["a,","b"]
string(1.0) => "1"
string(true) => "true"
string([1, "a"]) => "[1,\"a\"]"
toJSON({b: 1, a: "<&>"}) => "{\"a\":\"<&>\",\"b\":1}"
toJSON(rule.mitre) => "{\"id\":[\"T1110\",\"T1021.004\"],\"technique\":[\"Brute Force\"]}"
fromJSON('{"b": [1, 2.5], "a": null}').b[1] => 2.5
fromJSON('"x"') => "x"
fromJSON(' 12 ') => 12
toBase64("hi") => "aGk="
fromBase64("aGk=") => "hi"
sha256("abc") => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
rule.description contains "Failed" => true
rule.description matches "^sshd" => true
not (rule.description matches "^x") => true
rule.description not matches "^x" => true
rule.description | lower() => "sshd: failed"
regex("user=ann pid=7", "user=(\\w+)") => "ann"
regex("user=ann", "\\w+=") => "user="
regex("user=ann pid=7", "(\\w+)=(\\w+)", 2) => "ann"
regex("user=ann", "(?P<who>a\\w+)", "who") => "ann"
regex("user=ann", "x(y)?") => null
regex(rule.description, "(" + "sshd" + ")") => "sshd"
isIP(data.srcip) => true
isIP("fe80::1%eth0") => false
isIPv4("::1") => false
isIPv6("::1") => true
inCIDR(data.srcip, "10.0.0.0/8") => true
inCIDR(data.srcip, ["192.168.0.0/16", "10.1.2.3"]) => true
inCIDR("::ffff:10.1.2.3", "10.0.0.0/8") => true
inCIDR(rule.description, "10.0.0.0/8") => false
`)
}

func TestLists(t *testing.T) {
	examples(t, `
"sshd" in rule.groups => true
"sshd" in data.group => true
"x" not in rule.groups => true
"level" in rule => true
any(rule.groups, # startsWith "auth") => true
any(data.group, # == "sshd") => true
all(rule.groups, len(#) > 3) => true
none(rule.groups, # == "x") => true
one(rule.groups, # == "sshd") => true
filter(rule.groups, len(#) < 5) => ["sshd"]
map(rule.groups, upper(#)) => ["SYSLOG","SSHD","AUTHENTICATION_FAILED"]
map(data.group, #) => ["sshd"]
map(data.users, .name) => ["ann","bob","cy"]
filter(data.users, .age > 26) => [{"age":30,"name":"ann"}]
count(rule.groups, # != "sshd") => 2
find(rule.groups, # contains "s") => "syslog"
findIndex(rule.groups, # == "sshd") => 1
findLast(rule.groups, # contains "s") => "sshd"
findLastIndex(rule.groups, # == "zzz") => null
reduce(rule.groups, #acc + "," + #) => "syslog,sshd,authentication_failed"
reduce([1, 2, 3], #acc + # * #index, 10) => 18
map(1..3, map(1..#, # * 2)) => [[2],[2,4],[2,4,6]]
map([1, 2], let x = #; map([10], # * x)) => [[10],[20]]
groupBy(data.users, .age ?? "none") => {"25":[{"age":"25","name":"bob"}],"30":[{"age":30,"name":"ann"}],"none":[{"name":"cy"}]}
map(sortBy(data.users, .age), .name) => ["bob","ann","cy"]
map(sortBy(data.users, .age, "desc"), .name) => ["ann","bob","cy"]
sort([10, "9", "b", nil, "a", true]) => ["9",10,"a","b",true,null]
sort(["a", "b"], "desc") => ["b","a"]
uniq([1, "1", "a", 2, "a", nil, nil]) => [1,"a",2,null]
reverse(rule.groups)[0] => "authentication_failed"
concat(rule.groups, "x", nothing)[3] => "x"
flatten(data.nested) => [1,2,3]
flatten([1, [2, [3]]]) => [1,2,3]
join(rule.groups, ", ") => "syslog, sshd, authentication_failed"
join([1, nil, "", "a", true]) => "1atrue"
join(data.group, ",") => "sshd"
join(rule.mitre.nope ?? rule.groups[:1], ",") => "syslog"
zip(rule.mitre.id, rule.mitre.technique) => [["T1110","Brute Force"],["T1021.004",null]]
zip("a", nothing) => [["a",null]]
zip([]) => []
first(rule.groups) => "syslog"
last(rule.groups) => "authentication_failed"
first(data.group) => "sshd"
take(rule.groups, 1) => ["syslog"]
rule.groups[1:] => ["sshd","authentication_failed"]
rule.groups[:-2] => ["syslog"]
keys({b: 1, a: 2}) => ["a","b"]
values({b: 1, a: 2}) => [2,1]
toPairs({b: 1, a: 2}) => [["a",2],["b",1]]
fromPairs([["a", 1], [2, "b"]]) => {"2":"b","a":1}
{"a": 1, (rule.id): 2, (nothing): 3} => {"5710":2,"a":1}
get(rule, "level") => 10
get(rule.groups, 9) => null
get(rule, 1) => null
[1, [2]] == [1, ["2"]] => true
{a: 1} == {a: "1"} => true
type(rule) + type(rule.groups) + type(1) + type(1.5) + type("") + type(true) => "maparrayintfloatstringbool"
let g = rule.groups; filter(g, # in g[1:]) => ["sshd","authentication_failed"]
`)
}

func TestEvaluationIsRepeatable(t *testing.T) {
	const text = `toJSON([groupBy(data.users, .age), keys(alert), values(rule.mitre), uniq(rule.groups)])`
	want := evaluate(t, text)
	for i := range 50 {
		if got := evaluate(t, text); got != want {
			t.Fatalf("run %d gives %s, the first gave %s", i, got, want)
		}
	}
}

func ExampleCompile() {
	p, _ := Compile(`rule.level >= 15 ? "high" : "low"`, Scope{})
	v, err := p.Run(NewMachine(), &Env{Values: []alert.Value{alert.OfInt(7)}})
	fmt.Println(p.Reads, v.Text, err)
	// Output: [rule.level] low <nil>
}
