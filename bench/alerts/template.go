package alerts

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
)

// template is text with slots, which are written as ${name argument…} and are
// filled anew in each alert. Slots of equal text are filled alike within one
// alert: ${n 1 99 pid} is the same number wherever it stands in it. A slot
// without a key, as ${n 1 99}, is filled by itself.
type template []part

// part is text, followed by a slot if there is one.
type part struct {
	text []byte
	fill fill
}

// fill appends the slot's value, escaped as inside a JSON string.
type fill func(line []byte, s *scene) []byte

func (t template) append(line []byte, s *scene) []byte {
	for _, p := range t {
		line = append(line, p.text...)
		if p.fill != nil {
			line = p.fill(line, s)
		}
	}
	return line
}

// compile cuts JSON text into a template. "#{…}" with its quotes becomes a slot
// without quotes: a number.
func (c *catalog) compile(text string) (template, error) {
	var t template
	text = strings.ReplaceAll(text, `"#{`, `#{`)
	for ordinal := 0; ; ordinal++ {
		at := opening.FindStringIndex(text)
		if at == nil {
			return append(t, part{text: []byte(text)}), nil
		}
		slot, rest, found := strings.Cut(text[at[1]:], "}")
		if !found {
			return nil, fmt.Errorf("a slot has no end: %.60s", text[at[0]:])
		}
		if text[at[0]] == '#' {
			rest = strings.TrimPrefix(rest, `"`)
		}
		fill, err := c.slot(strings.Fields(slot), ordinal)
		if err != nil {
			return nil, fmt.Errorf("${%s}: %w", slot, err)
		}
		t = append(t, part{text: []byte(text[:at[0]]), fill: fill})
		text = rest
	}
}

var opening = regexp.MustCompile(`[$#]\{`)

func hash(words ...string) uint64 {
	h := fnv.New64a()
	for _, w := range words {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// mix scatters the bits of x (SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
