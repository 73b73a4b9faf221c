package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// bytesInput is an input with the given bytes, cut into reads by pace.
func bytesInput(name string, data []byte, pace func(io.Reader) io.Reader) Input {
	return Input{Name: name, Size: int64(len(data)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(pace(bytes.NewReader(data))), nil
	}}
}

func atOnce(r io.Reader) io.Reader { return r }

var paces = []func(io.Reader) io.Reader{atOnce, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader}

// extent is what can be seen of a chunk from outside.
type extent struct {
	Ordinal              int
	First, Count, Offset int64
}

// readAll reads to the end and checks what holds for every input: numbers
// without a hole, chunks that continue each other, counts that are true.
func readAll(t testing.TB, in Input, opt Options) (lines []Line, chunks []extent, digest string) {
	t.Helper()
	r, err := NewReader(t.Context(), in, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	early := ""
	for {
		c, err := r.Next()
		if err == io.EOF {
			if r.BytesIn() != in.Size {
				t.Errorf("BytesIn is %d, want %d", r.BytesIn(), in.Size)
			}
			if early != "" && early != r.Digest() {
				t.Errorf("the digest is %s before the end, and then %s", early, r.Digest())
			}
			return lines, chunks, r.Digest()
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.AtEnd() && r.Digest() == "" {
			t.Error("there is no digest when all was read")
		}
		if early == "" {
			early = r.Digest()
		}
		if c.Ordinal != len(chunks) || c.First != int64(len(lines))+1 || c.Input != in.Name || c.Count < 1 {
			t.Errorf("chunk %+v does not continue %d chunks with %d lines", c, len(chunks), len(lines))
		}
		chunks = append(chunks, extent{c.Ordinal, c.First, c.Count, c.Offset})
		before := len(lines)
		for l := range c.Lines() {
			if l.Number != int64(len(lines))+1 {
				t.Errorf("line %d has the number %d", len(lines)+1, l.Number)
			}
			lines = append(lines, l)
		}
		if got := int64(len(lines) - before); got != c.Count {
			t.Errorf("chunk %d has %d lines and says %d", c.Ordinal, got, c.Count)
		}
	}
}

// plainLines is the law for bytes that were not packed, in its simplest form:
// split at newlines, drop a \r before each, drop a BOM at the very start.
func plainLines(name string, data []byte, limit int) []Line {
	offset := int64(0)
	if rest, ok := bytes.CutPrefix(data, []byte("\ufeff")); ok {
		data, offset = rest, 3
	}
	var lines []Line
	for len(data) > 0 {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		size := int64(len(data) - len(rest))
		if ended {
			line = bytes.TrimSuffix(line, []byte("\r"))
		}
		n := int64(len(lines) + 1)
		l := Line{Number: n, Text: string(line), Origin: name, OriginLine: n}
		l.Blank = len(bytes.Trim(line, " \t\r")) == 0
		if reject, ok := ParseReject(l.Text); ok && (reject.Truncated || len(reject.Raw) <= limit) {
			l = l.unwrap(reject, false)
		} else if ok && len(reject.Raw) > limit {
			l = l.incomplete(overlong(line, reject.Raw, limit, offset), false)
		} else if len(line) > limit {
			l = l.incomplete(overlong(line, l.Text, limit, offset), false)
			l.Blank = false
		}
		lines = append(lines, l)
		data, offset = rest, offset+size
	}
	return lines
}

func wholeBad(line []byte, reason string, offset int64) *Bad {
	sum := sha256.Sum256(line)
	return &Bad{
		Reason: reason, Head: string(line[:min(len(line), HeadBytes)]), Length: int64(len(line)),
		Offset: offset, SHA256: hex.EncodeToString(sum[:]),
	}
}

// overlong is what is left of a line of which a part is an alert over the limit.
func overlong(line []byte, alert string, limit int, offset int64) *Bad {
	short := jsontext.NewShortener(limit / 4)
	short.Write([]byte(alert))
	b := wholeBad(line, "", offset)
	b.shorten(short)
	b.Reason = overLimit("line", int64(len(alert)), limit, b.Short)
	return b
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, data string
		want       []string // Text of each line
		blank      int
	}{
		{"nothing", "", nil, 0},
		{"one byte", "{", []string{"{"}, 0},
		{"a newline", "\n", []string{""}, 1},
		{"no newline at the end", "{}\n{}", []string{"{}", "{}"}, 0},
		{"carriage returns", "a\r\n\r\nb\r\r\nc\r", []string{"a", "", "b\r", "c\r"}, 1},
		{"blanks", " \t\r\n\n\t", []string{" \t", "", "\t"}, 3},
		{"NUL", "\x00\n\x00\x00", []string{"\x00", "\x00\x00"}, 0},
		{"BOM", "\ufeff{}\n\ufeff{}\n", []string{"{}", "\ufeff{}"}, 0},
		{"only a BOM", "\ufeff", nil, 0},
		{"part of a BOM", "\xef\xbb", []string{"\xef\xbb"}, 0},
		{"part of a magic", "\x1f", []string{"\x1f"}, 0},
		{"shorter than a magic", "(\xb5/", []string{"(\xb5/"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines, _, _ := readAll(t, bytesInput("in", []byte(test.data), atOnce), Options{})
			var got []string
			blank := 0
			for _, l := range lines {
				if l.Bad != nil || l.Origin != "in" || l.OriginLine != l.Number {
					t.Errorf("line %+v", l)
				}
				got = append(got, l.Text)
				if l.Blank {
					blank++
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" || blank != test.blank {
				t.Errorf("%d blank lines, want %d; lines (-want +got):\n%s", blank, test.blank, diff)
			}
		})
	}
}

func TestNoAllocationForALine(t *testing.T) {
	data := bytes.Repeat([]byte("{\"rule\":{\"level\":3}}\r\n \n"), 500)
	r, err := NewReader(t.Context(), bytesInput("in", data, atOnce), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	allocs := testing.AllocsPerRun(10, func() {
		for l := range c.Lines() {
			if !l.Blank {
				count++
			}
		}
	})
	if count != 11*500 || allocs > 3 {
		t.Errorf("%v allocations for 1000 lines (%d were seen)", allocs, count)
	}
}
