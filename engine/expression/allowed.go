package expression

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/parser/utils"
	"github.com/sluice-lake/sluice/engine/function"
)

// given are the names that every expression has. The alert's fields of these
// names are reached through `alert`.
var given = []string{"alert", "line", "settings", "tables", "it", "index"}

// keywords are the words that expr does not read as names.
var keywords = []string{"let", "in", "not", "and", "or", "matches", "contains", "startsWith", "endsWith", "if", "else", "true", "false", "nil"}

// CheckLetName returns an error if a let cannot have this name. It does not
// know guest functions: the caller checks those.
func CheckLetName(name string) error { return checkName(name, "let") }

// CheckFunctionName returns an error if a function of a mapping cannot have this
// name.
func CheckFunctionName(name string) error { return checkName(name, "function") }

// CheckPartName returns an error if a part cannot have this name. It may be that of
// anything else.
func CheckPartName(name string) error {
	if !utils.IsValidIdentifier(name) {
		return fmt.Errorf("`%s` cannot be the name of a part; use letters, digits and _, a letter first", name)
	}
	return nil
}

// CheckElementName returns an error if the element of a $each cannot have this
// name. It does not know lets and the mapping's functions: the caller checks those.
func CheckElementName(name string) error { return checkName(name, "element") }

// CheckParameterName returns an error if a parameter cannot have this name. It
// may hide a let, and be called like a function: a call is one of the function.
func CheckParameterName(name string) error { return checkWord(name, "parameter") }

func checkName(name, what string) error {
	if isFunction(name) {
		return fmt.Errorf("`%s` is the name of a function; give the %s another name", name, what)
	}
	return checkWord(name, what)
}

func checkWord(name, what string) error {
	switch {
	case !utils.IsValidIdentifier(name):
		return fmt.Errorf("`%s` cannot be the name of a %s; use letters, digits and _, a letter first", name, what)
	case slices.Contains(keywords, name):
		return fmt.Errorf("`%s` is a word of the expression language; give the %s another name", name, what)
	case slices.Contains(given, name):
		return fmt.Errorf("`%s` is a name that every expression has; give the %s another name", name, what)
	}
	return nil
}

// checkVariable checks the name of a `let` inside an expression, which may hide
// anything but a function.
func checkVariable(name string) error {
	if isFunction(name) {
		return fmt.Errorf("`%s` is the name of a function; give the variable another name", name)
	}
	return nil
}

func isFunction(name string) bool {
	_, loops := predicates[name]
	_, gone := removed[name]
	return function.Named(name) != nil || loops || gone || fallback(name) != nil
}
