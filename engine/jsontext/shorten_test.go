package jsontext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// shortened writes text in pieces of random sizes.
func shortened(text string, space int, seed uint64) *Shortener {
	s := NewShortener(space)
	for sizes := rand.New(rand.NewPCG(seed, 1)); text != ""; {
		n := min(len(text), sizes.IntN(8)+1)
		s.Write([]byte(text[:n]))
		text = text[n:]
	}
	return s
}

func TestShorten(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for text, want := range map[string]string{
		` { "a" : 1 , "b" : [ true , null ] } `:                               `{"a":1,"b":[true,null]}`,
		`{"giant":"` + x(5000) + `","rule":{"level":3},"a":"b"}`:              `{"giant":"` + x(494) + `","rule":{"level":3},"a":"b"} giant`,
		`{"giant":{"list":[` + strings.Repeat("1,", 900) + `2],"b":4},"c":5}`: `{"giant":{"list":[` + strings.Repeat("1,", 89) + `1],"b":4},"c":5} giant.list`,
		`{"l":[1,{"a":"` + x(5000) + `"}]}`:                                   `{"l":[1,{"a":"` + x(120) + `"}]} l.1.a`,
		`{"a":1,"` + x(5000) + `":[1],"b":[2]}`:                               `{"a":1,"b":[2]} .`,
		`{"n":` + strings.Repeat("1", 5000) + `,"m":[-0.5e+7]}`:               `{"n":null,"m":[-0.5e+7]} n`,
		`{"e":"` + strings.Repeat(`\ud83d\ude00`, 900) + `","f":"\u0041"}`:    `{"e":"` + strings.Repeat(`\ud83d\ude00`, 41) + `","f":"\u0041"} e`,
		`{"e":"` + strings.Repeat(`\udc00`, 900) + `"}`:                       `{"e":"` + strings.Repeat(`\udc00`, 82) + `"} e`,
		`{"e":"` + strings.Repeat("é", 900) + `"}`:                            `{"e":"` + strings.Repeat("é", 248) + `"} e`,
	} {
		s := shortened(text, 1000, 7)
		out, paths, ok := s.Short()
		got := strings.TrimSpace(string(out) + " " + strings.Join(paths, " "))
		if !ok || got != want {
			t.Errorf("%.60s…\n got %s\nwant %s", text, got, want)
		}
	}
	for _, text := range []string{"", " ", "1", `"x"`, "[{}]", "{", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":[1,]}`, `{,}`, `{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":1e}`, `{"a":tru}`, `{"a":truE}`,
		`{"a":"\x"}`, `{"a":"\u00g0"}`, "{\"a\":\"\n\"}", `{}{}`, `{} x`, `{"a":1]`, `{"a":[1}}`, `{1:2}`, `{"a":"b" "c":1}`, `{"a"::1}`, `{"a":.5}`, `{"a":+1}`} {
		if _, _, ok := shortened(text, 1000, 7).Short(); ok {
			t.Errorf("%s is not one JSON object", text)
		}
	}
}

// Small members stay, whatever comes before them, and the short form is bounded.
func TestShortenKeepsWhatIsSmall(t *testing.T) {
	const space = 64 << 10
	for name, giant := range map[string]string{
		"strings":      `"a":"` + strings.Repeat("x", 1<<20) + `","b":"` + strings.Repeat(`\n`, 1<<20) + `"`,
		"lists":        `"a":[` + strings.Repeat(`{"b":[1,"two",{}]},`, 1<<15) + `0],"c":[` + strings.Repeat("[[1]],", 1<<16) + `2]`,
		"members":      `"a":{` + strings.Repeat(`"some":"thing",`, 1<<16) + `"b":1}`,
		"depth":        `"a":` + strings.Repeat(`{"b":[`, 1<<17) + strings.Repeat("]}", 1<<17),
		"white space":  `"a":` + strings.Repeat(" \t", 1<<19) + `1`,
		"long numbers": `"a":[` + strings.Repeat(strings.Repeat("9", 1<<16)+",", 16) + `1]`,
	} {
		text := "{" + giant + `,"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"5710","level":5},"agent":{"id":"001"}}`
		s := shortened(text, space, 3)
		out, paths, ok := s.Short()
		if !ok || len(out) > space+100 || len(paths) > mostPaths {
			t.Errorf("%s: %d bytes, %d paths, %t", name, len(out), len(paths), ok)
		}
		if want := `,"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"5710","level":5},"agent":{"id":"001"}}`; !strings.HasSuffix(string(out), want) {
			t.Errorf("%s: the small members are lost: …%s", name, out[max(0, len(out)-200):])
		}
	}
}

// Any text, in any pieces: one JSON object is accepted, and nothing else. Its short form
// is bounded, has nothing that the object does not have, and all of it where no path says
// otherwise.
func FuzzShorten(f *testing.F) {
	for _, text := range []string{`{"a":1,"b":[true,null,-0.5e+7],"c":{"d":"\ud83d\ude00é"}}`, `{"a":[1,2,{"b":[]}]} `, "{\"a\":\"\xff\"}", `{"a":1}}`, `{"a":{"b":"` + strings.Repeat("é", 99) + `"},"` + strings.Repeat("n", 99) + `":1}`} {
		f.Add(text, uint16(200), uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, space uint16, seed uint64) {
		out, paths, ok := shortened(text, int(space), seed).Short()
		begin := Blank(text, 0)
		end := ValueEnd(text, begin)
		if want := end > 0 && Blank(text, end) == len(text) && text[begin] == '{'; ok != want {
			t.Fatalf("%q: accepted %t, want %t", text, ok, want)
		}
		whole := NewShortener(int(space))
		whole.Write([]byte(text))
		if again, pathsAgain, okAgain := whole.Short(); ok && (!okAgain || !bytes.Equal(out, again) || !reflect.DeepEqual(paths, pathsAgain)) {
			t.Fatalf("%q depends on its pieces", text)
		}
		if !ok {
			return
		}
		if len(out) > max(int(space), 2)+64 || ValueEnd(string(out), 0) != len(out) {
			t.Fatalf("%q became %q", text, out)
		}
		if !utf8.ValidString(text) {
			return
		}
		var before, after any
		if json.Unmarshal([]byte(text), &before) != nil || json.Unmarshal(out, &after) != nil {
			t.Fatalf("%q became %q, which is not JSON", text, out)
		}
		if duplicates(text) {
			return
		}
		if why := partOf(before, after); why != "" || len(paths) == 0 && !reflect.DeepEqual(before, after) {
			t.Fatalf("%q became %q: %s", text, out, why)
		}
	})
}

// duplicates reports whether an object may have a name twice.
func duplicates(text string) bool {
	names := map[string]bool{}
	d := json.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		name := fmt.Sprint(token)
		if _, is := token.(string); is && names[name] {
			return true
		}
		names[name] = true
	}
}

// partOf says what of after is not in before, "" if all is.
func partOf(before, after any) string {
	switch after := after.(type) {
	case nil:
		return ""
	case map[string]any:
		all, _ := before.(map[string]any)
		for name, v := range after {
			was, ok := all[name]
			if !ok {
				return name + " is new"
			}
			if why := partOf(was, v); why != "" {
				return why
			}
		}
	case []any:
		all, _ := before.([]any)
		if len(after) > len(all) {
			return "a list is longer"
		}
		for i, v := range after {
			if why := partOf(all[i], v); why != "" {
				return why
			}
		}
	case string:
		if was, _ := before.(string); !strings.HasPrefix(was, after) {
			return after + " is new"
		}
	default:
		if !reflect.DeepEqual(before, after) {
			return fmt.Sprint(after, " is new")
		}
	}
	return ""
}
