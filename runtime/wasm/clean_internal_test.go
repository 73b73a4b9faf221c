package wasm

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	tests := []struct{ said, want string }{
		{"", ""},
		{" plain\n", "plain"},
		{"two\r\nlines\x00\x1b[0m", "two  lines  [0m"},
		{"\xff\xc3\x28é", "\ufffd(é"},
		{"right\u202eleft\u2066\u2028end", "rightleft end…"},
		{strings.Repeat("a", 20), strings.Repeat("a", 20)},
		{strings.Repeat("a", 21), strings.Repeat("a", 17) + "…"},
		{strings.Repeat("é", 11), strings.Repeat("é", 8) + "…"},
	}
	for _, test := range tests {
		if got := clean([]byte(test.said), 20); got != test.want {
			t.Errorf("clean(%q) = %q, want %q", test.said, got, test.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("x\xe2\x80\xae\n"), 12)
	f.Add([]byte(strings.Repeat("\xff", 400)), 300)
	f.Fuzz(func(t *testing.T, said []byte, limit int) {
		limit = 3 + max(0, min(limit, 1000))
		got := clean(said, limit)
		if len(got) > limit || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x1b\x00\u202e") {
			t.Errorf("clean(%q, %d) = %q", said, limit, got)
		}
	})
}
