package profile

import (
	"cmp"
	"slices"
	"strings"
)

// mostFrequent is how many values of a field are watched for being frequent.
const mostFrequent = 16

// longestExample is where examples are cut, in characters.
const longestExample = 100

// frequent finds the values that occur most often in bounded memory (Space-Saving): a
// value that is new takes the place of the one that occurred least often, with its
// count, so no value that is truly frequent is missed.
type frequent struct{ entries []entry }

type entry struct {
	hash  uint64
	count int64
	over  int64 // by how much the count may be too high
	text  string
}

func (f *frequent) add(hash uint64, text string) {
	least := 0
	for i := range f.entries {
		if f.entries[i].hash == hash {
			f.entries[i].count++
			return
		}
		if f.entries[i].count < f.entries[least].count {
			least = i
		}
	}
	if len(f.entries) < mostFrequent {
		f.entries = append(f.entries, entry{hash, 1, 0, example(text)})
		return
	}
	e := &f.entries[least]
	*e = entry{hash, e.count + 1, e.count, example(text)}
}

// merge adds the entries of another.
func (f *frequent) merge(o *frequent) {
	for _, e := range o.entries {
		if at := slices.IndexFunc(f.entries, func(have entry) bool { return have.hash == e.hash }); at >= 0 {
			f.entries[at].count += e.count
			f.entries[at].over += e.over
		} else {
			f.entries = append(f.entries, e)
		}
	}
	f.sort()
	f.entries = f.entries[:min(len(f.entries), mostFrequent)]
}

func (f *frequent) sort() {
	slices.SortFunc(f.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.count-b.over, a.count-a.over), cmp.Compare(b.count, a.count), strings.Compare(a.text, b.text))
	})
}

// example is the beginning of a text, in memory of its own.
func example(text string) string { return strings.Clone(cut(text)) }

func cut(text string) string {
	if len(text) <= longestExample {
		return text
	}
	n := 0
	for i := range text {
		if n++; n > longestExample {
			return text[:i] + "…"
		}
	}
	return text
}

// tally counts names, the first mostTallied of them one by one.
type tally struct {
	counts map[string]int64
	others int64
}

const mostTallied = 1000

func (t *tally) add(name string) {
	name = cut(name)
	switch _, known := t.counts[name]; {
	case known:
		t.counts[name]++
	case len(t.counts) < mostTallied:
		if t.counts == nil {
			t.counts = map[string]int64{}
		}
		t.counts[strings.Clone(name)]++
	default:
		t.others++
	}
}

// Count is how often a name occurred.
type Count struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// list gives the counts, the largest first.
func (t *tally) list() []Count {
	all := make([]Count, 0, len(t.counts)+1)
	for name, n := range t.counts {
		all = append(all, Count{name, n})
	}
	slices.SortFunc(all, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name)) })
	if t.others > 0 {
		all = append(all, Count{others, t.others})
	}
	return all
}
