package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// packs are ways to pack what write writes.
var packs = map[string]func(to io.Writer) io.WriteCloser{
	"gzip": func(to io.Writer) io.WriteCloser { return gzip.NewWriter(to) },
	"zstd": func(to io.Writer) io.WriteCloser {
		z, _ := zstd.NewWriter(to) // no option is wrong
		return z
	},
}

// A packed input that holds far more than files of alerts do is read up to a bound, and
// then broken off with a reason, at the same place whatever reads it and however it comes,
// and under one digest. Plain inputs have no such bound.
func TestPackedInputsAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		line  string
		n     int
		want  string // of the reason, "" for an input that is read whole
		least int64  // lines that are read
	}{
		"a flood":          {`{"id":%d,"full_log":"` + strings.Repeat("Accepted publickey for deploy ", 20) + `"}` + "\n", 60_000, "", 60_000},
		"short lines":      {"{}\n", 1_500_000, "more than 1000000 lines", 1_000_000},
		"without line end": {"{}", 9_000_000, "more than 1000000 lines", 1_000_000},
		"one long line":    {strings.Repeat(" ", 1<<20), 300, "more than 250 times its size", 0},
	} {
		for packed, pack := range packs {
			var b bytes.Buffer
			z := pack(&b)
			for i := range test.n {
				if strings.Contains(test.line, "%d") {
					fmt.Fprintf(z, test.line, i)
				} else {
					_, _ = io.WriteString(z, test.line) // into memory
				}
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			t.Run(name+" "+packed, func(t *testing.T) {
				lines, reason, digest := readPacked(t, b.Bytes(), 1<<20)
				if (reason == "") != (test.want == "") || !strings.Contains(reason, test.want) || lines < test.least {
					t.Errorf("%d packed bytes: %d lines, %q", b.Len(), lines, reason)
				}
				again, _, other := readPacked(t, b.Bytes(), 1000)
				if again != lines || other != digest {
					t.Errorf("%d lines and digest %s, in small reads %d and %s", lines, digest, again, other)
				}
				d, err := Digest(t.Context(), packedInput(b.Bytes(), 4096), Options{})
				if err != nil || d != digest {
					t.Errorf("digests %s and %s: %v", digest, d, err)
				}
			})
		}
	}
}

func packedInput(b []byte, atOnce int) Input {
	return Input{Name: "packed", Size: int64(len(b)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(struct{ io.Reader }{&slowly{b, atOnce}}), nil
	}}
}

// slowly gives at most a few bytes at once.
type slowly struct {
	rest   []byte
	atOnce int
}

func (s *slowly) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.atOnce)], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func readPacked(t *testing.T, b []byte, atOnce int) (lines int64, reason, digest string) {
	t.Helper()
	r, err := NewReader(t.Context(), packedInput(b, atOnce), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		c, err := r.Next()
		if err == io.EOF {
			return lines, reason, r.Digest()
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.bad != nil {
			reason = c.bad.Reason
			continue
		}
		lines += c.Count
	}
}
