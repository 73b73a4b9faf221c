package alert

import (
	"math"
	"strconv"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

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
// absence (JSON null counts as absent too). Values are immutable and small:
// pass them by value.
//
//	Bool    Num is 0 or 1
//	Int     Num is the value as int64, Text its spelling
//	Float   Num holds math.Float64bits of a finite number, Text its spelling
//	Text    Text
//	List    Text is the JSON text of a raw list, "" of a made one
//	Object  Text is the JSON text of a raw object, "" of a made one
//
// The spelling of a number is how its source wrote it (1.10, 1e3, or 007 as a
// constant of a mapping), for those who copy it into text. It is empty where a
// number was computed; then AppendText formats it.
//
// A JSON number without fraction and exponent that fits int64 is Int; one that
// float64 holds is Float; an integer beyond int64 is Text of its digits, since
// text that is a number counts as one and no digit may be lost.
//
// Lists and objects of an alert are raw: they are JSON text that is read when
// somebody looks into it, and most are only copied. Those that expressions,
// tables and guests make hold Values (OfList, OfObject, From). Items, Members,
// Member and Index read both alike.
//
// Text of a scanned value aliases the line or the scanner's scratch and is
// valid until the next Scan; strings taken out of an expression may be kept.
//
// A Value has 48 bytes, which are copied as three words of 16. A copy of 40
// bytes overlaps its own stores, and makes evaluating a tenth slower.
type Value struct {
	Kind   Kind
	Num    uint64
	Text   string
	list   *[]Value // of a made list
	object *object  // of a made object
}

// OfText makes a Text, the empty text too.
func OfText(s string) Value { return Value{Kind: Text, Text: s} }

// OfInt makes an Int.
func OfInt(n int64) Value { return Value{Kind: Int, Num: uint64(n)} }

// OfFloat makes a Float, and absence of what is not finite.
func OfFloat(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{Kind: Float, Num: math.Float64bits(f)}
}

// OfBool makes a Bool.
func OfBool(b bool) Value {
	v := Value{Kind: Bool}
	if b {
		v.Num = 1
	}
	return v
}

// Number is the value as Int or Float: itself, or text that is a number. It is
// false for all else, booleans included.
func (v Value) Number() (Value, bool) {
	switch v.Kind {
	case Int, Float:
		return v, true
	case Text:
		return ParseNumber(v.Text)
	}
	return Value{}, false
}

// AppendText appends the value as text: a number by its spelling or, if it was
// computed, in its shortest form; true or false; nothing for absence. A list or
// an object gives its JSON text.
func (v Value) AppendText(dst []byte) []byte {
	switch v.Kind {
	case Bool:
		return strconv.AppendBool(dst, v.Num != 0)
	case Int, Float:
		return v.appendNumber(dst)
	case Text:
		return append(dst, v.Text...)
	case List, Object:
		return v.AppendJSON(dst)
	}
	return dst
}

func (v Value) appendNumber(dst []byte) []byte {
	switch {
	case v.Text != "":
		return append(dst, v.Text...)
	case v.Kind == Int:
		return strconv.AppendInt(dst, int64(v.Num), 10)
	}
	return appendFloat(dst, math.Float64frombits(v.Num))
}

// AppendJSON appends the value as JSON: null for absence, a number by its
// spelling where JSON has such a one, the members of a made object in the order
// of their names, a raw list or object as the alert has it.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.Kind {
	case Nil:
		return append(dst, "null"...)
	case Int, Float:
		if !isNumber(v.Text) {
			v.Text = ""
		}
		return v.appendNumber(dst)
	case Text:
		return jsontext.AppendString(dst, v.Text)
	case List, Object:
		if v.IsRaw() {
			return append(dst, v.Text...)
		}
		return v.appendMade(dst)
	}
	return v.AppendText(dst)
}
