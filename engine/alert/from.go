package alert

import "encoding/json"

// From is the value of plain data: nil, bool, int, int64, float64, string,
// json.Number, []any and map[string]any of these, and Values among them. It
// copies lists and objects, and prepares objects for lookups. What is none of
// these is absence, as are NaN and infinities.
func From(x any) Value {
	switch x := x.(type) {
	case Value:
		return x
	case string:
		return OfText(x)
	case bool:
		return OfBool(x)
	case int:
		return OfInt(int64(x))
	case int64:
		return OfInt(x)
	case float64:
		return OfFloat(x)
	case json.Number:
		return fromNumber(string(x))
	case []any:
		items := make([]Value, len(x))
		for i := range x {
			items[i] = From(x[i])
		}
		return OfList(items)
	case map[string]any:
		members := make([]Member, 0, len(x))
		for name, v := range x {
			members = append(members, Member{name, From(v)})
		}
		return OfObject(members).indexed()
	}
	return Value{}
}

// fromNumber is what scanning the number would have given; what is no JSON
// number is text.
func fromNumber(s string) Value {
	if !isNumber(s) {
		return OfText(s)
	}
	_, whole := numberEnd(s, 0)
	return scanned(s, whole)
}
