package alert

// Kind is what a Value holds.
type Kind uint8

// The kinds of values. The zero Kind is absence.
const (
	Nil Kind = iota
	Bool
	Int
	Float
	Text
	List
	Object
)

// Value is one value of an alert or of an expression. The zero Value is
// absence (JSON null counts as absent too).
//
//	Bool    Num is 0 or 1
//	Int     Num is the value as int64
//	Float   Num holds math.Float64bits of a finite number
//	Text    Text
//	List    Any is a []any, or Any is nil and Text is the JSON text of the list
//	Object  Any is a map[string]any, or Any is nil and Text is its JSON text
//
// A JSON number without fraction and exponent that fits int64 is Int; one that
// float64 holds is Float; an integer beyond int64 is Text of its digits, since
// text that is a number counts as one and no digit may be lost.
//
// Text of a scanned value aliases the line or the scanner's scratch and is
// valid until the next Scan; strings taken out of an expression may be kept.
type Value struct {
	Kind Kind
	Num  uint64
	Text string
	Any  any
}
