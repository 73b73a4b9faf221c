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

func TestFormats(t *testing.T) {
	examples(t, `
parseKV("type=USER_LOGIN msg=audit(1.2:3): pid=7 acct=\"ro ot\" res=") => {"acct":"ro ot","msg":"audit(1.2:3):","pid":"7","res":"","type":"USER_LOGIN"}
parseKV("op='x acct=\"root\"' a=\"say \\\"hi\\\" \\\\\"") => {"a":"say \"hi\" \\","op":"x acct=\"root\""}
parseKV("a: 1; b : x y ;;c:\"1;2\"; d", ";", ":") => {"a":"1","b":"x y","c":"1;2"}
parseKV("dst=10.0.0.1\tmsg=a b=c\tempty=\tx=1", "\t") => {"dst":"10.0.0.1","empty":"","msg":"a b=c","x":"1"}
parseKV("a=1 a=2 b=3 a=4") => {"a":["1","2","4"],"b":"3"}
parseKV("a=\"open b='x'y c=it's") => {"a":"\"open","b":"'x'y","c":"it's"}
parseKV("\"a b\"=1 'c'=\"2\" =3") => {"a b":"1","c":"2"}
[parseKV("no pairs here"), parseKV(""), parseKV(nothing), parseKV("a=1", nothing)] => [null,null,null,null]
parseKV(5) ?? "none" => "none"
[parseCSV("a,b"), parseCSV("a|b|", "|"), parseCSV("\"a\"\"b\",\",\"\r\n"), parseCSV("a::b", "::")] => [["a","b"],["a","b",""],["a\"b",","],["a","b"]]
[parseCSV(""), parseCSV(nothing), parseCSV(7), parseCSV("\"open, x"), parseCSV("\"a\"x,b")] => [null,null,["7"],["open, x"],["ax","b"]]
parseURL("http://User:pw@[2001:db8::1]:8080/a%20b?c=d&e=%zz#f") => {"fragment":"f","hostname":"2001:db8::1","path":"/a%20b","port":8080,"query_string":"c=d&e=%zz","scheme":"http","user":"User"}
[parseURL("/index.php?id=1"), parseURL("www.example.com:443"), parseURL("//cdn/x"), parseURL("mailto:a@b")] => [{"path":"/index.php","query_string":"id=1"},{"hostname":"www.example.com","port":443},{"hostname":"cdn","path":"/x"},{"path":"a@b","scheme":"mailto"}]
[parseURL("Git+ssh.2-a://h").scheme, parseURL("a_b://h").scheme, parseURL("1a://h").scheme, parseURL("é://h").scheme] => ["Git+ssh.2-a",null,null,null]
[try(parseURL("a\nb")), try(parseURL("http://h:99999/")), try(parseURL("http://[::1/")), parseURL(""), parseURL(nothing)] => [null,null,null,null,null]
[try(parseURL("http://h:80:90/")), try(parseURL("http://::1/")), try(parseURL("//h:80:")), try(parseURL("http://a:b:c@h:80/").user)] => [null,null,null,"a"]
parseURL("https://example.com/a").hostname => "example.com"
parseQuery("?a=1&b=%C3%A4+%2B&a=&c&%ff=%zz%4") => {"a":["1",""],"b":"ä +","c":"","�":"%zz%4"}
[parseQuery(""), parseQuery("&&"), parseQuery(nothing)] => [null,null,null]
[unescape("a\\nb\\t\\\"\\'\\\\n\\/"), unescape("\\u00e4\\ud83d\\ude00\\ud800x\\u12"), unescape("C:\\q\\"), unescape(nothing), unescape(5)] => ["a\nb\t\"'\\n/","ä😀�x\\u12","C:\\q\\",null,"5"]
`)
}

func TestNumberFunctions(t *testing.T) {
	examples(t, `
[round(1.25, 1), round(-1.25, 1), round(1.005, 2), round("2.675", 2), round(1e22, 3), round(0.04, 1)] => [1.3,-1.3,1.01,2.68,1e+22,0]
[round(1250, -2), round(-1250, -2), round(1249, -2), round(7, 3), round(7, -1), round(4, -1), round(1234.5, -2)] => [1300,-1300,1200,7,10,0,1200]
[round(9223372036854775807, -1), round(-9223372036854775807, -18), round(9223372036854775807, -19), round(5, -99), round(1.5, 9000)] => [9223372036854776000,-9000000000000000000,10000000000000000000,0,1.5]
[type(round(1.25, 1)), type(round(1250, -2)), type(round("7", 0))] => ["float","int","int"]
[int("0x1F"), int("-0x10"), try(int(" 7")), int("7.9"), int(-7.9), float("0x10"), float("1e3")] => [31,-16,null,7,-7,16,1000]
[try(int("0x")), try(int("0x-1")), try(int("0xg")), try(int("0xffffffffffffffff")), float("0xffffffffffffffff")] => [null,null,null,null,18446744073709552000]
`)
}

func TestPatterns(t *testing.T) {
	examples(t, `
regex("user=ann uid=7", "(?P<who>a\\w+)( uid=(?P<uid>\\d+))?( gid=(?P<gid>\\d+))?") => {"uid":"7","who":"ann"}
regex("user=ann", "(?P<who>a\\w+)", "who") => "ann"
regex("user=ann", "(?P<who>x\\w+)") => null
regex("user=ann", "(?P<" + "who>a\\w+)").who => "ann"
regexAll("a1 b2", "[a-z](\\d)") => ["1","2"]
regexAll("a1 b2", "(?P<l>[a-z])(?P<d>\\d)")[1].l => "b"
[regexAll("x", "y"), regexAll(nothing, "y"), regexAll("y", nothing), regexAll(1212, "1")] => [null,null,null,["1","1"]]
regexAll("a1 b2", "[a-z]" + "(\\d)") => ["1","2"]
regexReplace("a1 b2", "([a-z])(?P<d>\\d)", "${d}$1$$") => "1a$ 2b$"
[regexReplace("abc", "", "-"), regexReplace("abc", "x", "-"), regexReplace(nothing, "x", "-"), regexReplace("x", "x", nothing)] => ["-a-b-c-","abc",null,null]
redact("curl -u ann:s3cret http://x -p s3cret", "-u \\w+:(\\S+)|-p (\\S+)", "***") => "curl -u ann:*** http://x -p ***"
[redact("4111 1111", "\\d{4}"), redact("a(b)c", "((b))", "$1"), redact("abc", "x*"), redact(nothing, "x")] => ["[REDACTED] [REDACTED]","a($1)c","abc",null]
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
omit({b: 1, a: [2], "5": 3}, ["b", 5]) => {"a":[2]}
[omit({a: 1, b: 2}, "b"), omit({a: 1}, nothing), omit({a: 1}, "a"), omit(nothing, ["a"])] => [{"a":1},{"a":1},{},null]
omit({a: 1, b: 2, c: 3}, {b: false, c: nil, d: 1}) => {"a":1,"c":3}
[omit(rule.mitre, ["id"]), rule.mitre.id[0]] => [{"technique":["Brute Force"]},"T1110"]
let x = {a: 1, b: 2}; [omit(x, "a"), x] => [{"b":2},{"a":1,"b":2}]
{"a": 1, (rule.id): 2, (nothing): 3} => {"5710":2,"a":1}
get(rule, "level") => 10
get(rule.groups, 9) => null
get(rule, 1) => null
[get(rule, "mitre.id.1"), get(rule, "mitre.id[-1]"), get(alert, "rule.mitre"), get(rule, "mitre.id.9"), get(rule, "level.x")] => ["T1021.004","T1021.004",{"id":["T1110","T1021.004"],"technique":["Brute Force"]},null,null]
[get({"a.b": {"c d": [1]}}, "a.b"), get({"a.b": {"c d": [1]}}, '["a.b"]["c d"].0'), get({"a": {"b": 1}, "a.b": 2}, "a.b")] => [{"c d":[1]},1,2]
[get(rule, "mitre."), get(rule, ".mitre"), get(rule, "mitre..id"), get(rule, "["), get(rule, "[0"), get(rule, '["mitre"'), get(rule, "")] => [null,null,null,null,null,null,null]
[get(rule, "nope", 7), get(rule, "level", 7), get(nothing, "a", "b"), get(rule, nothing, "b"), get(rule, "nope", 1 < 2)] => [7,10,"b","b",true]
get(rule, "level", int(rule.description)) => 10
get({"a": 1}, "b", "c") => "c"
[1, [2]] == [1, ["2"]] => true
{a: 1} == {a: "1"} => true
type(rule) + type(rule.groups) + type(1) + type(1.5) + type("") + type(true) => "maparrayintfloatstringbool"
let g = rule.groups; filter(g, # in g[1:]) => ["sshd","authentication_failed"]
`)
}

// Law: get by a constant path, which reads nothing but what is there, gives what it
// gives by a computed one.
func TestGetByConstantPath(t *testing.T) {
	for _, from := range []string{"rule", "rule.mitre", "alert", "data", "data.users[0]", "who", "it", "line", "tables", "tables.ports", "(let v = rule; v)", "nothing"} {
		for _, path := range []string{"level", "mitre.id", "mitre.id.0", "id.1", "rule.mitre", "users", "a.b", "name", "22", "ports.22", "tactics", `["mitre"].id`, "mitre.", "", "..", "nested"} {
			for _, otherwise := range []string{"", `, "none"`} {
				constant := evaluate(t, fmt.Sprintf("get(%s, %q%s)", from, path, otherwise))
				computed := evaluate(t, fmt.Sprintf("get(%s, trim(line, line) + %q%s)", from, path, otherwise))
				if constant != computed {
					t.Errorf("get(%s, %q%s) gives %s, with a computed path %s", from, path, otherwise, constant, computed)
				}
			}
		}
	}
	p, _ := Compile(`get(data, "win.system.id", 0)`, Scope{})
	if got := fmt.Sprint(p.Reads); got != `[data.win.system.id data["win.system.id"]]` {
		t.Errorf("reads %s", got)
	}
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
