package expression

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// typed writes expressions of a known type over present values. It avoids the
// listed differences: texts are ASCII and not numbers, operands of ?? and items
// of join are not empty, divisors are not zero, results stay far below 2^53, and
// a list holds either numbers or texts.
type typed struct {
	*writer
	items string // type of `#`: "n", "t" or nothing
}

func (w *typed) deeper(write func() string) string {
	w.depth++
	defer func() { w.depth-- }()
	return write()
}

// each writes a predicate over a list of numbers or texts.
func (w *typed) each(kind, name, list string, body func() string) string {
	outer := w.items
	w.items = kind
	defer func() { w.items = outer }()
	return name + "(" + list + ", " + body() + ")"
}

// over picks the list for a predicate, with the type of its items.
func (w *typed) over() (kind, list string) {
	if w.pick(2) == 0 {
		return "n", w.numbers()
	}
	return "t", w.texts()
}

func (w *typed) number() string {
	if w.depth > 4 {
		if w.items == "n" && w.pick(2) == 0 {
			return "#"
		}
		return w.one("a", "b", "f", "7", "-3", "2.5", "o.n", "xs[0]", "len(s)", `get(o, "n")`)
	}
	return w.deeper(func() string {
		n, t := w.number, w.text
		switch w.pick(12) {
		case 0, 1:
			if w.one("+", "-", "*") == "+" { // of what must be numbers, else it joins texts
				return "(-(" + n() + ") + abs(" + n() + "))"
			}
			return "(" + n() + w.one(" - ", " * ") + n() + ")"
		case 2:
			return "(" + n() + " / " + w.one("2", "4.0", "-5", "7") + ")"
		case 3:
			return "(" + w.one("a", "b", "len(ss)", "17") + " % " + w.one("2", "-5", "7") + ")"
		case 4:
			return w.one("-", "abs", "floor", "ceil", "round") + "(" + n() + ")"
		case 5:
			return w.one("max", "min", "mean", "median") + "(" + n() + ", " + n() + ")"
		case 6:
			return w.one("sum", "max", "min", "len") + "(" + w.each("n", "map", w.numbers(), n) + ")"
		case 7:
			return w.one("len", "int") + "(string(" + w.one("a", "b", "17") + "))"
		case 8:
			return w.one("indexOf", "lastIndexOf") + "(" + t() + ", " + t() + ")"
		case 9:
			return "(" + w.condition() + " ? " + n() + " : " + n() + ")"
		case 10:
			kind, list := w.over()
			return w.each(kind, w.one("count", "findIndex"), list, w.condition)
		}
		return "(let v = " + n() + "; v - " + n() + ")"
	})
}

func (w *typed) text() string {
	if w.depth > 4 {
		if w.items == "t" && w.pick(2) == 0 {
			return "#"
		}
		return w.one("s", "t", `"x"`, `"a-b"`, "o.t", "ss[0]", `"sshd"`, `get(o, "t")`, "get(ss, 1)")
	}
	return w.deeper(func() string {
		t := w.text
		switch w.pick(9) {
		case 0, 1:
			return "(" + t() + " + " + t() + ")"
		case 2:
			return w.one("lower", "upper", "trim", "toBase64") + "(" + t() + ")"
		case 3:
			return w.one("trimPrefix", "trimSuffix") + "(" + t() + ", " + t() + ")"
		case 4:
			return "replace(" + t() + ", " + t() + ", " + t() + w.one("", ", 1") + ")"
		case 5:
			return "join(map(" + w.texts() + `, "k" + #)` + w.one("", `, "-"`) + ")"
		case 6:
			return "(" + w.condition() + " ? " + t() + " : " + t() + ")"
		case 7:
			return "(" + w.one("nil", "o.nope", `"x"`) + " ?? " + t() + ")"
		}
		return "(let v = " + t() + "; v + " + t() + ")"
	})
}

func (w *typed) condition() string {
	if w.depth > 4 {
		return w.one("true", "a > b", `s == "x"`, "ok")
	}
	return w.deeper(func() string {
		n, t, c := w.number, w.text, w.condition
		switch w.pick(9) {
		case 0, 1:
			return "(" + n() + w.one(" < ", " <= ", " > ", " >= ", " == ", " != ") + n() + ")"
		case 2:
			return "(" + t() + w.one(" < ", " >= ", " == ", " != ", " contains ", " startsWith ", " endsWith ") + t() + ")"
		case 3:
			return "(" + c() + w.one(" and ", " or ", " == ") + c() + ")"
		case 4:
			return "(not " + c() + ")"
		case 5:
			return "(" + t() + w.one(" in ", " not in ") + w.texts() + ")"
		case 6:
			return "(" + n() + " in " + w.numbers() + ")"
		case 7:
			kind, list := w.over()
			return w.each(kind, w.one("all", "any", "none", "one"), list, c)
		}
		return w.one("hasPrefix", "hasSuffix") + "(" + t() + ", " + t() + ")"
	})
}

func (w *typed) numbers() string {
	if w.depth > 4 {
		return w.one("xs", "[1, 2, 3]", "1..4", "[a, b]")
	}
	return w.deeper(func() string {
		switch w.pick(6) {
		case 0:
			return "[" + w.number() + ", " + w.number() + "]"
		case 1:
			return w.each("n", "filter", w.numbers(), w.condition)
		case 2:
			kind, list := w.over()
			return w.each(kind, "map", list, w.number)
		case 3:
			return w.one("sort", "reverse", "flatten") + "(" + w.numbers() + ")"
		case 4:
			return w.each("n", "sortBy", w.numbers(), w.number)
		}
		return "concat(" + w.numbers() + ", " + w.numbers() + ")" + w.one("", "[1:]", "[:-1]")
	})
}

func (w *typed) texts() string {
	if w.depth > 4 {
		return w.one("ss", `["x", "y"]`, "[s, t]", "keys({k: 1})")
	}
	return w.deeper(func() string {
		switch w.pick(7) {
		case 0:
			return "[" + w.text() + ", " + w.text() + "]"
		case 1:
			return w.each("t", "filter", w.texts(), w.condition)
		case 2:
			kind, list := w.over()
			return w.each(kind, "map", list, w.text)
		case 3:
			return w.one("sort", "reverse", "uniq", "flatten") + "(" + w.texts() + ")"
		case 4:
			return w.one("split", "splitAfter") + "(" + w.text() + `, "-")`
		case 5:
			return w.each("t", "sortBy", w.texts(), w.number)
		}
		return "take(concat(" + w.texts() + ", " + w.texts() + "), 3)"
	})
}

func (w *typed) any() string {
	switch w.pick(8) {
	case 0:
		return w.number()
	case 1:
		return w.text()
	case 2:
		return w.condition()
	case 3:
		return w.numbers()
	case 4:
		return w.texts()
	case 5:
		return "{k: " + w.number() + ", l: " + w.texts() + "}"
	case 6:
		return w.each("t", w.one("groupBy", "find", "findLast", "findLastIndex"), w.texts(), func() string { return w.one("#", "# > "+w.text()) })
	}
	return "reduce(" + w.numbers() + ", #acc + # * #index" + w.one("", ", 1") + ")"
}

// compareWithExpr checks the law for one expression, made from data. It returns
// false if expr has no value for it.
func compareWithExpr(t *testing.T, m lent, data []byte) bool {
	t.Helper()
	w := &typed{writer: &writer{bytes: data}}
	env := map[string]any{
		"a": w.pick(200) - 100, "b": w.pick(9), "f": float64(w.pick(200)-100) / 4, "ok": w.pick(2) == 0,
		"s": w.one("x", "sshd", "Failed-password", "a-b-c"), "t": w.one("y", "b", "x-"),
		"xs": []int{w.pick(9), w.pick(9), w.pick(9)}, "ss": []string{"x", w.one("x", "root"), "z-a"},
		"o": map[string]any{"n": w.pick(50), "t": "member"},
	}
	text := w.any()
	want := throughExpr(text, env)
	if want == "fails" {
		return false
	}
	p, faults := Compile(text, Scope{})
	if len(faults) > 0 {
		t.Errorf("%s\n  expr gives %s, sluice %v", text, want, faults)
		return true
	}
	values := make([]alert.Value, len(p.Reads))
	for i, path := range p.Reads {
		values[i] = follow(handedOver(env), path)
	}
	v, err := m.run(p, &Env{Values: values})
	if got := shown(v, err); !alike(got, want) {
		t.Errorf("%s\n  over %v\n  expr   %s\n  sluice %s", text, env, want, got)
	}
	return true
}

// FuzzAgainstExpr checks that sluice gives the same value as expr, for present
// and typed values, if expr gives one.
func FuzzAgainstExpr(f *testing.F) {
	for _, seed := range []string{"", "\x00\x01", "\x03\x02\x01\x04", "\x04\x05\x01\x00\x02", "\x06\x02\x07\x03", "\x02\x07\x01\x05\x09\x0a"} {
		f.Add([]byte(seed))
	}
	m := newLent()
	f.Fuzz(func(t *testing.T, data []byte) { compareWithExpr(t, m, data) })
}

// The same for larger expressions, which fuzzing takes long to reach.
func TestRandomExpressionsAgreeWithExpr(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	m := newLent()
	compared := 0
	for range 1000 {
		data := make([]byte, 300)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		if compareWithExpr(t, m, data) {
			compared++
		}
	}
	if compared < 500 {
		t.Errorf("expr gives a value for only %d expressions of 1000", compared)
	}
}

// alike compares JSON, and allows a rounding error in numbers: a quotient without
// a fraction is an integer here and a float in expr.
func alike(a, b string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("[]{},:", r) })
	}
	x, y := split(a), split(b)
	if len(x) != len(y) || strings.Count(a, "[") != strings.Count(b, "[") {
		return false
	}
	for i := range x {
		f, err := strconv.ParseFloat(x[i], 64)
		g, err2 := strconv.ParseFloat(y[i], 64)
		if x[i] != y[i] && (err != nil || err2 != nil || f-g > 1e-9*max(1, f, -f) || g-f > 1e-9*max(1, f, -f)) {
			return false
		}
	}
	return true
}
