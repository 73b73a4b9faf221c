package expression

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Each of these would take far too much time or memory.
func TestLimits(t *testing.T) {
	for text, want := range map[string]string{
		`map(1..1000, map(1..1000, map(1..1000, #)))`:                                       "steps",
		`count(1..n, any(1..n, any(1..n, # == -1)))`:                                        "steps",
		`let a = repeat("x", n*4000); let b = repeat("x", n*4000); count(1..n*900, a == b)`: "steps",
		`let a = repeat("1", n*4000); count(1..n*900, a < a)`:                               "steps",
		`let a = repeat("1", n*4000); sort(map(1..n*100, a))`:                               "steps",
		`1..n*1001`:                                                                      "items",
		`concat(1..n*400, 1..n*400, 1..n*400)`:                                           "steps",
		`repeat("x", n * 1000000)`:                                                       "MiB",
		`repeat(line, 9223372036854775807)`:                                              "MiB",
		`map(1..n, repeat("x", 1000000))`:                                                "MiB",
		`replace(repeat("a", 1000000), "", repeat("b", 1000))`:                           "MiB",
		`join(map(1..n, repeat("x", 20000)), repeat("y", 9999))`:                         "MiB",
		`let a = map(1..n, line); let b = map(1..n, a); let c = map(1..n, b); toJSON(c)`: "MiB",
		`let a = map(1..n, line); let b = map(1..n, a); let c = map(1..n, b); c`:         "MiB",
		`let a = map(1..n, line); let b = map(1..n, a); let c = map(1..n, b); c == c`:    "steps",
		`reduce(1..n, #acc + #acc, "x")`:                                                 "MiB",
		`reduce(1..40, ({a: #acc, b: #acc}), "x")`:                                       "MiB",
		`"x" matches repeat("a", n*10)`:                                                  "bytes",
		`split(repeat("a,", n*1000), ",")`:                                               "items",
		`map(1..n, map(1..n, map(1..n, #))) ?? 1`:                                        "steps",
		`try(map(1..n, repeat("x", 1000000)))`:                                           "MiB",
		`regexAll(repeat("a", n*10), "a.*b|a")`:                                          "too often",
		`regexReplace(repeat("a", n*1000), "a*", repeat("$0", n*10))`:                    "MiB",
		`regexReplace(repeat("a", n*5), "a", repeat("x", n*10))`:                         "MiB",
		`redact(repeat("a", n*5), "a", repeat("x", n*10))`:                               "MiB",
		`map(1..n, parseKV(repeat("a=1 ", n)))`:                                          "steps",
		`parseKV(repeat("'\\", n*500), "\\")`:                                            "steps",
		`map(1..n, parseCSV(repeat("a,", n*2)))`:                                         "MiB",
		`map(1..n, parseQuery(repeat("a&", n)))`:                                         "steps",
		`map(1..n, unescape(repeat("\\n", n*100)))`:                                      "MiB",
		`uniq(map(1..n*10, [#]))`:                                                        "steps",
	} {
		p, faults := Compile(text, Scope{})
		if len(faults) > 0 {
			if !strings.Contains(faults[0].Message, want) {
				t.Errorf("%s: %v", text, faults)
			}
			continue
		}
		env := &Env{Line: "line"}
		for range p.Reads {
			env.Values = append(env.Values, alert.OfInt(1000))
		}
		if _, err := p.Run(NewMachine(), env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one about %s", text, err, want)
		}
	}
}

// Errors go into logs and reject reasons, so they must not quote the alert.
func TestErrorsHoldNoContents(t *testing.T) {
	for _, text := range []string{
		`secret * 2`, `secret > 5`, `secret ? 1 : 2`, `fromJSON(secret)`, `fromBase64(secret)`, `"x" matches ("(" + secret)`,
		`inCIDR("10.0.0.1", secret)`, `map(list, # * 2)`, `list contains "x"`, `int(secret)`, `sort([1], secret)`, `-secret`,
		`fromPairs([secret])`, `keys(secret)`, `{(list): 1}`, `repeat(secret, -1)`, `parseURL(secret + "\n")`,
		`regexAll(list, "x")`, `redact(secret, "(" + secret)`, `round(secret, 2)`, `join([list], secret)`, `1..secret`,
	} {
		p, faults := Compile(text, Scope{})
		if len(faults) > 0 {
			t.Errorf("%s: %v", text, faults)
			continue
		}
		env := &Env{}
		for _, path := range p.Reads {
			v := alert.OfText("S3CRET")
			if path[0].Name == "list" {
				v = alert.From([]any{"S3CRET"})
			}
			env.Values = append(env.Values, v)
		}
		if _, err := p.Run(NewMachine(), env); err == nil || strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: error %v, want one without the secret", text, err)
		}
	}
}

// A Machine works as before after it ran into a limit.
func TestMachineRecovers(t *testing.T) {
	heavy, _ := Compile(`map(1..n, map(1..n, map(1..n, #)))`, Scope{})
	light, _ := Compile(`map(1..n, #)`, Scope{})
	m := NewMachine()
	for range 3 {
		if _, err := heavy.Run(m, &Env{Values: []alert.Value{alert.OfInt(1000)}}); err == nil {
			t.Fatal("the heavy program runs through")
		}
		if got := shown(light.Run(m, &Env{Values: []alert.Value{alert.OfInt(2)}})); got != "[1,2]" {
			t.Fatalf("gives %s afterwards, want [1,2]", got)
		}
	}
	if len(m.Stack) != 0 || m.base != 0 || m.env != nil || m.iteration.item.Kind != alert.Nil {
		t.Errorf("the machine keeps %d values on its stack, base %d, %+v", len(m.Stack), m.base, m.iteration)
	}
}
