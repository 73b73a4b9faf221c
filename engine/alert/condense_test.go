package alert

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

func TestCondense(t *testing.T) {
	lim := Limits{Depth: 4, Leaves: 10 + 2*condenseLevel}
	for line, want := range map[string]string{
		`{"a":1,"list":[1,2,3,4,5,6,7,8],"rule":{"level":3}}`:                   `{"a":1,"list":"[1,2,3,4,5,6,7,8]","rule":{"level":3}}`,
		`{"a":1,"data":{"x":[1,2,3,4,5,6,7,8],"y":"z"},"rule":{"l":3}} `:        `{"a":1,"data":{"x":"[1,2,3,4,5,6,7,8]","y":"z"},"rule":{"l":3}}`,
		`{"a":{"b":{"c":{"d":{"e":1}},"f":[2]}}}`:                               `{"a":{"b":{"c":{"d":"{\"e\":1}"},"f":[2]}}}`,
		`{"a" : [[[[[]]]]] , "b":"\u0041"}`:                                     `{"a" : "[[[[[]]]]]","b":"\u0041"}`,
		`{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":{},"10":1}`: `{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"_more":"{\"9\":{},\"10\":1}"}`,
	} {
		got, ok := Condense(line, lim)
		if !ok || got != want {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
	}
	for _, line := range []string{"", "[]", "1", `{"a":}`, `{"a":[1}`, `{} {}`, `{"a":[`, `{"a":1]`, `{"a":"\x"}`, `{"a":01}`, `{a:1}`, `{"a" 1}`, `{"a":1,}`, `{"a":[1,]}`} {
		if got, ok := Condense(line, lim); ok {
			t.Errorf("%s became %s", line, got)
		}
	}
}

// Any object of JSON becomes one that a Scanner takes, and every leaf is in it.
func FuzzCondense(f *testing.F) {
	for _, line := range samples {
		f.Add(line, uint8(0))
	}
	alike := strings.Repeat(`,"m":{"v":[1,"2"]}`, 20) // members of one size, too many of them
	f.Add(`{"a":1`+alike+`}`, uint8(40))
	f.Add(`{"a":1,"data":{"b":{}`+alike+`},"rule":{"id":1}}`, uint8(50))
	f.Add(`{"a":`+strings.Repeat("[", 50)+strings.Repeat("]", 50)+`}`, uint8(0))
	f.Add(`{"a":[{"b":[1,2,3]},{"c":[]}],"d":{"e":{"f":{"g":{"h":{"i":{"j":{"k":{"l":[1,2,3,4,5,6,7,8,9]}}}}}}}}}}`, uint8(0))
	f.Fuzz(func(t *testing.T, line string, more uint8) {
		lim := Limits{Depth: 3, Leaves: 8 + int(more)%64 + 2*condenseLevel}
		sc := NewSpec(nil, true, lim).NewScanner()
		got, ok := Condense(line, lim)
		err := NewSpec(nil, true, Limits{Depth: 10_000, Leaves: len(line) + 1}).NewScanner().Scan(line)
		if ok != (err == nil) {
			t.Fatalf("%q: condensed %t, a scanner says %v", line, ok, err)
		}
		if !ok {
			return
		}
		if err := sc.Scan(got); err != nil {
			t.Fatalf("%q became %q: %v", line, got, err)
		}
		var before, after any
		if json.Unmarshal([]byte(line), &before) != nil || json.Unmarshal([]byte(got), &after) != nil {
			t.Fatalf("%q became %q, which is not JSON", line, got)
		}
		all := fmt.Sprint(scalars(after, nil))
		for _, text := range scalars(before, nil) {
			if !strings.Contains(all, text) {
				t.Fatalf("%q became %q without %q", line, got, text)
			}
		}
	})
}

// Whatever an object has, and however many members of one size, its condensed form is within
// the limits.
func TestCondensedIsWithinLimits(t *testing.T) {
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 1))
		line := string(appendObject(nil, random, 0, random.IntN(30)))
		lim := Limits{Depth: 2 + random.IntN(12), Leaves: 4 + random.IntN(70) + 2*condenseLevel}
		got, ok := Condense(line, lim)
		if err := NewSpec(nil, true, lim).NewScanner().Scan(got); !ok || err != nil {
			t.Fatalf("seed %d, %+v: %s became %s: %t, %v", seed, lim, line, got, ok, err)
		}
	}
}

// appendObject appends an object of that many members, most of which are like the one before.
func appendObject(to []byte, random *rand.Rand, depth, members int) []byte {
	to = append(to, '{')
	var last []byte
	for i := range members {
		if i > 0 {
			to = append(to, ',')
		}
		if last == nil || random.IntN(3) == 0 {
			last = appendAny(nil, random, depth+1)
		}
		to = append(fmt.Appendf(to, `"k%d":`, i), last...)
	}
	return append(to, '}')
}

func appendAny(to []byte, random *rand.Rand, depth int) []byte {
	switch kind := random.IntN(10); {
	case depth > 5 || kind < 4:
		return fmt.Append(to, random.IntN(100))
	case kind < 7:
		to = append(to, '[')
		for i := range random.IntN(6) {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendAny(to, random, depth+1)
		}
		return append(to, ']')
	}
	return appendObject(to, random, depth, random.IntN(8))
}

// A Shortener accepts an object exactly if a Scanner takes it, however it comes in pieces,
// once its bytes that are not UTF-8 are repaired; and a Scanner takes its short form.
func FuzzShortened(f *testing.F) {
	for _, line := range samples {
		f.Add(line, uint8(3))
	}
	f.Add("{\"a\":\"\xff\xf0\x9f\",\"b\":[1e5,tru]}", uint8(1))
	sc := NewSpec(nil, true, Limits{Depth: 10_000, Leaves: 1 << 20}).NewScanner()
	f.Fuzz(func(t *testing.T, line string, piece uint8) {
		s := jsontext.NewShortener(300)
		for rest := line; rest != ""; {
			n := min(len(rest), int(piece)+1)
			s.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		short, _, ok := s.Short()
		err := sc.Scan(strings.ToValidUTF8(line, "\uFFFD"))
		if ok != (err == nil) {
			t.Fatalf("%q: accepted %t, a scanner says %v", line, ok, err)
		}
		if !ok {
			return
		}
		if err := sc.Scan(strings.ToValidUTF8(string(short), "\uFFFD")); err != nil {
			t.Fatalf("%q became %q: %v", line, short, err)
		}
	})
}

// scalars are the texts of a value's leaves, as JSON between quotes where they are text.
// Texts that are JSON are read.
func scalars(v any, to []string) []string {
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			to = scalars(x, to)
		}
	case []any:
		for _, x := range v {
			to = scalars(x, to)
		}
	case string:
		var inner any
		if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
			if json.Unmarshal([]byte(v), &inner) == nil {
				return scalars(inner, append(to, v))
			}
		}
		to = append(to, v)
	default:
		to = append(to, fmt.Sprint(v))
	}
	return to
}
