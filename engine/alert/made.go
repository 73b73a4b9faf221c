package alert

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// made is a list or an object that was made, and not cut out of a line. It
// never changes, so values may share it.
type made struct {
	items   []Value
	members []Member       // in ascending order of their names, each once
	index   map[string]int // into members, where they are many and looked up often
}

// Member is one member of an object.
type Member struct {
	Name  string
	Value Value
}

// OfList makes a list. It takes items over: they must not change any more.
func OfList(items []Value) Value { return Value{Kind: List, made: &made{items: items}} }

// OfRows makes a list of lists of width values each, out of cells in one piece.
// It takes cells over.
func OfRows(cells []Value, width int) Value {
	rows := make([]Value, len(cells)/width)
	lists := make([]made, len(rows))
	for i := range rows {
		lists[i].items = cells[i*width : (i+1)*width : (i+1)*width]
		rows[i] = Value{Kind: List, made: &lists[i]}
	}
	return OfList(rows)
}

// OfObject makes an object; of members of one name the last counts. It takes
// members over and sorts them: they must not be used any more.
func OfObject(members []Member) Value {
	return Value{Kind: Object, made: &made{members: inOrder(members)}}
}

func byName(a, b Member) int { return cmp.Compare(a.Name, b.Name) }

// inOrder sorts members by their names and keeps the last of each.
func inOrder(members []Member) []Member {
	ordered := true
	for i := 1; i < len(members) && ordered; i++ {
		ordered = members[i-1].Name < members[i].Name
	}
	if ordered {
		return members
	}
	slices.SortStableFunc(members, byName)
	kept := members[:1]
	for _, m := range members[1:] {
		if last := &kept[len(kept)-1]; last.Name == m.Name {
			last.Value = m.Value
		} else {
			kept = append(kept, m)
		}
	}
	return kept
}

// indexed prepares an object for many lookups.
func (v Value) indexed() Value {
	const many = 16 // fewer are found as fast by halving
	if members := v.made.members; len(members) > many {
		v.made.index = make(map[string]int, len(members))
		for i := range members {
			v.made.index[members[i].Name] = i
		}
	}
	return v
}

func (d *made) member(name string) (Value, bool) {
	if d.index != nil {
		if i, ok := d.index[name]; ok {
			return d.members[i].Value, true
		}
		return Value{}, false
	}
	low, high := 0, len(d.members)
	for low < high {
		middle := int(uint(low+high) >> 1)
		switch at := &d.members[middle]; {
		case at.Name == name:
			return at.Value, true
		case at.Name < name:
			low = middle + 1
		default:
			high = middle
		}
	}
	return Value{}, false
}

func (d *made) appendJSON(dst []byte, k Kind) []byte {
	if k == List {
		dst = append(dst, '[')
		for i := range d.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = d.items[i].AppendJSON(dst)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i := range d.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendString(dst, d.members[i].Name), ':')
		dst = d.members[i].Value.AppendJSON(dst)
	}
	return append(dst, '}')
}

// Decoded is the value with all that is raw in it decoded, at any depth: names
// are in order, each is there once, and its JSON has no white space. It takes
// one pass over each raw text.
func (v Value) Decoded() Value {
	switch {
	case v.Kind < List:
		return v
	case v.made == nil:
		t, _ := buildTree(v.Text)
		if t == nil {
			return Value{}
		}
		return t.value()
	case v.Kind == List:
		items := make([]Value, len(v.made.items))
		for i := range items {
			items[i] = v.made.items[i].Decoded()
		}
		return OfList(items)
	}
	members := make([]Member, len(v.made.members))
	for i, m := range v.made.members {
		members[i] = Member{m.Name, m.Value.Decoded()}
	}
	return OfObject(members)
}
