package alert

import "github.com/sluice-lake/sluice/engine/jsontext"

// tree is a complete JSON value. Of duplicate names it holds the last, at the
// place of the first. It handles the lines that the quick pass cannot.
type tree struct {
	name string
	text string // source text
	at   int    // where it begins in the text that was read
	kids []tree // of a list or an object
}

// place is where the member of that name is, or len(t.kids).
func (t *tree) place(name string) int {
	for i := range t.kids {
		if t.kids[i].name == name {
			return i
		}
	}
	return len(t.kids)
}

// kid returns what a step leads to, or nil.
func (t *tree) kid(step Step) *tree {
	switch {
	case step.IsIndex && t.text[0] == '[':
		if step.Index >= 0 && step.Index < len(t.kids) {
			return &t.kids[step.Index]
		}
	case !step.IsIndex && t.text[0] == '{':
		if i := t.place(step.Name); i < len(t.kids) {
			return &t.kids[i]
		}
	}
	return nil
}

// unwrap returns the alert inside what the indexer made of it. wrapped is false if
// the indexer did not wrap it.
func (t *tree) unwrap() (alert *tree, wrapped bool) {
	source := t.kid(Step{Name: "_source"})
	if source == nil || source.text[0] != '{' {
		return t, false
	}
	inner := make(map[string]bool, len(source.kids))
	for i := range source.kids {
		inner[source.kids[i].name] = true
	}
	alert = &tree{}
	for i := range t.kids {
		switch k := &t.kids[i]; {
		case k == source:
			alert.kids = append(alert.kids, source.kids...)
		case !inner[k.name]:
			alert.kids = append(alert.kids, *k)
		}
	}
	alert.text = "{"
	return alert, true
}

// appendTo appends the value as JSON without white space and duplicates.
func (t *tree) appendTo(dst []byte) []byte {
	open := t.text[0]
	if open != '{' && open != '[' {
		return append(dst, t.text...)
	}
	dst = append(dst, open)
	for i := range t.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		if open == '{' {
			dst = append(jsontext.AppendString(dst, t.kids[i].name), ':')
		}
		dst = t.kids[i].appendTo(dst)
	}
	return append(dst, open+2) // ASCII has the closing brackets there
}

// value is the tree as a made value; origin is that of the text which was read.
func (t *tree) value(origin Origin) Value {
	switch t.text[0] {
	case '[':
		items := make([]Value, len(t.kids))
		for i := range t.kids {
			items[i] = t.kids[i].value(origin)
		}
		return OfList(items)
	case '{':
		members := make([]Member, len(t.kids))
		for i := range t.kids {
			members[i] = Member{t.kids[i].name, t.kids[i].value(origin)}
		}
		return OfObject(members)
	}
	return rawValue(t.text, origin.within(t.at))
}
