// Package expression is the expression language of mappings: the text of one
// expression comes in, a Program goes out that says what it reads of an alert,
// which kinds of values it can yield, and runs. Its grammar is expr-lang's, with
// the promises below, and it is the only package that imports expr.
//
// # Names
//
// The alert's own fields are the top-level names; `alert` reaches any name,
// `line` is the raw line, `tables` the mapping's data, `it` the element of
// $each. Lets and the variables of expr's `let x = …; …` hide fields. A chain
// of names and constant positions is resolved when it is compiled; a position
// that is written down (`ports[22]`) is one in a list of the alert, a computed
// number names the member of an object too, as does any number in a table.
//
// # Absence never fails
//
// Reading through what is missing gives nil, and so do operators and functions
// on nil. Comparisons, in, contains, startsWith, endsWith and matches are
// false for nil; == and != see it as a value. A nil condition is false, any
// other condition must be true or false. `a ?? b` and default(a, b) take b for
// nil and for empty text. max, min, sum, mean, median, join and concat pass
// over what is absent among their items.
//
// # Text that is a number counts as one
//
// It does so in arithmetic, in functions of numbers, in comparisons with
// numbers, and when two texts that are both numbers are ordered. Two texts are
// equal only if they are the same. `+` joins as soon as one side is text. A
// number where text belongs is its text. Integers stay integers where the
// result is one that fits 64 bits, else it is a float; division by zero and
// infinite results are errors. Comparing text that is no number with a number
// by < or > is an error, not false.
//
// # Lists may be scalars
//
// Where a list belongs, any other value is a list of itself: in predicates, on
// the right of in, and in the functions of lists. len, slices and positions in
// texts count characters.
//
// # Pure and bounded
//
// now, date, duration and timezone are refused. keys, values, toPairs and
// toJSON go in the order of names; sort and sortBy are stable, numbers before
// texts, what is absent last; groupBy has texts as keys. Added are zip,
// default, regex, isIP, isIPv4, isIPv6, inCIDR and sha256. Text, tree, steps,
// memory and pattern cache are bounded; beyond is an error. Errors quote
// nothing of the alert.
//
// # How it works
//
//	text ──parse──► expr's tree ──resolve──► node ──eval──► value
//
// expr is the grammar: its parser makes the tree. The meaning is this
// package's: resolve settles names and turns operators into calls of functions,
// the only place where their meaning is written, and eval walks what is left.
// The tests run the same expressions through expr itself; differences_test.go
// lists all that may differ, and docs/mapping.md shows the list.
package expression
