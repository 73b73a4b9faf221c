package function

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Group is a heading of the manual.
type Group string

// The groups, in the order of the manual.
const (
	Texts     Group = "Texts"
	Formats   Group = "Formats, encodings and digests"
	Patterns  Group = "Patterns"
	Numerics  Group = "Numbers"
	Lists     Group = "Lists"
	Objects   Group = "Objects"
	Addresses Group = "Addresses"
	Fallbacks Group = "Kinds and fallbacks"
)

// Groups are the headings of the manual, in order.
var Groups = []Group{Texts, Formats, Patterns, Numerics, Lists, Objects, Addresses, Fallbacks}

// Parameter is what a function takes in one place.
type Parameter struct {
	Name     string
	Sort     Sort
	Optional bool // it may be left out, and those behind it too
	Many     bool // it stands for one argument or more
	// Steers is true where the argument only says how the result is made, as a
	// separator or a pattern does: its value is not in the result.
	Steers bool
}

// Sort is what a parameter accepts, in the word that people read.
type Sort string

// The sorts of parameters. Where text belongs a number is its text, where a
// number belongs text may be one, and one value is a list of itself.
const (
	ValueSort      Sort = "any value"
	TextSort       Sort = "text"
	NumberSort     Sort = "a number"
	IntegerSort    Sort = "a whole number"
	ListSort       Sort = "a list"
	ObjectSort     Sort = "an object"
	ConditionSort  Sort = "a condition"   // evaluated for each item
	ExpressionSort Sort = "an expression" // evaluated for each item
)

// Accepts are the kinds of values of which some are accepted.
func (s Sort) Accepts() Kinds {
	switch s {
	case TextSort:
		return Bool | Number | Text
	case NumberSort, IntegerSort:
		return Number | Text
	case ObjectSort:
		return Object
	case ConditionSort:
		return Bool
	}
	return Any
}

// Refuses reports whether a value is of no use where the sort is expected: it is of
// a kind that is not accepted, or text that is not the number it should be.
func (s Sort) Refuses(v alert.Value) bool {
	switch {
	case v.Kind == alert.Nil:
		return false
	case s.Accepts()&KindOf(v) == 0:
		return true
	case s == IntegerSort:
		_, err := whole(v)
		return err != nil
	case s == NumberSort:
		_, ok := convertible(v)
		return !ok
	}
	return false
}

// Parameter returns the parameter of an argument, by the argument's position.
func (f *Function) Parameter(i int) Parameter {
	if i >= len(f.Takes) {
		return f.Takes[len(f.Takes)-1]
	}
	return f.Takes[i]
}

// Steering returns the positions of the arguments that only steer, as bits.
func (f *Function) Steering() (bits uint64) {
	for i, p := range f.Takes {
		if p.Steers {
			bits |= 1 << i
		}
	}
	return bits
}

// Arity returns how many arguments a function takes; most is -1 for any number.
func (f *Function) Arity() (least, most int) {
	for _, p := range f.Takes {
		if !p.Optional {
			least++
		}
		if p.Many {
			return least, -1
		}
	}
	return least, len(f.Takes)
}

// Signature is how a function is called: replace(text, old, new[, times]).
func (f *Function) Signature() string {
	var b strings.Builder
	b.WriteString(f.Name + "(")
	open := 0
	for i, p := range f.Takes {
		comma := ", "
		if i == 0 {
			comma = ""
		}
		if p.Optional {
			comma, open = "["+comma, open+1
		}
		b.WriteString(comma + p.Name)
		if p.Many {
			b.WriteString("…")
		}
	}
	return b.String() + strings.Repeat("]", open) + ")"
}

func aValue(name string) Parameter    { return Parameter{Name: name, Sort: ValueSort} }
func aText(name string) Parameter     { return Parameter{Name: name, Sort: TextSort} }
func aNumber(name string) Parameter   { return Parameter{Name: name, Sort: NumberSort} }
func anInteger(name string) Parameter { return Parameter{Name: name, Sort: IntegerSort} }
func aList(name string) Parameter     { return Parameter{Name: name, Sort: ListSort} }
func anObject(name string) Parameter  { return Parameter{Name: name, Sort: ObjectSort} }

func takes(all ...Parameter) []Parameter { return all }

// by makes a parameter that only steers.
func by(p Parameter) Parameter {
	p.Steers = true
	return p
}

// optional makes a parameter that may be left out.
func optional(p Parameter) Parameter {
	p.Optional = true
	return p
}

// many are the parameters of a function that takes any number of lists or single
// values.
func many(name string) []Parameter { return []Parameter{{Name: name, Sort: ListSort, Many: true}} }
