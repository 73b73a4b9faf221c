package alert

import (
	"unsafe"

	"github.com/sluice-lake/sluice/engine/arena"
	"github.com/sluice-lake/sluice/engine/jsontext"
)

// Arena lends the memory for the values that are made of one alert. They are valid until
// Reset, so whoever keeps one longer copies it, with the texts in it. It belongs to one
// goroutine; the zero Arena is ready. What a nil Arena makes may be kept.
type Arena struct {
	values  arena.Arena[Value]
	lists   arena.Arena[[]Value]
	members arena.Arena[Member]
	objects arena.Arena[object]
	texts   arena.Arena[byte]
	spare   []byte // for texts in the making
}

// Reset takes all memory back.
func (a *Arena) Reset() {
	a.values.Reset()
	a.lists.Reset()
	a.members.Reset()
	a.objects.Reset()
	a.texts.Reset()
	if cap(a.spare) > keepScratch {
		a.spare = nil
	}
}

// Values returns memory for n values.
func (a *Arena) Values(n int) []Value {
	if a == nil {
		return make([]Value, n)
	}
	return a.values.Make(n)
}

// Members returns memory for n members.
func (a *Arena) Members(n int) []Member {
	if a == nil {
		return make([]Member, n)
	}
	return a.members.Make(n)
}

// Text is a copy of b as text.
func (a *Arena) Text(b []byte) string {
	if a == nil || len(b) == 0 {
		return string(b)
	}
	text := a.texts.Make(len(b))
	copy(text, b)
	return unsafe.String(&text[0], len(text))
}

// TextOf is what AppendText appends.
func (a *Arena) TextOf(v Value) string {
	if a == nil {
		return string(v.AppendText(nil))
	}
	a.spare = v.AppendText(a.spare[:0])
	return a.Text(a.spare)
}

// JSON is Value.JSON in memory of the Arena.
func (a *Arena) JSON(v Value) string {
	if a == nil || v.IsRaw() {
		return v.JSON()
	}
	a.spare = v.AppendJSON(a.spare[:0])
	return a.Text(a.spare)
}

// List makes a list of items, which must not change afterwards.
func (a *Arena) List(items []Value) Value {
	if a == nil {
		return OfList(items)
	}
	list := &a.lists.Make(1)[0]
	*list = items
	return Value{Kind: List, list: list}
}

// Object is OfObject in memory of the Arena.
func (a *Arena) Object(members []Member) Value {
	if a == nil {
		return OfObject(members)
	}
	o := &a.objects.Make(1)[0]
	o.members = inOrder(members)
	return Value{Kind: Object, object: o}
}

// Rows makes a list of n lists of width values each, in memory of the Arena. The caller fills in
// the values, which are in cells row by row, before anyone reads the list.
func (a *Arena) Rows(n, width int) (list Value, cells []Value) {
	if a == nil {
		return ofRows(n, width)
	}
	cells, rows := a.Values(n*width), a.Values(n)
	for i := range rows {
		rows[i] = a.List(cells[i*width : (i+1)*width : (i+1)*width])
	}
	return a.List(rows), cells
}

func (a *Arena) appendMember(members []Member, m Member) []Member {
	if a == nil {
		return append(members, m)
	}
	return a.members.Append(members, m)
}

// unescaped is the text between the quotes of a string, without its escapes.
func (a *Arena) unescaped(raw string) string {
	if a == nil {
		return string(jsontext.AppendUnescaped(nil, raw))
	}
	a.spare = jsontext.AppendUnescaped(a.spare[:0], raw)
	return a.Text(a.spare)
}
