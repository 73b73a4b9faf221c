package expression

// Operator is what the manual says of an operator, or of another piece of the
// grammar, in all the forms in which it is written.
type Operator struct {
	Forms []string
	// Means says what the result is, Example shows it, and Gives is the result of
	// the example as JSON.
	Means, Example, Gives string
}

// Operators returns the operators, literals and comments in the order of the manual.
func Operators() []Operator {
	return []Operator{
		{[]string{`a + b`}, `the sum of two numbers; if one side is text (a number in text too), both joined as text`,
			`"a" + 1`, `"a1"`},
		{[]string{`a - b`, `a * b`, `a / b`, `a % b`, `-a`, `+a`}, `arithmetic; text that is a number counts as one`,
			`"7" * 2`, `14`},
		{[]string{`a ** b`, `a ^ b`}, `a to the power of b`,
			`2 ** 3`, `8`},
		{[]string{`a == b`, `a != b`}, `equal or not equal, for values of any kind; nothing equals nothing`,
			`nil == nil`, `true`},
		{[]string{`a < b`, `a <= b`, `a > b`, `a >= b`}, `order of numbers or of texts; false if a side is nothing`,
			`"10" > 9`, `true`},
		{[]string{`a and b`, `a && b`, `a or b`, `a || b`}, `conditions; nothing counts as false`,
			`true and nil`, `false`},
		{[]string{`not a`, `!a`}, `the opposite of a condition`,
			`not nil`, `true`},
		{[]string{`a ? b : c`, `if a { b } else { c }`}, "`b` if `a` is true, else `c`",
			`1 > 2 ? "b" : "c"`, `"c"`},
		{[]string{`a ?: b`}, "`a` if it is true, else `b`; `a` must be a condition",
			`nil ?: 3`, `3`},
		{[]string{`a ?? b`}, "`a`, or `b` if `a` is nothing or empty text, or fails",
			`"" ?? "b"`, `"b"`},
		{[]string{`a in b`, `a not in b`}, "whether `a` is an item of the list `b`, or the name of a member",
			`2 in [1, 2]`, `true`},
		{[]string{`a contains b`, `a startsWith b`, `a endsWith b`}, "whether one text contains, begins or ends with the other; the opposite with `not`, as `a not contains b`",
			`"abc" contains "b"`, `true`},
		{[]string{`a matches b`, `a not matches b`}, `whether a regular expression matches the text ([RE2](https://github.com/google/re2/wiki/Syntax))`,
			`"T1110.001" matches "^T[0-9]+"`, `true`},
		{[]string{`a[0]`, `a["name"]`, `a.name`, `a?.name`}, "an item, a member; `?.` is the same as `.`",
			`[1, 2][-1]`, `2`},
		{[]string{`a[1:3]`, `a[1:]`, `a[:3]`, `a[:]`}, `a part of a list or text`,
			`"abcd"[1:3]`, `"bc"`},
		{[]string{`a..b`}, `the integers from a to b`,
			`1..3`, `[1,2,3]`},
		{[]string{`let x = a; b`}, `names a value inside an expression`,
			`let x = 2; x * x`, `4`},
		{[]string{`a | f(b)`}, "the same as `f(a, b)`",
			`"a,b" | split(",")`, `["a","b"]`},
		{[]string{`"text"`, `'text'`}, "text; `\\n`, `\\t`, `\\\\`, `\\u00e4` and the like are escapes",
			`'\u00e4'`, `"ä"`},
		{[]string{"`text`"}, `text in backquotes, without escapes`,
			"`a\\b`", `"a\\b"`},
		{[]string{`10`, `1_000`, `0x10`, `0b11`, `0o17`, `1.5`, `1e3`}, `numbers`,
			`1_000 + 0x10`, `1016`},
		{[]string{`true`, `false`, `nil`}, `the conditions, and nothing`,
			`nil ?? true`, `true`},
		{[]string{`[a, b]`, `{"name": a}`}, `a list, an object`,
			`{"a": [1]}.a`, `[1]`},
		{[]string{`/* text */`, `// text`}, `comments, the second kind up to the end of the line`,
			`1 /* one */ + 1`, `2`},
	}
}
