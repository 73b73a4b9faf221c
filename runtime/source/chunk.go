package source

import (
	"iter"
	"strings"
)

// Chunk is a run of whole lines of one input. It is immutable and may be read
// by any number of goroutines. Its bytes are its own: strings of its lines may
// be kept, and keep the whole chunk in memory as long as they live.
type Chunk struct {
	Ordinal int    // 0, 1, 2 … within the input
	Input   string // the name of the input
	First   int64  // number of the first line
	Count   int64  // how many lines
	Offset  int64  // of the first byte in the unpacked stream

	text  string // the lines with their ends
	bad   *Bad   // the one line of the chunk, when text is empty
	limit int
}

// Line is one line. Its strings are parts of the chunk's text, but for lines
// that came out of a reject file.
type Line struct {
	Number int64  // in the input, from 1
	Text   string // without its end (\n or \r\n); any bytes; empty when Bad
	Blank  bool   // nothing but spaces, tabs and carriage returns
	// Origin and OriginLine are those of the input, or those that the reject
	// names when the line came out of a reject file.
	Origin     string
	OriginLine int64
	Bad        *Bad // not nil when the line cannot be an alert
}

// Lines gives the lines in their order, as often as it is called. It allocates
// nothing for a line, unless the line is a reject or over the limit.
func (c *Chunk) Lines() iter.Seq[Line] {
	return func(yield func(Line) bool) {
		if c.bad != nil {
			yield(Line{Number: c.First, Origin: c.Input, OriginLine: c.First, Bad: c.bad})
			return
		}
		number, rest := c.First, c.text
		for rest != "" {
			at := len(c.text) - len(rest)
			text, after, ended := strings.Cut(rest, "\n")
			if ended {
				text = strings.TrimSuffix(text, "\r")
			}
			if !yield(c.read(number, at, text)) {
				return
			}
			number, rest = number+1, after
		}
	}
}

// read makes the line of text, which begins at the byte at of the chunk.
func (c *Chunk) read(number int64, at int, text string) Line {
	l := Line{Number: number, Text: text, Origin: c.Input, OriginLine: number}
	inner := text
	if strings.HasPrefix(text, rejectPrefix) {
		if reject, ok := ParseReject(text); ok {
			if reject.Truncated || len(reject.Raw) <= c.limit {
				return l.unwrap(reject)
			}
			inner = reject.Raw
		}
	}
	if len(inner) > c.limit {
		// A reject whose raw is over the limit is told with the facts of this
		// input, where the whole line is, and not of its origin.
		l.Bad = badOf(text, overLimit(int64(len(inner)), c.limit), c.Offset+int64(at))
		l.Text = ""
		return l
	}
	l.Blank = blank(text)
	return l
}

// unwrap puts what was rejected in the place of the reject.
func (l Line) unwrap(r Reject) Line {
	l.Origin, l.OriginLine = r.Origin, r.Line
	if r.Truncated {
		l.Text = ""
		l.Bad = &Bad{Reason: r.Reason, Head: r.Raw, Length: r.Length, Offset: r.Offset, SHA256: r.SHA256}
		return l
	}
	l.Text = r.Raw
	l.Blank = blank(r.Raw)
	return l
}

func blank(text string) bool {
	return strings.TrimLeft(text, " \t\r") == ""
}

// Reject makes the reject of this line: the reason, and the place in the
// mapping, which may be empty. For a bad line the reason is the line's own
// unless one is given.
func (l Line) Reject(reason, where string) Reject {
	r := Reject{Origin: l.Origin, Line: l.OriginLine, Reason: reason, Where: where, Raw: l.Text}
	if l.Bad == nil {
		return r
	}
	if reason == "" {
		r.Reason = l.Bad.Reason
	}
	r.Raw, r.Truncated = l.Bad.Head, true
	r.Length, r.Offset, r.SHA256 = l.Bad.Length, l.Bad.Offset, l.Bad.SHA256
	return r
}
