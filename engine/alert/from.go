package alert

import "encoding/json"

// From converts plain data to a value: nil, bool, int, int64, float64, string,
// json.Number, Value, and []any and map[string]any of these. It copies lists and
// objects. Data of other types, NaN and infinities become absence.
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
		return OfTable(members)
	}
	return Value{}
}

// fromNumber returns what scanning the number would, and text for anything that
// is not a JSON number.
func fromNumber(s string) Value {
	if !isNumber(s) {
		return OfText(s)
	}
	return rawValue(s, 0)
}
