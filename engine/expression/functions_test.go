package expression

import (
	"fmt"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

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
fromHex("6869") => "hi"
try(fromHex("6")) => null
try(fromHex("ff")) => null
fromBase64URL("aT8_") => "i??"
fromBase64URL("aGk=") => "hi"
fromPercent("a%20b%2Fc+d") => "a b/c+d"
try(fromPercent("%zz")) => null
fromUTF16("aABpAA==") => "hi"
fromUTF16("PdgA3g==") => "😀"
try(fromUTF16("aGk")) => null
[fromHex(nothing), fromBase64URL(nothing), fromPercent(nothing), fromUTF16(nothing)] => [null,null,null,null]
md5("") => "d41d8cd98f00b204e9800998ecf8427e"
sha1("") => "da39a3ee5e6b4b0d3255bfef95601890afd80709"
len(sha512("")) => 128
len(hmac("", "")) => 64
[basename("/a/b.txt"), basename("b.txt"), basename("/a/"), basename("C:\\a\\b")] => ["b.txt","b.txt","","b"]
[dirname("/a/b.txt"), dirname("b.txt"), dirname("/a"), dirname("C:\\a\\b")] => ["/a",null,"/","C:\\a"]
[isNumber(1.5), isNumber("7"), isNumber("7x"), isNumber([1]), isNumber(true)] => [true,true,false,false,false]
[isJSON("{}"), isJSON("{"), isJSON(""), isJSON(5), isJSON("\"x\"")] => [true,false,false,false,true]
[isPrivate(data.srcip), isPrivate("8.8.8.8"), isPrivate("fd00::1"), isPrivate("::ffff:10.0.0.1"), isPrivate("x")] => [true,false,true,true,false]
[md5(nothing), hmac(nothing, "k"), basename(nothing), dirname(nothing), isNumber(nothing), isJSON(nothing), isPrivate(nothing)] => [null,null,null,null,null,null,null]
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
[1, findLast([5, 6], # > 4), 1 + findLastIndex([5, 6], # > 4)] => [1,6,2]
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

// A program is shared, machines are not.
func TestProgramsAreShared(t *testing.T) {
	const text = `join(map(filter(rule.groups, # != "syslog"), upper(#)), "+") + regex(rule.id, "(1)")`
	p, faults := Compile(text, sampleScope)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m := NewMachine()
			for range 200 {
				if got := shown(p.Run(m, environment(p, true))); got != `"SSHD+AUTHENTICATION_FAILED1"` {
					t.Errorf("gives %s", got)
					return
				}
			}
		})
	}
	wg.Wait()
}
