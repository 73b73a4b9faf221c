package source

import (
	"bytes"
	"io"
	"testing"
)

// BenchmarkRead reads and splits 64 MiB of lines of an alert's length.
func BenchmarkRead(b *testing.B) {
	line := append(bytes.Repeat([]byte(`{"rule":{"level":3,"id":"5715"},`), 24), '\n')
	plain := bytes.Repeat(line, (64<<20)/len(line))
	for _, form := range []struct {
		name   string
		stored []byte
	}{{"plain", plain}, {"gzip", gzipped(b, plain)}, {"zstd", zstded(b, plain)}} {
		b.Run(form.name, func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := NewReader(b.Context(), bytesInput("in", form.stored, atOnce), Options{})
				if err != nil {
					b.Fatal(err)
				}
				for {
					c, err := r.Next()
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					for range c.Lines() {
					}
				}
			}
		})
	}
}
