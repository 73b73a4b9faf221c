package expression

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// writer makes an expression and values out of arbitrary bytes.
type writer struct {
	bytes  []byte
	depth  int
	leaves []string // of the expressions; nil: those of leaf
}

func (w *writer) pick(n int) int {
	if len(w.bytes) == 0 {
		return 0
	}
	b := w.bytes[0]
	w.bytes = w.bytes[1:]
	return int(b) % n
}

func (w *writer) one(of ...string) string { return of[w.pick(len(of))] }

// leaf writes an expression of one part.
func (w *writer) leaf() string {
	if w.leaves != nil {
		return w.one(w.leaves...)
	}
	return w.one(`a`, `b.c`, `b["d e"][0]`, `alert`, `line`, `it`, `it[1]`, `severity`, `nil`, `true`, `false`, `0`, `5`, `-1`, `2.5`,
		`""`, `"5"`, `"x"`, `"5x"`, `"tö"`, `[]`, `[1, "5", nil]`, `{a: 1}`, `tables.tactics`, `9223372036854775807`, `"10.0.0.0/8"`, `"(x)?"`)
}

// expression writes an expression of bounded depth.
func (w *writer) expression() string {
	if w.depth > 4 {
		return w.leaf()
	}
	w.depth++
	defer func() { w.depth-- }()
	x := w.expression
	switch w.pick(14) {
	case 0, 1:
		return w.leaf()
	case 2:
		return "(" + x() + w.one(" < ", " <= ", " > ", " >= ", " == ", " != ") + x() + ")"
	case 3:
		return "(" + x() + w.one(" + ", " - ", " * ", " / ", " % ", " ** ") + x() + ")"
	case 4:
		return "(" + x() + w.one(" and ", " or ", " in ", " not in ", " contains ", " startsWith ", " endsWith ", " matches ") + x() + ")"
	case 5:
		return "(" + x() + " ?? " + x() + ")"
	case 6:
		return "(" + x() + " ? " + x() + " : " + x() + ")"
	case 7:
		return w.one("not ", "-", "+") + "(" + x() + ")"
	case 8:
		return "(" + x() + ")" + w.one("["+x()+"]", "["+x()+":]", "[:"+x()+"]", ".a", "?.b")
	case 9:
		return w.one("lower", "len", "string", "trim", "int", "float", "round", "type", "sort", "uniq", "reverse", "first", "last", "keys", "toJSON",
			"fromJSON", "flatten", "isIP", "abs", "max", "median", "sha256", "toPairs", "join", "values", "mean", "try",
			"parseKV", "parseURL", "parseQuery", "parseCSV", "unescape", "fromHex", "basename", "isJSON", "isNumber") + "(" + x() + ")"
	case 10:
		return w.one("join", "split", "zip", "default", "concat", "regex", "inCIDR", "get", "take", "indexOf", "min", "sort", "hasPrefix", "omit",
			"regexAll", "redact", "round", "parseKV", "parseCSV") + "(" + x() + ", " + x() + w.one("", ", "+x()) + ")"
	case 11:
		return w.one("map", "filter", "any", "all", "none", "one", "count", "find", "findLastIndex", "sortBy", "groupBy", "sum", "reduce") +
			"(" + x() + ", " + w.one("#", "#index", "# == "+x(), x(), "#.a", "# in "+x()) + ")"
	case 12:
		return "(let v = " + x() + "; [v, " + x() + "])"
	}
	return "[" + x() + ", " + x() + "]"
}

// value is any value.
func (w *writer) value() any {
	w.depth++
	defer func() { w.depth-- }()
	switch w.pick(12) {
	case 0:
		return nil
	case 1:
		return w.pick(2) == 0
	case 2:
		return w.pick(256) - 128
	case 3:
		return float64(2*w.pick(128)-127) / 4 // with a fraction: JSON has others as integers
	case 4:
		return w.one("", "5", "5.0", "-7", "x", "tö", "10.1.2.3", "18446744073709551616", `{"a":[1]}`)
	case 5, 6:
		if w.depth < 4 {
			return []any{w.value(), w.value()}
		}
	case 7:
		if w.depth < 4 {
			return map[string]any{"a": w.value(), "5": w.value(), "d e": w.value()}
		}
	case 8:
		return []any{}
	}
	return w.one("x", "5", "sshd")
}

// FuzzRawAndMade checks that a program gives the same value or an error whether
// lists and objects are made or raw, and in whatever memory, and a kind that Yields has.
func FuzzRawAndMade(f *testing.F) {
	for _, seed := range []string{"", "\x02\x00\x01", "\x05\x04\x03\x02", "\x0b\x00\x05\x02\x00\x07", "\x0a\x02\x00\x00\x00\x02", "\x08\x02\x00\x04", "\x06\x02\x01\x02\x05\x06\x07\x08"} {
		f.Add([]byte(seed))
	}
	m, lent := NewMachine(), newLent()
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &writer{bytes: data}
		text := w.expression()
		p, faults := Compile(text, sampleScope)
		if len(faults) > 0 {
			return
		}
		values, it, let := make([]any, len(p.Reads)), w.value(), w.value()
		for i, path := range p.Reads {
			values[i] = w.value()
			if len(path) == 0 {
				values[i] = map[string]any{"a": w.value()}
			}
		}
		want := ""
		for _, raw := range []bool{false, true} {
			env := &Env{Elements: []Element{{Value: handed(it, raw)}}, Line: "5x", Let: func(int) (alert.Value, error) { return handed(let, raw), nil }}
			for _, v := range values {
				env.Values = append(env.Values, handed(v, raw))
			}
			v, err := p.Run(m, env)
			if again := shown(lent.run(p, env)); again != shown(v, err) {
				t.Errorf("%s gives %s, and %s in lent memory", text, shown(v, err), again)
			}
			got := "error"
			if err == nil {
				got = fmt.Sprint(v.Kind, shown(v, nil))
			}
			if err == nil && !p.Yields.Has(v.Kind) {
				t.Errorf("%s yields kind %d, which Yields %b denies", text, v.Kind, p.Yields)
			}
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s\n  values %v, it %v, let %v\n  raw: %s\n  made: %s", text, values, it, let, got, want)
			}
		}
	})
}

// lent is a Machine that makes values in memory which the next run uses again.
type lent struct{ *Machine }

func newLent() lent {
	m := NewMachine()
	m.Arena = new(alert.Arena)
	return lent{m}
}

func (m lent) run(p *Program, env *Env) (alert.Value, error) {
	m.Arena.Reset()
	return p.Run(m.Machine, env)
}

func handed(x any, raw bool) alert.Value {
	v := alert.From(x)
	if raw && v.Kind >= alert.List {
		// White space, as a line may have it: what passes through must stay as it is.
		return alert.Value{Kind: v.Kind, Text: strings.ReplaceAll(string(v.AppendJSON(nil)), ",", " , ")}
	}
	return v
}

// FuzzCompile checks that any text gives a program or faults with offsets in the
// text, and that no fault shows an error in expr's form.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{`rule.level >= 15 ? 5 : 4`, `a ?? "b"`, `filter(x, .y > 1) | map(#.z)`, `let x = 1; x`, `"ä" + lowr(1)`, `a[1:`, "`raw`",
		`{a: 1, "b": [2]}`, `alert["@timestamp"]`, `a ?: b`, `1..2`, `b"x"`, `::len(x)`, `if a {1} else {2}`, `a not in b`, `#`, `"\u{1F600}"`, `0x1f`, `1_000`, `a?.b?.[0]`} {
		f.Add(seed)
	}
	m, lent := NewMachine(), newLent()
	f.Fuzz(func(t *testing.T, text string) {
		p, faults := Compile(text, sampleScope)
		if (p == nil) == (len(faults) == 0) {
			t.Fatalf("%q: program %v, faults %v", text, p, faults)
		}
		for i, fault := range faults {
			if fault.Offset < 0 || fault.Offset > len(text) || fault.Message == "" || strings.Contains(fault.Message, "\n |") {
				t.Errorf("%q: fault %+v", text, fault)
			}
			if i > 0 && fault.Offset < faults[i-1].Offset {
				t.Errorf("%q: faults %v are not in order", text, faults)
			}
		}
		if p == nil {
			return
		}
		made, raw := shown(p.Run(m, environment(p, false))), shown(lent.run(p, environment(p, true)))
		if made != raw {
			t.Errorf("%q: made %s, raw %s", text, made, raw)
		}
	})
}
