package plan

import (
	"strings"
	"testing"
)

func TestFirstCharacters(t *testing.T) {
	for _, s := range []string{"", "a", "abcdefgh", "abcdefghi", strings.Repeat("a", 30), "é" + strings.Repeat("b", 20), strings.Repeat("b", 13) + "éüß" + strings.Repeat("c", 9), strings.Repeat("日本", 9)} {
		runes := []rune(s)
		for n := range len(runes) + 3 {
			if got, want := firstCharacters(s, n), string(runes[:min(n, len(runes))]); got != want {
				t.Errorf("%d of %q: %q, want %q", n, s, got, want)
			}
		}
	}
}
