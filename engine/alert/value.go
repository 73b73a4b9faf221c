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
// The spelling of a number is the text of its source (1.10, 1e3, or 007 for a
// constant of a mapping), which text attributes copy. It is empty for computed
// numbers, which AppendText formats.
//
// A JSON number without fraction and exponent that fits int64 is Int; one that
// float64 holds is Float; an integer beyond int64 is Text of its digits, since
// text that is a number counts as one and no digit may be lost.
//
// Lists and objects of an alert are raw: they are JSON text, which is parsed only
// when something looks into it. Most are just copied. Those that expressions,
// tables and guests make hold Values (see OfList, OfObject and From). Items,
// Members, Member and Index read both.
//
// Text of a scanned value aliases the line or the scanner's scratch and is
// valid until the next Scan; strings taken out of an expression may be kept.
//
// A Value has 48 bytes, which are copied as three words of 16. A copy of 40
// bytes overlaps its own stores, and makes evaluating a tenth slower.
type Value struct {
	Kind Kind
	// Origin says which values of the alert it comes from; see Origins. It has no
	// part in what the value is.
	Origin Origin
	Num    uint64
	Text   string
	list   *[]Value // of a made list
	object *object  // of a made object
}

// Append appends a value field by field: a copy of what was just made waits for its fields.
func Append(dst []Value, v *Value) []Value {
	dst = append(dst, Value{})
	to := &dst[len(dst)-1]
	to.Kind, to.Origin, to.Num, to.Text, to.list, to.object = v.Kind, v.Origin, v.Num, v.Text, v.list, v.object
	return dst
}

// OfText makes a Text, the empty text too.
func OfText(s string) Value { return Value{Kind: Text, Text: s} }

// OfInt makes an Int.
func OfInt(n int64) Value { return Value{Kind: Int, Num: uint64(n)} }

// OfFloat makes a Float, or absence if f is not finite.
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

// Number returns the value as Int or Float: itself, or text that is a number. It
// returns false for any other value, booleans included.
func (v Value) Number() (Value, bool) {
	switch v.Kind {
	case Int, Float:
		return v, true
	case Text:
		n, ok := ParseNumber(v.Text)
		n.Origin = v.Origin
		return n, ok
	}
	return Value{}, false
}

// AppendText appends the value as text: a number as it is spelled or, if it was
// computed, in its shortest form; true or false; nothing for absence; the JSON
// text of a list or an object.
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

// JSON is the text that AppendJSON appends. It may be that of the value.
func (v Value) JSON() string {
	if v.IsRaw() {
		return v.Text
	}
	return string(v.AppendJSON(make([]byte, 0, v.roughSize())))
}

// roughSize is about how long the JSON of a value is.
func (v *Value) roughSize() int {
	size := 2 + max(len(v.Text), 8)
	switch {
	case v.list != nil:
		for i := range *v.list {
			size += 1 + (*v.list)[i].roughSize()
		}
	case v.object != nil:
		for i := range v.object.members {
			m := &v.object.members[i]
			size += 4 + len(m.Name) + m.Value.roughSize()
		}
	}
	return size
}

// AppendJSON appends the value as JSON: null for absence, a number as it is
// spelled if that is JSON, the members of a made object in the order of their
// names, and the text of a raw list or object unchanged.
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
