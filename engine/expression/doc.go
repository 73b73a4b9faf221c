// Package expression is the expression language of mappings. Compile turns the
// text of one expression into a Program, which says what it reads of an alert
// and which kinds of values it can yield, and runs. Its grammar is expr-lang's;
// its meaning is described below. It is the only package that imports expr.
//
// # Names
//
// The alert's own fields are the top-level names; `alert` reaches any name,
// `line` is the raw line, `settings` and `tables` are the mapping's data, `it` is
// the element of $each and `index` its position. Lets, parameters, names of
// elements and the variables of expr's `let x = …; …` hide fields. Compile resolves
// chains of names and constant positions. A constant position in the alert
// (`ports[22]`) is one in a list; a computed number also names a member of an
// object, as does any number in a table.
//
// # Functions and arguments are put in place
//
// A call of a mapping's own function becomes the function's body, and a
// parameter of a function or part becomes its argument, while names are resolved: each
// tree keeps the frame in which its own names count. A path as an argument is
// that path, with the steps behind the parameter. An argument of several uses that is
// more than a name becomes a node that is evaluated at its first use.
//
// # Absence never fails
//
// Reading through a missing field gives nil, and so do operators and functions
// on nil. Comparisons, in, contains, startsWith, endsWith and matches are false
// for nil; == and != treat it as a value. A nil condition is false, any other
// condition must be true or false. `a ?? b` and default(a, b) are b if a is nil
// or empty text, or fails; try(a) is nil if a fails; get(a, path, b) is b if the
// path leads to nothing. Exceeding the bounds of an
// evaluation is not caught. max, min, sum, mean, median, join and concat skip absent items.
//
// # Text that is a number counts as one
//
// It does so in arithmetic, in functions of numbers, in comparisons with
// numbers, and when two texts that are both numbers are ordered. Two texts are
// equal only if they are the same. `+` joins as soon as one side is text. Where
// text is expected, a number is its text. Arithmetic on integers gives an
// integer if the result is one and fits 64 bits, else a float. Division by zero
// and infinite results are errors. Comparing text that is not a number with a
// number by < or > is an error, not false.
//
// # Lists may be scalars
//
// Where a list is expected, any other value counts as a list of one: in
// predicates, on the right of in, and in the functions of lists. len, slices and
// positions in texts count characters.
//
// # Pure and bounded
//
// Compile rejects now, date, duration and timezone. keys, values, toPairs and
// toJSON list members in the order of their names. sort and sortBy are stable
// and put numbers before texts and absent values last. The keys of groupBy are
// texts. The text and tree of an expression, the steps and memory of an
// evaluation, and the cache of patterns are bounded. Errors quote nothing of
// the alert.
//
// # How it works
//
//	text ──parse──► expr's tree ──resolve──► node ──eval──► value
//
// expr's parser makes a tree. resolve finds out what names stand for and turns
// operators into calls of functions of package function, which define their
// meaning. eval walks the resolved tree. The tests run the same expressions through expr
// itself; differences_test.go lists every intended difference, and
// docs/mapping.md shows that list.
package expression
