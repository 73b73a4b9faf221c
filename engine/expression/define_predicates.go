package expression

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/function"
)

// The parameters of predicates: a list, and what is evaluated for each item.
var (
	forItems   = function.Parameter{Name: "list", Sort: function.ListSort}
	condition  = function.Parameter{Name: "#…", Sort: function.ConditionSort}
	expression = function.Parameter{Name: "#…", Sort: function.ExpressionSort}
)

func over(body function.Parameter, more ...function.Parameter) []function.Parameter {
	return append([]function.Parameter{forItems, body}, more...)
}

func optional(p function.Parameter) function.Parameter {
	p.Optional = true
	return p
}

// inOrder are the predicates in the order of the manual.
var inOrder = []predicate{
	{run: mapItems, Function: function.Function{Name: "map", Takes: over(expression), Yields: List,
		Means:   "the expression for each item",
		Example: `map([1, 2], # * 2)`, Gives: `[2,4]`}},
	{run: filter, Function: function.Function{Name: "filter", Takes: over(condition), Yields: List,
		Means:   "the items for which the condition holds",
		Example: `filter([1, 2, 3], # > 1)`, Gives: `[2,3]`}},
	{run: find, Function: function.Function{Name: "find", Takes: over(condition), Yields: Any,
		Means:   "the first item for which the condition holds",
		Example: `find([1, 2, 3], # > 1)`, Gives: `2`}},
	{run: findIndex, Function: function.Function{Name: "findIndex", Takes: over(condition), Yields: Int | Nil, Flow: function.Tests,
		Means:   "the position of that item",
		Example: `findIndex([1, 2, 3], # > 1)`, Gives: `1`}},
	{run: findLast, Function: function.Function{Name: "findLast", Takes: over(condition), Yields: Any,
		Means:   "the last item for which the condition holds",
		Example: `findLast([1, 2, 3], # > 1)`, Gives: `3`}},
	{run: findLastIndex, Function: function.Function{Name: "findLastIndex", Takes: over(condition), Yields: Int | Nil, Flow: function.Tests,
		Means:   "the position of that item",
		Example: `findLastIndex([1, 2, 3], # > 1)`, Gives: `2`,
		Differs: "expr's changes the values beside it"}},
	{run: count, Function: function.Function{Name: "count", Takes: over(optional(condition)), Yields: Int, Flow: function.Tests,
		Means:   "the number of items for which the condition holds",
		Example: `count([1, 2, 3], # > 1)`, Gives: `2`}},
	{run: all, Function: function.Function{Name: "all", Takes: over(condition), Yields: Bool,
		Means:   "whether the condition holds for all items",
		Example: `all([1, 2], # > 0)`, Gives: `true`}},
	{run: anyOf, Function: function.Function{Name: "any", Takes: over(condition), Yields: Bool,
		Means:   "whether it holds for at least one item",
		Example: `any("sshd", # contains "ssh")`, Gives: `true`}},
	{run: none, Function: function.Function{Name: "none", Takes: over(condition), Yields: Bool,
		Means:   "whether it holds for no item",
		Example: `none([1, 2], # > 2)`, Gives: `true`}},
	{run: one, Function: function.Function{Name: "one", Takes: over(condition), Yields: Bool,
		Means:   "whether it holds for exactly one item",
		Example: `one([1, 2], # > 1)`, Gives: `true`}},
	{run: sortBy, Function: function.Function{Name: "sortBy", Takes: over(expression, optional(function.Parameter{Name: "order", Sort: function.TextSort})), Yields: List,
		Means:   `the list sorted by the expression for each item, with "desc" in descending order`,
		Example: `sortBy([{"n": 2}, {"n": 1}], #.n)`, Gives: `[{"n":1},{"n":2}]`}},
	{run: groupBy, Function: function.Function{Name: "groupBy", Takes: over(expression), Yields: Object,
		Means:   "an object of lists, grouped by the expression for each item",
		Example: `groupBy([1, 2, 3], # % 2)`, Gives: `{"0":[2],"1":[1,3]}`,
		Differs: "expr's keeps keys that are not text"}},
	{run: reduce, Function: function.Function{Name: "reduce", Takes: over(expression, optional(function.Parameter{Name: "start", Sort: function.ValueSort})), Yields: Any,
		Means:   "the value of `#acc` after the last item; start is its first value, else the first item",
		Example: `reduce([1, 2, 3], #acc + #, 0)`, Gives: `6`,
		Differs: "expr's fails on an empty list, and its start sees the items"}},
	{run: sum, Function: function.Function{Name: "sum", Takes: over(optional(expression)), Yields: function.Number,
		Means:   "the sum of the items, or of the expression for each item; `sum(a, b)` is that of two values; what is absent does not count",
		Example: `sum("100", "20")`, Gives: `120`,
		Differs: "expr's fails on numbers in text, and multiplies where the second argument is not an expression"}},
}

var predicates = byName(inOrder)

func byName(list []predicate) map[string]*predicate {
	all := make(map[string]*predicate, len(list))
	for i := range list {
		list[i].Group = function.Lists
		all[list[i].Name] = &list[i]
	}
	return all
}

// fallbacks are the functions that catch the failure of their first argument.
var fallbacks = []*function.Function{
	{Name: "default", Group: function.Fallbacks, Yields: Any, Flow: function.Carries,
		Takes:   []function.Parameter{{Name: "a", Sort: function.ValueSort}, {Name: "b", Sort: function.ValueSort}},
		Means:   "the same as `a ?? b`",
		Example: `default(nil, 1)`, Gives: `1`},
	{Name: "try", Group: function.Fallbacks, Yields: Any, Flow: function.Carries,
		Takes:   []function.Parameter{{Name: "value", Sort: function.ValueSort}},
		Means:   "the value, or nothing if it fails",
		Example: `try(int("n/a"))`, Gives: `null`},
}

func fallback(name string) *function.Function {
	for _, f := range fallbacks {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Definitions returns all functions that expressions may call but those of the
// mapping, in the order of the manual. Do not change them.
func Definitions() []*function.Function {
	all := function.All()
	for i := range inOrder {
		all = append(all, &inOrder[i].Function)
	}
	all = append(all, fallbacks...)
	slices.SortStableFunc(all, func(a, b *function.Function) int {
		return slices.Index(function.Groups, a.Group) - slices.Index(function.Groups, b.Group)
	})
	return all
}

// Functions returns the names of all functions, sorted.
func Functions() []string {
	var names []string
	for _, f := range Definitions() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}
