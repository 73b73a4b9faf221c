package function

import (
	"maps"
	"slices"
)

// functions are all that can be called by name except predicates, which
// evaluate an expression for each item, and `default` and `try`, which catch
// failure. A max below 0 allows any number of arguments.
var functions = table([]Function{
	// texts
	{Name: "lower", Min: 1, Max: 1, Yields: Text, Call: lower},
	{Name: "upper", Min: 1, Max: 1, Yields: Text, Call: upper},
	{Name: "trim", Min: 1, Max: 2, Yields: Text, Call: trim},
	{Name: "trimPrefix", Min: 1, Max: 2, Yields: Text, Call: trimPrefix},
	{Name: "trimSuffix", Min: 1, Max: 2, Yields: Text, Call: trimSuffix},
	{Name: "hasPrefix", Min: 2, Max: 2, Yields: Bool, Call: hasPrefix},
	{Name: "hasSuffix", Min: 2, Max: 2, Yields: Bool, Call: hasSuffix},
	{Name: "indexOf", Min: 2, Max: 2, Yields: Int, Call: indexOf, Flow: Tests},
	{Name: "lastIndexOf", Min: 2, Max: 2, Yields: Int, Call: lastIndexOf, Flow: Tests},
	{Name: "replace", Min: 3, Max: 4, Yields: Text, Call: replace},
	{Name: "repeat", Min: 2, Max: 2, Yields: Text, Call: repeat},
	{Name: "split", Min: 2, Max: 3, Yields: List, Call: split},
	{Name: "splitAfter", Min: 2, Max: 3, Yields: List, Call: splitAfter},
	{Name: "string", Min: 1, Max: 1, Yields: Text, Call: toText},
	{Name: "toJSON", Min: 1, Max: 1, Yields: Text, Call: toJSON},
	{Name: "fromJSON", Min: 1, Max: 1, Yields: Any, Call: fromJSON},
	{Name: "toBase64", Min: 1, Max: 1, Yields: Text, Call: toBase64},
	{Name: "fromBase64", Min: 1, Max: 1, Yields: Text, Call: fromBase64},
	{Name: "sha256", Min: 1, Max: 1, Yields: Text, Call: sha256Hex},
	{Name: "fromBase64URL", Min: 1, Max: 1, Yields: Text, Call: fromBase64URL},
	{Name: "fromHex", Min: 1, Max: 1, Yields: Text, Call: fromHex},
	{Name: "fromPercent", Min: 1, Max: 1, Yields: Text, Call: fromPercent},
	{Name: "fromUTF16", Min: 1, Max: 1, Yields: Text, Call: fromUTF16},
	{Name: "md5", Min: 1, Max: 1, Yields: Text, Call: md5Hex},
	{Name: "sha1", Min: 1, Max: 1, Yields: Text, Call: sha1Hex},
	{Name: "sha512", Min: 1, Max: 1, Yields: Text, Call: sha512Hex},
	{Name: "hmac", Min: 2, Max: 2, Yields: Text, Call: keyedDigest},
	{Name: "basename", Min: 1, Max: 1, Yields: Text, Call: basename},
	{Name: "dirname", Min: 1, Max: 1, Yields: Text | Nil, Call: dirname},
	{Name: "isNumber", Min: 1, Max: 1, Yields: Bool, Call: isNumber},
	{Name: "isJSON", Min: 1, Max: 1, Yields: Bool, Call: isJSON},
	{Name: "regex", Min: 2, Max: 3, Yields: Text | Nil, Call: regexFind, Prepare: prepareRegex},

	{Name: "time", Min: 2, Max: 3, Yields: Text, Call: readTime, Prepare: prepareTime},

	// numbers
	{Name: "int", Min: 1, Max: 1, Yields: Int, Call: toInt, Numbers: true},
	{Name: "float", Min: 1, Max: 1, Yields: Float, Call: toFloat, Numbers: true},
	{Name: "abs", Min: 1, Max: 1, Yields: Number, Call: abs, Numbers: true},
	{Name: "ceil", Min: 1, Max: 1, Yields: Number, Call: ceil, Numbers: true},
	{Name: "floor", Min: 1, Max: 1, Yields: Number, Call: floor, Numbers: true},
	{Name: "round", Min: 1, Max: 1, Yields: Number, Call: roundOff, Numbers: true},
	{Name: "max", Min: 1, Max: -1, Yields: Number | Nil, Lenient: true, Call: maxOf, Flow: Carries, Numbers: true},
	{Name: "min", Min: 1, Max: -1, Yields: Number | Nil, Lenient: true, Call: minOf, Flow: Carries, Numbers: true},
	{Name: "mean", Min: 1, Max: -1, Yields: Number | Nil, Lenient: true, Call: mean, Numbers: true},
	{Name: "median", Min: 1, Max: -1, Yields: Number | Nil, Lenient: true, Call: median, Flow: Tests, Numbers: true},
	{Name: "bitand", Min: 2, Max: 2, Yields: Int, Call: bitwise(func(a, b int64) int64 { return a & b }), Numbers: true},
	{Name: "bitor", Min: 2, Max: 2, Yields: Int, Call: bitwise(func(a, b int64) int64 { return a | b }), Numbers: true},
	{Name: "bitxor", Min: 2, Max: 2, Yields: Int, Call: bitwise(func(a, b int64) int64 { return a ^ b }), Numbers: true},
	{Name: "bitnand", Min: 2, Max: 2, Yields: Int, Call: bitwise(func(a, b int64) int64 { return a &^ b }), Numbers: true},
	{Name: "bitshl", Min: 2, Max: 2, Yields: Int, Call: shift(func(a int64, n uint64) int64 { return a << n }), Numbers: true},
	{Name: "bitshr", Min: 2, Max: 2, Yields: Int, Call: shift(func(a int64, n uint64) int64 { return a >> n }), Numbers: true},
	{Name: "bitushr", Min: 2, Max: 2, Yields: Int, Call: shift(func(a int64, n uint64) int64 { return int64(uint64(a) >> n) }), Numbers: true},
	{Name: "bitnot", Min: 1, Max: 1, Yields: Int, Call: bitnot, Numbers: true},

	// lists
	{Name: "len", Min: 1, Max: 1, Yields: Int, Call: length, Flow: Tests},
	{Name: "first", Min: 1, Max: 1, Yields: Any, Call: first, Flow: Carries},
	{Name: "last", Min: 1, Max: 1, Yields: Any, Call: last, Flow: Carries},
	{Name: "take", Min: 2, Max: 2, Yields: List, Call: take, Flow: Carries},
	{Name: "reverse", Min: 1, Max: 1, Yields: List, Call: reverse, Flow: Carries},
	{Name: "uniq", Min: 1, Max: 1, Yields: List, Call: uniq, Flow: Carries},
	{Name: "concat", Min: 1, Max: -1, Yields: List | Nil, Lenient: true, Call: concat, Flow: Carries},
	{Name: "flatten", Min: 1, Max: 1, Yields: List, Call: flatten, Flow: Carries},
	{Name: "sort", Min: 1, Max: 2, Yields: List, Call: sortList, Flow: Carries},
	{Name: "join", Min: 1, Max: 2, Yields: Text, Call: join},
	{Name: "zip", Min: 1, Max: -1, Yields: List | Nil, Lenient: true, Call: zip, Flow: Carries},

	// objects
	{Name: "get", Min: 2, Max: 2, Yields: Any, Call: read, Flow: LooksUp},
	{Name: "keys", Min: 1, Max: 1, Yields: List, Call: keys, Flow: Tests},
	{Name: "values", Min: 1, Max: 1, Yields: List, Call: values, Flow: Carries},
	{Name: "toPairs", Min: 1, Max: 1, Yields: List, Call: toPairs, Flow: Carries},
	{Name: "fromPairs", Min: 1, Max: 1, Yields: Object, Call: fromPairs, Flow: Carries},
	{Name: "type", Min: 1, Max: 1, Yields: Text, Lenient: true, Call: typeName, Flow: Tests},

	// addresses
	{Name: "isIP", Min: 1, Max: 1, Yields: Bool, Call: isIP},
	{Name: "isIPv4", Min: 1, Max: 1, Yields: Bool, Call: isIPv4},
	{Name: "isIPv6", Min: 1, Max: 1, Yields: Bool, Call: isIPv6},
	{Name: "isPrivate", Min: 1, Max: 1, Yields: Bool, Call: isPrivate},
	{Name: "inCIDR", Min: 2, Max: 2, Yields: Bool, Call: inCIDR, Prepare: prepareCIDR},
})

// Named returns the function with a name, or nil.
func Named(name string) *Function { return functions[name] }

// Operator returns the binary operator with a name, or nil. The operators that
// may leave out evaluating a side are not functions.
func Operator(name string) *Function { return operators[name] }

// Names returns the names of all functions, in no order.
func Names() []string { return slices.Collect(maps.Keys(functions)) }

func table(list []Function) map[string]*Function {
	byName := make(map[string]*Function, len(list))
	for i := range list {
		byName[list[i].Name] = &list[i]
	}
	return byName
}
