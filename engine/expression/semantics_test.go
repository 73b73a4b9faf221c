package expression

import (
	"strings"
	"testing"
)

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
let a = rule.level; let b = a * 2; a * b => 200
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
nothing >= 0 => false
"" >= 0 => false
0 >= "" => false
"" < rule.level => false
"" < "a" => true
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
regexReplace(nothing, "a", "b") => null
regexReplace("a", nothing, "b") => null
redact("a", "a", nothing) => null
round(1.25, nothing) => null
parseCSV("a", nothing) => null
get(nothing, "a") => null
get(rule, nothing) => null
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
true ? 1 : lower(rule) => 1
rule.level > 5 ? 1 : rule.description * 2 => 1
false and rule.description * 2 > 1 => false
true or rule.description * 2 > 1 => true
"a" ?? (rule.description * 2) => "a"
default("a", rule.description * 2) => "a"
(rule.description * 2) ?? "a" => "a"
fromJSON(rule.description) ?? (rule.groups * 2) ?? "none" => "none"
default(int(rule.description), 7) => 7
try(rule.description * 2) => null
try(rule.level * 2) => 20
try(int("x")) => null
int("x") ?? 5 => 5
[try(1 / 0), (1 / 0) ?? 2] => [null,2]
map(rule.groups, try(int(#)) ?? len(#)) => [6,4,21]
map([1, "x"], (let v = # * 2; v) ?? 0) => [2,0]
try(any(rule.groups, # > 1)) => null
any(rule.groups, try(# > 1)) => false
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
int("0x1f") => 31
int("0X1F") => 31
int("-0x10") => -16
float("0x10") => 16
int("0x7fffffffffffffff") => 9223372036854775807
try(int("0x")) => null
try(int("0x-1")) => null
try(int("-0x-1")) => null
try(int("0xg")) => null
try(int("0x1.8")) => null
try(int("0x8000000000000000")) => null
"0x10" == 16 => false
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
		"rule.description * 2":     "not a number",
		"rule.groups + 1":          "a list",
		"data.ok + 1":              "true or false",
		"data.ok + 'x'":            "string(",
		"rule.level > data.srcip":  "not a number",
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
