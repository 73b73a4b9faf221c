package alert

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// FromAny is the value of a Go value as expressions and decoders make them.
// []any and map[string]any are taken over, not copied; other lists of plain
// types are copied. NaN, infinities and types that JSON has not become absence.
func FromAny(x any) Value {
	switch x := x.(type) {
	case nil:
		return Value{}
	case Value:
		return x
	case string:
		return OfText(x)
	case bool:
		return OfBool(x)
	case float64:
		return OfFloat(x)
	case float32:
		return OfFloat(float64(x))
	case json.Number:
		return fromNumber(string(x))
	case []any:
		return ofList(x)
	case map[string]any:
		if x == nil {
			return Value{}
		}
		return Value{Kind: Object, Any: x}
	}
	if v, ok := fromInt(x); ok {
		return v
	}
	return fromSlice(x)
}

func fromInt(x any) (Value, bool) {
	switch x := x.(type) {
	case int:
		return OfInt(int64(x)), true
	case int64:
		return OfInt(x), true
	case int32:
		return OfInt(int64(x)), true
	case int16:
		return OfInt(int64(x)), true
	case int8:
		return OfInt(int64(x)), true
	case uint:
		return fromUint(uint64(x)), true
	case uint64:
		return fromUint(x), true
	case uint32:
		return OfInt(int64(x)), true
	case uint16:
		return OfInt(int64(x)), true
	case uint8:
		return OfInt(int64(x)), true
	}
	return Value{}, false
}

// fromUint keeps every digit, as a scanned number does.
func fromUint(n uint64) Value {
	if n > math.MaxInt64 {
		return OfText(strconv.FormatUint(n, 10))
	}
	return OfInt(int64(n))
}

// fromNumber is what scanning the number would have given; what is no JSON
// number is text.
func fromNumber(s string) Value {
	if s == "" || s[0] != '-' && !digit(s[0]) {
		return OfText(s)
	}
	end, whole := numberEnd(s, 0)
	if end != len(s) {
		return OfText(s)
	}
	return scanned(s, whole)
}

func fromSlice(x any) Value {
	switch x := x.(type) {
	case []string:
		return ofList(anys(x))
	case []int:
		return ofList(anys(x))
	case []int64:
		return ofList(anys(x))
	case []float64:
		return ofList(anys(x))
	case []bool:
		return ofList(anys(x))
	case []map[string]any:
		return ofList(anys(x))
	case []Value:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = v.Interface()
		}
		return ofList(out)
	}
	return Value{}
}

func anys[T any](xs []T) []any {
	if xs == nil {
		return nil
	}
	out := make([]any, len(xs))
	for i, x := range xs {
		out[i] = x
	}
	return out
}

func ofList(x []any) Value {
	if x == nil {
		return Value{}
	}
	return Value{Kind: List, Any: x}
}

// Interface is the value as nil, bool, int, float64, string, []any or
// map[string]any, and so on inside; of duplicate names the last wins. A raw
// list or object is decoded anew at each call, a materialised one is given as
// it is.
func (v Value) Interface() any {
	switch v.Kind {
	case Bool:
		return v.Num != 0
	case Int:
		return int(int64(v.Num))
	case Float:
		return math.Float64frombits(v.Num)
	case Text:
		return v.Text
	case List, Object:
		if v.Any != nil {
			return v.Any
		}
		if t, _ := buildTree(v.Text); t != nil {
			return t.value()
		}
	}
	return nil
}

func appendAny(dst []byte, x any) []byte {
	switch x := x.(type) {
	case []any:
		dst = append(dst, '[')
		for i, item := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = FromAny(item).AppendJSON(dst)
		}
		return append(dst, ']')
	case map[string]any:
		names := make([]string, 0, len(x))
		for name := range x {
			names = append(names, name)
		}
		slices.Sort(names)
		dst = append(dst, '{')
		for i, name := range names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(jsontext.AppendString(dst, name), ':')
			dst = FromAny(x[name]).AppendJSON(dst)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}
