package alert

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// object is a made object. It never changes, so values may share it.
type object struct {
	members []Member // in ascending order of their names, each once
	index   *index   // for objects that are looked into often
}

// Member is one member of an object.
type Member struct {
	Name  string
	Value Value
}

// OfList makes a list of items, which must not change afterwards.
func OfList(items []Value) Value { return Value{Kind: List, list: &items} }

// ofRows makes a list of n lists of width values each. The caller fills in the
// values, which are in cells row by row, before anyone reads the list.
func ofRows(n, width int) (list Value, cells []Value) {
	values := make([]Value, n*width+n)
	cells, rows := values[:n*width:n*width], values[n*width:]
	lists := make([][]Value, n+1)
	for i := range rows {
		lists[i] = cells[i*width : (i+1)*width : (i+1)*width]
		rows[i] = Value{Kind: List, list: &lists[i]}
	}
	lists[n] = rows
	return Value{Kind: List, list: &lists[n]}, cells
}

// OfObject makes an object. If a name appears twice, the last one wins. It sorts
// members, which must not be used afterwards.
func OfObject(members []Member) Value {
	return Value{Kind: Object, object: &object{members: inOrder(members)}}
}

// OfTable makes an object as OfObject does that is looked into often: finding a
// member takes the same time however many there are.
func OfTable(members []Member) Value { return OfObject(members).indexed() }

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
	if len(members) <= fewMembers {
		insert(members)
	} else {
		slices.SortStableFunc(members, byName)
	}
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

// fewMembers take less to be sorted by insertion: a Member is large, and sorting swaps.
const fewMembers = 40

// insert sorts members by their names, and keeps the order of those with the same.
func insert(members []Member) {
	for i := 1; i < len(members); i++ {
		if members[i-1].Name <= members[i].Name {
			continue
		}
		low, high := 0, i-1
		for low < high {
			if middle := (low + high) / 2; members[middle].Name <= members[i].Name {
				low = middle + 1
			} else {
				high = middle
			}
		}
		m := members[i]
		copy(members[low+1:i+1], members[low:i])
		members[low] = m
	}
}

// indexed prepares an object for frequent lookups.
func (v Value) indexed() Value {
	const many = 16 // a binary search is as fast for fewer
	if o := v.object; len(o.members) > many {
		o.index = newIndex(o.members)
	}
	return v
}

func (o *object) member(name string) (Value, bool) {
	if i := o.find(name); i >= 0 {
		return o.members[i].Value, true
	}
	return Value{}, false
}

// find returns the position of a member, or -1.
func (o *object) find(name string) int {
	if o.index != nil {
		return o.index.find(o.members, name)
	}
	low, high := 0, len(o.members)
	for low < high {
		middle := int(uint(low+high) >> 1)
		switch at := &o.members[middle]; {
		case at.Name == name:
			return middle
		case at.Name < name:
			low = middle + 1
		default:
			high = middle
		}
	}
	return -1
}

// appendMade appends the JSON of a made list or object.
func (v *Value) appendMade(dst []byte) []byte {
	if v.Kind == List {
		dst = append(dst, '[')
		for i, item := range *v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.AppendJSON(dst)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i, m := range v.object.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendString(dst, m.Name), ':')
		dst = m.Value.AppendJSON(dst)
	}
	return append(dst, '}')
}

// Decoded returns the value with everything raw in it decoded, at any depth:
// names are in order and unique, and its JSON has no white space. It reads each
// raw text once.
func (v Value) Decoded() Value { return v.decoded(new(builder)) }

func (v Value) decoded(b *builder) Value {
	switch {
	case v.Kind < List:
		return v
	case v.IsRaw():
		t := b.build(v.Text)
		if t == nil {
			return Value{}
		}
		return t.value(v.Origin)
	case v.Kind == List:
		items := make([]Value, len(*v.list))
		for i := range items {
			items[i] = (*v.list)[i].decoded(b)
		}
		return OfList(items).of(v.Origin)
	}
	members := make([]Member, len(v.object.members))
	for i, m := range v.object.members {
		members[i] = Member{m.Name, m.Value.decoded(b)}
	}
	return OfObject(members).of(v.Origin)
}
