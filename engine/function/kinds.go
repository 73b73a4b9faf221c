package function

import (
	"math"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Kinds is a set of the kinds that an expression may yield. It may be too large
// but never too small: a kind that is not in it cannot come out.
type Kinds uint8

// The members of Kinds, one for each alert.Kind, and all of them.
const (
	Nil    = Kinds(1 << alert.Nil)
	Bool   = Kinds(1 << alert.Bool)
	Int    = Kinds(1 << alert.Int)
	Float  = Kinds(1 << alert.Float)
	Text   = Kinds(1 << alert.Text)
	List   = Kinds(1 << alert.List)
	Object = Kinds(1 << alert.Object)

	Any    = Nil | Bool | Int | Float | Text | List | Object
	Number = Int | Float
)

// Has reports whether a value of kind k may come out.
func (k Kinds) Has(kind alert.Kind) bool { return k&(1<<kind) != 0 }

// String names the kinds for messages, as in "a list or an object".
func (k Kinds) String() string {
	var words []string
	for kind := alert.Nil; kind <= alert.Object; kind++ {
		if word := Word(kind); k.Has(kind) && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	last := max(len(words)-1, 0)
	return strings.TrimPrefix(strings.Join(words[:last], ", ")+" or "+strings.Join(words[last:], ""), " or ")
}

// KindOf is the set of one value's kind.
func KindOf(v alert.Value) Kinds { return 1 << v.Kind }

// Word names a kind for messages, which never show contents.
func Word(k alert.Kind) string {
	switch k {
	case alert.Nil:
		return "nothing"
	case alert.Bool:
		return "true or false"
	case alert.Int, alert.Float:
		return "a number"
	case alert.Text:
		return "text"
	case alert.List:
		return "a list"
	default:
		return "an object"
	}
}

// OfFloat rejects infinities and NaN, which no alert and no column can hold.
func OfFloat(f float64) (alert.Value, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return alert.Value{}, errNotFinite
	}
	return alert.Value{Kind: alert.Float, Num: math.Float64bits(f)}, nil
}
