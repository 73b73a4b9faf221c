package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// HeadBytes is how much is kept of a line that is not passed on whole.
const HeadBytes = 64 << 10

// Bad is a line that cannot be an alert because it is incomplete here: it is over
// the limit, or the stream broke in it. Its reject has "truncated":true.
type Bad struct {
	Reason string // what happened, and what to do
	Head   string // the first HeadBytes of the line, any bytes; may be empty
	Length int64  // bytes of the line without its end, as far as they could be read
	Offset int64  // of its first byte in the unpacked stream of its origin
	SHA256 string // of those Length bytes, 64 hex digits
	// Short is a short form of the line, if it is over the limit and one JSON object,
	// with these facts as the member _truncated. It is UTF-8 and may have a quarter of
	// the limit, and up to three times that in place of bytes that are not UTF-8.
	Short string
}

// overLimit is the reason of what is too long, a line or a value.
func overLimit(what string, length int64, limit int, short string) string {
	and := ""
	if short == "" {
		and = ", and is not one JSON object"
	}
	return fmt.Sprintf("the %s has %d bytes, over the limit of %d%s: only its beginning is kept here, the whole of it is where it came from", what, length, limit, and)
}

// span collects the facts of one line that comes in pieces. Each line needs a new
// one.
type span struct {
	start int64
	total int64
	head  []byte
	sum   hash.Hash
	cr    bool                // the last byte so far was a \r, which may belong to the line's end
	short *jsontext.Shortener // nil if no short form is kept
}

func newSpan(start int64) *span { return &span{start: start, sum: sha256.New()} }

func (s *span) add(p []byte) {
	if len(p) == 0 {
		return
	}
	if s.short != nil {
		s.short.Write(p)
	}
	if s.cr {
		s.write([]byte{'\r'})
	}
	s.cr = p[len(p)-1] == '\r'
	if s.cr {
		p = p[:len(p)-1]
	}
	s.write(p)
}

func (s *span) write(p []byte) {
	s.sum.Write(p)
	s.total += int64(len(p))
	s.head = append(s.head, p[:min(len(p), HeadBytes-len(s.head))]...)
}

// newline records that the line's end was found, so that a \r before it is part of
// that end.
func (s *span) newline() { s.cr = false }

// finish counts a \r that no newline followed as a byte of the line.
func (s *span) finish() {
	if s.cr {
		s.cr = false
		s.write([]byte{'\r'})
	}
}

func (s *span) bad(reason string) *Bad {
	s.finish()
	b := &Bad{
		Reason: reason,
		Head:   string(s.head),
		Length: s.total,
		Offset: s.start,
		SHA256: hex.EncodeToString(s.sum.Sum(nil)),
	}
	if s.short != nil {
		b.shorten(s.short)
	}
	return b
}
