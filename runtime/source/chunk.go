package source

import (
	"iter"
	"strings"
)

// Chunk is a run of whole lines, or of whole values, of one input. It is
// immutable and may be read by any number of goroutines. Its bytes are its own:
// strings of its lines may be kept, and keep the whole chunk in memory as long
// as they live, unless somebody calls Release.
type Chunk struct {
	Ordinal int    // 0, 1, 2 … within the input
	Input   string // the name of the input
	First   int64  // number of the first line
	Count   int64  // how many lines or values, at least 1
	Offset  int64  // of the first byte in the unpacked stream

	text   string   // the lines with their ends, or the values and what is between
	values []bounds // where the values are, if they are not the lines
	bad    *Bad     // the one line of the chunk, when text is empty
	limit  int
	strict bool

	kept  *[]byte // the memory of text, nil if it is not to be used again
	owner *Memory // of kept
}

// Release lets a later chunk have the memory of this one, which has no lines any more.
// No part of a string of its lines may be in use: it would change. Whoever is not sure
// does not call it, and leaves the memory to the garbage collector.
func (c *Chunk) Release() {
	if c.kept != nil {
		c.owner.keep(c.kept)
	}
	*c = Chunk{}
}

// Size is the memory in bytes that the lines take.
func (c *Chunk) Size() int {
	if c.bad != nil {
		return len(c.bad.Head) + len(c.bad.Short)
	}
	return len(c.text)
}

// bounds is a part of a chunk's text that is a value.
type bounds struct {
	begin, end int
	torn       string // Line.Torn
}

// Line is one line, or one value of an input whose values are not its lines.
// Its strings are parts of the chunk's text, but for lines that came out of a
// reject file.
type Line struct {
	Number int64 // in the input, from 1: of the line on which the value begins
	// Text is any bytes, without the line's end (\n or \r\n). A value may have
	// line ends within. It is empty when Bad, and a short form when Long.
	Text  string
	Blank bool // nothing but spaces, tabs and carriage returns
	// Origin and OriginLine are those of the input, or those that the reject
	// names when the line came out of a reject file.
	Origin     string
	OriginLine int64
	// Torn says why Text cannot be an alert: it is what is left of one in front
	// of a tear. It is empty for all else.
	Torn     string
	Bad      *Bad    // not nil when the line cannot be an alert, and is not whole here
	Long     *Bad    // not nil when the line is over the limit, and Text is its short form
	Rejected *Reject // the reject that the line came out of, nil for other lines
}

// Lines iterates over the lines in order, as often as it is called. It allocates
// nothing for a line, unless the line is a reject or over the limit.
func (c *Chunk) Lines() iter.Seq[Line] {
	switch {
	case c.bad != nil:
		return func(yield func(Line) bool) {
			yield(Line{Number: c.First, Origin: c.Input, OriginLine: c.First}.incomplete(c.bad, c.strict))
		}
	case c.values != nil:
		return c.eachValue
	}
	return func(yield func(Line) bool) {
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

func (c *Chunk) eachValue(yield func(Line) bool) {
	number, from := c.First, c.values[0].begin
	for _, v := range c.values {
		number += int64(strings.Count(c.text[from:v.begin], "\n"))
		from = v.begin
		l := c.read(number, v.begin, c.text[v.begin:v.end])
		if l.Bad == nil && l.Long == nil {
			l.Torn = v.torn
		}
		if !yield(l) {
			return
		}
	}
}

// read makes the line of text, which begins at the byte at of the chunk.
func (c *Chunk) read(number int64, at int, text string) Line {
	l := Line{Number: number, Text: text, Origin: c.Input, OriginLine: number}
	inner := text
	if strings.HasPrefix(text, rejectPrefix) {
		if reject, ok := ParseReject(text); ok {
			if reject.Truncated || reject.Count > 0 || len(reject.Raw) <= c.limit {
				return l.unwrap(reject, c.strict)
			}
			inner = reject.Raw
		}
	}
	if len(inner) > c.limit {
		// A reject whose raw is over the limit is reported with the facts of
		// this input, where the whole line is, and not of its origin.
		what := "line"
		if c.values != nil {
			what = "value"
		}
		return l.incomplete(longOf(what, text, inner, c.Offset+int64(at), c.limit), c.strict)
	}
	l.Blank = blank(text)
	return l
}

// incomplete makes the line one that is not whole here.
func (l Line) incomplete(b *Bad, strict bool) Line {
	if strict || b.Short == "" {
		l.Text, l.Bad = "", b
	} else {
		l.Text, l.Long = b.Short, b
	}
	return l
}

// unwrap puts what was rejected in the place of the reject.
func (l Line) unwrap(r Reject, strict bool) Line {
	l.Origin, l.OriginLine, l.Rejected = r.Origin, r.Line, &r
	if r.Truncated || r.Count > 0 {
		return l.incomplete(&Bad{Reason: r.Reason, Head: r.Raw, Length: r.Length, Offset: r.Offset, SHA256: r.SHA256, Short: r.Short}, strict)
	}
	l.Text = r.Raw
	l.Blank = blank(r.Raw)
	return l
}

func blank(text string) bool {
	return strings.TrimLeft(text, " \t\r") == ""
}

// Reject makes the reject of this line, with the reason and the place in the
// mapping, which may be empty. Without a reason, a bad or torn line has its own.
func (l Line) Reject(reason, where string) Reject {
	r := Reject{Origin: l.Origin, Line: l.OriginLine, Reason: reason, Where: where, Raw: l.Text}
	if reason == "" {
		r.Reason = l.Torn
	}
	b := l.Bad
	switch {
	case b != nil && reason == "":
		r.Reason = b.Reason
	case l.Long != nil:
		b = l.Long
	case b == nil:
		return r
	}
	if l.Rejected != nil && l.Rejected.Count > 0 {
		r.Raw, r.Count, r.Lines = "", l.Rejected.Count, l.Rejected.Lines
		return r
	}
	r.Raw, r.Truncated = b.Head, true
	r.Length, r.Offset, r.SHA256, r.Short = b.Length, b.Offset, b.SHA256, b.Short
	return r
}
