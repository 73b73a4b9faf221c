package expression

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// Kinds is a set of the kinds that an expression may yield.
type Kinds = function.Kinds

// The members of Kinds, one for each alert.Kind, and all of them.
const (
	Nil    = function.Nil
	Bool   = function.Bool
	Int    = function.Int
	Float  = function.Float
	Text   = function.Text
	List   = function.List
	Object = function.Object
	Any    = function.Any
)

// Condition reports whether a condition holds: true holds, false and nil do not.
// Any other value is an error.
func Condition(v alert.Value) (bool, error) {
	if v.Kind == alert.Bool || v.Kind == alert.Nil {
		return v.Num != 0, nil
	}
	return false, fmt.Errorf("a condition must be true or false, and this one is %s; compare it with something", function.Word(v.Kind))
}
