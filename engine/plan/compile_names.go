package plan

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/syntax"
)

// vocabulary is what names mean in a mapping. It reads names off the texts of
// expressions without understanding them, so that some reach more than is meant: a word
// in quotes, a member of the alert that is called as a let is.
type vocabulary struct {
	words    map[string][]string // of a text; all mappings of a set have it in common
	meanings map[string][]*meaning
	lets     []*meaning
}

// meaning is one thing that a name may mean.
type meaning struct {
	id    string   // which it is, among all of the set
	let   int      // 1 + the index of a let, 0 of anything else
	texts []string // of its definition
}

func meant(kind string, at syntax.Pos, texts []string) *meaning {
	return &meaning{id: kind + " " + at.File + ":" + strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Col), texts: texts}
}

func newVocabulary(m *syntax.Mapping, words map[string][]string) *vocabulary {
	v := &vocabulary{words: words, meanings: map[string][]*meaning{}}
	for i := range m.Let {
		l := &m.Let[i]
		let := v.add(l.Name, "let", l.Pos)
		let.let, let.texts = i+1, textsOf(nil, l.Value)
		v.lets = append(v.lets, let)
	}
	for i := range m.Functions {
		f := &m.Functions[i]
		v.add(f.Name, "function", f.Pos).texts = []string{f.Body.Text}
	}
	for i := range m.Guests {
		v.add(m.Guests[i].Name, "guest", m.Guests[i].Pos)
	}
	for i := range m.Settings {
		v.add(m.Settings[i].Name, "setting", m.Settings[i].Pos)
	}
	for name, at := range m.TablePos {
		v.add(name, "table", at)
		v.add("tables", name, at) // `tables` may be used as a whole
	}
	return v
}

func (v *vocabulary) add(name, kind string, at syntax.Pos) *meaning {
	m := meant(kind, at, nil)
	v.meanings[name] = append(v.meanings[name], m)
	return m
}

// reach collects what texts reach by their names, directly or through definitions.
type reach map[*meaning]bool

func (v *vocabulary) reach(in reach, texts []string) {
	for _, text := range texts {
		for _, word := range v.wordsOf(text) {
			for _, m := range v.meanings[word] {
				if !in[m] {
					in[m] = true
					v.reach(in, m.texts)
				}
			}
		}
	}
}

// signature names what a definition and its faults depend on: two mappings of a set in
// which it is the same find the same faults. Lets are in their order, because each may
// use those before it only.
func (v *vocabulary) signature(of *meaning) string {
	in := reach{of: true}
	v.reach(in, of.texts)
	all := slices.SortedFunc(maps.Keys(in), func(a, b *meaning) int { return cmp.Or(a.let-b.let, strings.Compare(a.id, b.id)) })
	var b strings.Builder
	b.WriteString(of.id)
	for _, m := range all {
		b.WriteString("\n" + m.id)
	}
	return b.String()
}

// wordsOf returns each name in a text once. A table that is named by `tables.` is no use
// of all tables.
func (v *vocabulary) wordsOf(text string) []string {
	if words, ok := v.words[text]; ok {
		return words
	}
	var words []string
	for at := 0; at < len(text); at++ {
		if !inWord(text[at]) {
			continue
		}
		from := at
		for at < len(text) && inWord(text[at]) {
			at++
		}
		if word := text[from:at]; word != "tables" || !strings.HasPrefix(text[at:], ".") {
			words = appendNew(words, word)
		}
	}
	v.words[text] = words
	return words
}

// inWord reports whether a byte may be in a name. Names may have any letters.
func inWord(b byte) bool {
	return b == '_' || b == '$' || b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// textsOf appends the texts of the expressions at and below a node.
func textsOf(texts []string, n *syntax.Node) []string {
	if n == nil {
		return texts
	}
	own := []*syntax.Expression{n.Expression, n.Each, n.When}
	if n.Part != nil {
		own = append(own, n.Part.Args...)
	}
	for _, e := range own {
		if e != nil {
			texts = append(texts, e.Text)
		}
	}
	for _, item := range n.Items {
		texts = textsOf(texts, item)
	}
	for _, f := range n.Fields {
		texts = textsOf(texts, f.Value)
	}
	return texts
}

// distinct returns each item once, in the order of appearance. A list may read thousands of
// values.
func distinct(list []int) (once []int) {
	known := make(map[int]bool, len(list))
	for _, i := range list {
		if !known[i] {
			known[i], once = true, append(once, i)
		}
	}
	return once
}

// appendNew appends the items that the list does not have yet.
func appendNew[T comparable](list []T, items ...T) []T {
	for _, i := range items {
		if !slices.Contains(list, i) {
			list = append(list, i)
		}
	}
	return list
}
