package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzUnquote: a string is accepted exactly if the standard library accepts the
// same bytes and they hold no invalid UTF-8 and no half surrogate; then both
// give the same text. What AppendString writes reads back.
func FuzzUnquote(f *testing.F) {
	for _, s := range []string{
		``, `"`, `""`, `"plain" rest`, `"\u00C9\uABCD\uEF01"`, `"\u00e9\ud83d\ude00\/\b\f\n\r\t\\\""`, `"é日本` + "\u2028" + `"`,
		`"\ud800"`, `"\ud83d \ude00"`, `"\udc00\ud800"`, `"\ufffd"`, `"\u0000"`, `"\x"`, `"\u12"`, `"\`, "\"\t\"", "\"\xff\"", "\"0123456\xc3\"", `x"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, rest, ok := Unquote(s)
		if !ok {
			if rest != s || text != "" {
				t.Fatalf("%q fails with text %q and rest %q", s, text, rest)
			}
			refused(t, s)
			return
		}
		quoted := strings.TrimSuffix(s, rest)
		var want string
		if err := json.Unmarshal([]byte(quoted), &want); err != nil || !utf8.ValidString(quoted) || text != want {
			t.Fatalf("%q gives %q, the standard library %q (%v)", quoted, text, want, err)
		}
		written := AppendString(nil, text)
		if QuotedLen(text) != len(written) {
			t.Errorf("QuotedLen(%q) = %d, want %d", text, QuotedLen(text), len(written))
		}
		if back, rest, ok := Unquote(string(written) + "x"); !ok || back != text || rest != "x" {
			t.Errorf("%q reads back as %q, %q, %t", text, back, rest, ok)
		}
	})
}

// refused checks that the shortest string at the start of s, if there is one,
// has a fault that is this package's own.
func refused(t *testing.T, s string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	token, err := d.Token()
	text, isText := token.(string)
	if err != nil || !isText || !strings.HasPrefix(s, `"`) {
		return
	}
	quoted := s[:d.InputOffset()]
	if utf8.ValidString(quoted) && !strings.Contains(text, "\uFFFD") {
		t.Errorf("%q was refused", quoted)
	}
}

func TestStringEndSaysWhere(t *testing.T) {
	for s, want := range map[string]int{
		`"abc"`: 4, `"abc`: ^4, `"`: ^1, `"\"`: ^3, `"\q"`: ^1, `"\u12g4"`: ^1, "\"ab\ncd\"": ^3, "\"ab\xffcd\"": ^3, "\"0123456789\xc3\"": ^11,
		`"0123456789"`: 11, `"0123456789\n"`: 13, `"é"`: 3, `"\u12`: ^1,
	} {
		if got, _ := StringEnd(s, 1); got != want {
			t.Errorf("%q ends at %d, want %d", s, got, want)
		}
	}
}

func TestHalfSurrogates(t *testing.T) {
	for raw, want := range map[string]string{`a\ud800b`: "a\uFFFDb", `\udc00\ud800`: "\uFFFD\uFFFD", `\ud83d\u0041`: "\uFFFDA", `\ud83d\ude00`: "😀"} {
		if got := string(AppendUnescaped([]byte("x"), raw)); got != "x"+want {
			t.Errorf("%s gives %q, want %q", raw, got, want)
		}
	}
}
