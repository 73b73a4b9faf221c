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

// builder reads a tree in one pass, so that depth costs nothing.
type builder struct {
	lexer
	duplicates bool
}

// buildTree reads a text. It returns nil if that is not JSON, which cannot happen
// for text that a Scanner accepted.
func buildTree(s string) (t *tree, duplicates bool) {
	b := builder{lexer: lexer{budget: len(s) + 1, maxDepth: rawDepth}}
	t = new(tree)
	if end := b.value(s, 0, 1, t); end != len(s) {
		return nil, false
	}
	return t, b.duplicates
}

func (b *builder) value(s string, i, depth int, t *tree) int {
	end := 0
	switch {
	case i < len(s) && s[i] == '{':
		end = b.object(s, i, depth, t)
	case i < len(s) && s[i] == '[':
		end = b.list(s, i, depth, t)
	default:
		end = b.skip(s, i, depth)
	}
	if end >= 0 {
		t.text, t.at = s[i:end], i
	}
	return end
}

func (b *builder) list(s string, i, depth int, t *tree) int {
	if depth > b.maxDepth {
		return b.tooDeep(i)
	}
	i = blank(s, i+1)
	if i < len(s) && s[i] == ']' {
		return i + 1
	}
	for more := true; more; {
		t.kids = append(t.kids, tree{})
		i, more = b.next(s, b.value(s, i, depth+1, &t.kids[len(t.kids)-1]), ']')
	}
	return i
}

func (b *builder) object(s string, i, depth int, t *tree) int {
	if depth > b.maxDepth {
		return b.tooDeep(i)
	}
	var places map[string]int // where there are many names
	i = blank(s, i+1)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	for more := true; more; {
		name, at, esc := b.name(s, i)
		if at < 0 {
			return at
		}
		if esc {
			name = string(jsontext.AppendUnescaped(nil, name))
		}
		kid := t.place(name, places)
		if kid == len(t.kids) {
			t.kids = append(t.kids, tree{})
		} else {
			b.duplicates = true
		}
		t.kids[kid] = tree{name: name}
		places = t.learn(places, kid)
		i, more = b.next(s, b.value(s, at, depth+1, &t.kids[kid]), '}')
	}
	return i
}

// place is where the member of that name is, or len(t.kids).
func (t *tree) place(name string, places map[string]int) int {
	if places != nil {
		if i, ok := places[name]; ok {
			return i
		}
		return len(t.kids)
	}
	for i := range t.kids {
		if t.kids[i].name == name {
			return i
		}
	}
	return len(t.kids)
}

// learn keeps the places of an object with many members in a map.
func (t *tree) learn(places map[string]int, kid int) map[string]int {
	const many = 16
	if len(t.kids) < many {
		return nil
	}
	if places == nil {
		places = make(map[string]int)
		for i := range t.kids {
			places[t.kids[i].name] = i
		}
	}
	places[t.kids[kid].name] = kid
	return places
}

// kid returns what a step leads to, or nil.
func (t *tree) kid(step Step) *tree {
	switch {
	case step.IsIndex && t.text[0] == '[':
		if step.Index >= 0 && step.Index < len(t.kids) {
			return &t.kids[step.Index]
		}
	case !step.IsIndex && t.text[0] == '{':
		if i := t.place(step.Name, nil); i < len(t.kids) {
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
