package function

// grouped are all that can be called by name except predicates, which evaluate
// an expression for each item, and `default` and `try`, which catch failure.
var grouped = []struct {
	group Group
	list  []Function
}{
	{Texts, textFunctions}, {Formats, formatFunctions}, {Patterns, patternFunctions}, {Numerics, numberFunctions},
	{Lists, listFunctions}, {Objects, objectFunctions}, {Addresses, addressFunctions}, {Fallbacks, fallbackFunctions},
}

var functions = named()

func named() map[string]*Function {
	all := map[string]*Function{}
	for _, g := range grouped {
		for i := range g.list {
			f := &g.list[i]
			f.Group = g.group
			all[f.Name] = f
		}
	}
	return all
}

// Named returns the function with a name, or nil.
func Named(name string) *Function { return functions[name] }

// Operator returns the binary operator with a name, or nil. The operators that
// may leave out evaluating a side are not functions.
func Operator(name string) *Function { return operators[name] }

// All returns the functions in the order of the manual.
func All() (all []*Function) {
	for _, g := range grouped {
		for i := range g.list {
			all = append(all, &g.list[i])
		}
	}
	return all
}
