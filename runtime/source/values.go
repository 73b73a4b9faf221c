package source

import (
	"bytes"
	"io"
	"strings"
)

// values makes a chunk of the values that end within the next ChunkBytes, or of one
// longer value. It never looks further than a value may be long, so that what is
// too long does not depend on the size of chunks.
func (r *Reader) values() (*Chunk, error) {
	size := min(r.opt.ChunkBytes, r.opt.LineLimit)
	for want := size; ; {
		if err := r.fill(want); err != nil {
			return nil, err
		}
		text := string(r.window[r.start:min(r.start+want, r.have)])
		last := r.ended && r.start+len(text) == r.have
		whole := last && r.cut == ""
		found, at, stop := r.find(text, whole, want > size)
		switch {
		case len(found) > 0:
			return r.takeValues(text[:at], found), nil
		case at > 0:
			r.pass(at)
			want = size
			continue
		case stop.kind == ended:
			return nil, io.EOF
		case stop.kind == damage && text == "":
			r.cutter = cutter{}
			return r.badChunk(r.line, newSpan(r.offset).bad("the text ends inside a list of alerts: it was cut, so get the file again")), nil
		case stop.kind == damage && len(text) > r.opt.LineLimit:
			return r.tooLong(stop)
		}
		most := r.longest([]byte(text)) + len("\r\n")
		switch {
		case last:
			r.cutter = cutter{}
			return r.broken(), nil
		case len(text) >= most:
			return r.tooLong(stop)
		}
		want = min(2*len(text), most)
	}
}

// find returns the values in text, or only the first of them, how far it read, and
// what stopped it. What is torn counts as a value.
func (r *Reader) find(text string, whole, one bool) (found []bounds, at int, stop cut) {
	for !one || len(found) == 0 {
		stop = r.cutter.next(text, at, whole)
		switch stop.kind {
		case value:
			found = append(found, bounds{begin: stop.begin, end: stop.end})
			at = stop.end
		case act:
			r.found.actions++
			at = stop.end
		case damage:
			torn, next := r.damaged(text, stop, whole)
			if torn.end == torn.begin {
				return found, stop.begin, stop
			}
			found = append(found, torn)
			at = next
		default:
			return found, stop.begin, stop
		}
	}
	return found, at, stop
}

// damaged returns what is torn from stop on, up to where reading continues. There no
// array is open, whatever the damage was in. It is empty when more text is needed to
// find that place, or when text ends at the damage.
func (r *Reader) damaged(text string, stop cut, whole bool) (torn bounds, next int) {
	if most := stop.begin + r.opt.LineLimit; len(text) > most { // whatever the size of a chunk
		text, whole = text[:most], false
	}
	next, found, more := restart(text, r.begins, stop.begin, stop.end, whole)
	if more {
		return bounds{}, 0
	}
	if !found {
		next = len(text)
	}
	torn.begin, torn.end = stop.begin, stop.begin+len(strings.TrimRight(text[stop.begin:next], " \t\r\n"))
	torn.torn = tornReason(min(stop.end, next)-stop.begin, found)
	if torn.end > torn.begin {
		r.cutter = cutter{bulk: r.cutter.bulk}
	}
	return torn, next
}

// takeValues makes a chunk of the beginning of the window, which is text.
func (r *Reader) takeValues(text string, values []bounds) *Chunk {
	first := r.line + int64(strings.Count(text[:values[0].begin], "\n"))
	c := &Chunk{Input: r.name, First: first, Count: int64(len(values)), Offset: r.offset, text: text, values: values, limit: r.opt.LineLimit, strict: r.opt.Strict}
	r.pass(len(text))
	return c
}

// pass leaves bytes of the window behind that belong to no line.
func (r *Reader) pass(n int) {
	lines := bytes.Count(r.window[r.start:r.start+n], []byte{'\n'})
	r.found.over = r.found.over || lines > 0
	r.line += int64(lines)
	r.advance(n)
}

// tooLong passes over what is over the limit at the beginning of the window: a
// value, or what nothing whole follows.
func (r *Reader) tooLong(stop cut) (*Chunk, error) {
	switch {
	case stop.kind == damage:
		r.cutter = cutter{}
		return r.swallow(tornReason(stop.end, false))
	case r.cutter.at == members:
		r.cutter = cutter{}
		return r.swallow("the _search response has a member over the limit behind its hits: what is behind it was not read")
	}
	r.cutter.over()
	first := r.line
	s, err := r.longSpan()
	if err != nil {
		return nil, err
	}
	for inside := (skipper{}); ; {
		n, done := inside.skip(r.window[r.start:r.have])
		s.add(r.window[r.start : r.start+n])
		r.pass(n)
		if done {
			return r.longChunk(first, "value", s, "")
		}
		if r.ended {
			return r.longChunk(first, "value", s, r.takeCut())
		}
		if err := r.fill(r.opt.ChunkBytes); err != nil {
			return nil, err
		}
	}
}

// skipper finds the end of a JSON value that comes in pieces, by its brackets
// and quotes alone.
type skipper struct {
	depth           int
	begun           bool
	quoted, escaped bool // inside a string, behind a backslash
}

// skip returns how many bytes of p belong to the value, and whether it ends
// there. The first byte of the first p begins the value.
func (s *skipper) skip(p []byte) (n int, done bool) {
	for i, b := range p {
		if s.quoted {
			s.quoted = b != '"' || s.escaped
			s.escaped = b == '\\' && !s.escaped
			if !s.quoted && s.depth == 0 {
				return i + 1, true
			}
			continue
		}
		switch b {
		case '"':
			s.quoted = true
		case '{', '[':
			s.depth++
		case '}', ']':
			if s.depth--; s.depth <= 0 {
				return i + max(0, s.depth+1), true
			}
		case ',', ' ', '\t', '\r', '\n':
			if s.depth == 0 && s.begun {
				return i, true
			}
		}
		s.begun = true
	}
	return len(p), false
}
