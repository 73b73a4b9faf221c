package expression

// functions are all that can be called by name except predicates, which
// evaluate an expression for each item, and `default` and `try`, which catch
// failure. A max below 0 allows any number of arguments.
var functions = table([]function{
	// texts
	{name: "lower", min: 1, max: 1, yields: Text, call: lower},
	{name: "upper", min: 1, max: 1, yields: Text, call: upper},
	{name: "trim", min: 1, max: 2, yields: Text, call: trim},
	{name: "trimPrefix", min: 1, max: 2, yields: Text, call: trimPrefix},
	{name: "trimSuffix", min: 1, max: 2, yields: Text, call: trimSuffix},
	{name: "hasPrefix", min: 2, max: 2, yields: Bool, call: hasPrefix},
	{name: "hasSuffix", min: 2, max: 2, yields: Bool, call: hasSuffix},
	{name: "indexOf", min: 2, max: 2, yields: Int, call: indexOf, flow: tests},
	{name: "lastIndexOf", min: 2, max: 2, yields: Int, call: lastIndexOf, flow: tests},
	{name: "replace", min: 3, max: 4, yields: Text, call: replace},
	{name: "repeat", min: 2, max: 2, yields: Text, call: repeat},
	{name: "split", min: 2, max: 3, yields: List, call: split},
	{name: "splitAfter", min: 2, max: 3, yields: List, call: splitAfter},
	{name: "string", min: 1, max: 1, yields: Text, call: toText},
	{name: "toJSON", min: 1, max: 1, yields: Text, call: toJSON},
	{name: "fromJSON", min: 1, max: 1, yields: Any, call: fromJSON},
	{name: "toBase64", min: 1, max: 1, yields: Text, call: toBase64},
	{name: "fromBase64", min: 1, max: 1, yields: Text, call: fromBase64},
	{name: "sha256", min: 1, max: 1, yields: Text, call: sha256Hex},
	{name: "regex", min: 2, max: 3, yields: Text | Nil, call: regexFind, prepare: prepareRegex},

	{name: "time", min: 2, max: 3, yields: Text, call: readTime, prepare: prepareTime},

	// numbers
	{name: "int", min: 1, max: 1, yields: Int, call: toInt, numbers: true},
	{name: "float", min: 1, max: 1, yields: Float, call: toFloat, numbers: true},
	{name: "abs", min: 1, max: 1, yields: number, call: abs, numbers: true},
	{name: "ceil", min: 1, max: 1, yields: number, call: ceil, numbers: true},
	{name: "floor", min: 1, max: 1, yields: number, call: floor, numbers: true},
	{name: "round", min: 1, max: 1, yields: number, call: roundOff, numbers: true},
	{name: "max", min: 1, max: -1, yields: number | Nil, lenient: true, call: maxOf, flow: carries, numbers: true},
	{name: "min", min: 1, max: -1, yields: number | Nil, lenient: true, call: minOf, flow: carries, numbers: true},
	{name: "mean", min: 1, max: -1, yields: number | Nil, lenient: true, call: mean, numbers: true},
	{name: "median", min: 1, max: -1, yields: number | Nil, lenient: true, call: median, flow: tests, numbers: true},
	{name: "bitand", min: 2, max: 2, yields: Int, call: bitwise(func(a, b int64) int64 { return a & b }), numbers: true},
	{name: "bitor", min: 2, max: 2, yields: Int, call: bitwise(func(a, b int64) int64 { return a | b }), numbers: true},
	{name: "bitxor", min: 2, max: 2, yields: Int, call: bitwise(func(a, b int64) int64 { return a ^ b }), numbers: true},
	{name: "bitnand", min: 2, max: 2, yields: Int, call: bitwise(func(a, b int64) int64 { return a &^ b }), numbers: true},
	{name: "bitshl", min: 2, max: 2, yields: Int, call: shift(func(a int64, n uint64) int64 { return a << n }), numbers: true},
	{name: "bitshr", min: 2, max: 2, yields: Int, call: shift(func(a int64, n uint64) int64 { return a >> n }), numbers: true},
	{name: "bitushr", min: 2, max: 2, yields: Int, call: shift(func(a int64, n uint64) int64 { return int64(uint64(a) >> n) }), numbers: true},
	{name: "bitnot", min: 1, max: 1, yields: Int, call: bitnot, numbers: true},

	// lists
	{name: "len", min: 1, max: 1, yields: Int, call: length, flow: tests},
	{name: "first", min: 1, max: 1, yields: Any, call: first, flow: carries},
	{name: "last", min: 1, max: 1, yields: Any, call: last, flow: carries},
	{name: "take", min: 2, max: 2, yields: List, call: take, flow: carries},
	{name: "reverse", min: 1, max: 1, yields: List, call: reverse, flow: carries},
	{name: "uniq", min: 1, max: 1, yields: List, call: uniq, flow: carries},
	{name: "concat", min: 1, max: -1, yields: List | Nil, lenient: true, call: concat, flow: carries},
	{name: "flatten", min: 1, max: 1, yields: List, call: flatten, flow: carries},
	{name: "sort", min: 1, max: 2, yields: List, call: sortList, flow: carries},
	{name: "join", min: 1, max: 2, yields: Text, call: join},
	{name: "zip", min: 1, max: -1, yields: List | Nil, lenient: true, call: zip, flow: carries},

	// objects
	{name: "get", min: 2, max: 2, yields: Any, call: read, flow: looksUp},
	{name: "keys", min: 1, max: 1, yields: List, call: keys, flow: tests},
	{name: "values", min: 1, max: 1, yields: List, call: values, flow: carries},
	{name: "toPairs", min: 1, max: 1, yields: List, call: toPairs, flow: carries},
	{name: "fromPairs", min: 1, max: 1, yields: Object, call: fromPairs, flow: carries},
	{name: "type", min: 1, max: 1, yields: Text, lenient: true, call: typeName, flow: tests},

	// addresses
	{name: "isIP", min: 1, max: 1, yields: Bool, call: isIP},
	{name: "isIPv4", min: 1, max: 1, yields: Bool, call: isIPv4},
	{name: "isIPv6", min: 1, max: 1, yields: Bool, call: isIPv6},
	{name: "inCIDR", min: 2, max: 2, yields: Bool, call: inCIDR, prepare: prepareCIDR},
})

func table(list []function) map[string]*function {
	byName := make(map[string]*function, len(list))
	for i := range list {
		byName[list[i].name] = &list[i]
	}
	return byName
}
