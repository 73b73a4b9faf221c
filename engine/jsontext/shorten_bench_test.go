package jsontext

import (
	"strings"
	"testing"
)

func BenchmarkShorten(b *testing.B) {
	for name, part := range map[string]string{"texts": `"some text of a log line\n",`, "numbers": "1,", "members": `{"a":[true,{"b":"c"}]},`} {
		b.Run(name, func(b *testing.B) {
			text := []byte(`{"list":[` + strings.Repeat(part, 1<<20/len(part)) + `0]}`)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s := NewShortener(64 << 10)
				s.Write(text)
				if _, _, ok := s.Short(); !ok {
					b.Fatal("it is an object")
				}
			}
		})
	}
}
