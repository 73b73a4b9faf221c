package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Laws: whatever the text, the result is JSON and reads back as the text, with
// U+FFFD for each byte that is not UTF-8; and nothing is escaped that need not
// be.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "é日本\u2028", "\"\\\n\r\t\b\x00\x1f\x7f", "a\xffb\xc3", "\ufffd", "<&>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := string(AppendString([]byte("x"), s))
		if got[0] != 'x' {
			t.Fatalf("what stood before is gone: %q", got)
		}
		var back string
		if err := json.Unmarshal([]byte(got[1:]), &back); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		if want := string([]rune(s)); back != want || !utf8.ValidString(got) {
			t.Errorf("%q became %q and reads back as %q", s, got, back)
		}
		if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) && got[1:] != `"`+s+`"` {
			t.Errorf("%q is escaped for nothing: %s", s, got)
		}
	})
}
