package source

import (
	"bytes"
	"io"
	"strings"
)

// values takes the values that end within the next ChunkBytes, or the one that
// is longer.
func (r *Reader) values() (*Chunk, error) {
	for want := r.opt.ChunkBytes; ; {
		if err := r.fill(want); err != nil {
			return nil, err
		}
		text := string(r.window[r.start:min(r.start+want, r.have)])
		last := r.ended && r.start+len(text) == r.have
		whole := last && r.cut == ""
		found, at, stop := r.find(text, whole, want > r.opt.ChunkBytes)
		switch {
		case len(found) > 0:
			return r.takeValues(text[:at], found), nil
		case at > 0:
			r.pass(at)
			want = r.opt.ChunkBytes
			continue
		case stop.kind == ended:
			return nil, io.EOF
		case stop.kind == damage:
			if c := r.damaged(text, stop.end, whole); c != nil {
				return c, nil
			}
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

// find gives the values in text, or only the first of them, how far it came and
// what stopped it.
func (r *Reader) find(text string, whole, one bool) (found []bounds, at int, stop cut) {
	for !one || len(found) == 0 {
		stop = r.cutter.next(text, at, whole)
		switch stop.kind {
		case value:
			found = append(found, bounds{stop.begin, stop.end})
			at = stop.end
		case act:
			r.found.actions++
			at = stop.end
		default:
			return found, stop.begin, stop
		}
	}
	return found, at, stop
}

// takeValues makes a chunk of the beginning of the window, which is text.
func (r *Reader) takeValues(text string, values []bounds) *Chunk {
	first := r.line + int64(strings.Count(text[:values[0].begin], "\n"))
	c := &Chunk{Input: r.name, First: first, Count: int64(len(values)), Offset: r.offset, text: text, values: values, limit: r.opt.LineLimit}
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

// damaged gives what is torn at the beginning of the window, up to where reading
// goes on: behind it, whatever list it was in. It is nil when more text is
// needed to find that place.
func (r *Reader) damaged(text string, fault int, whole bool) *Chunk {
	if most := r.opt.LineLimit; len(text) > most { // whatever the size of a chunk
		text, whole = text[:most], false
	}
	begin, found, more := restart(text, r.begins, 0, fault, whole)
	if more {
		return nil
	}
	r.cutter = cutter{bulk: r.cutter.bulk}
	if !found {
		begin = len(text)
	}
	torn := strings.TrimRight(text[:begin], " \t\r\n")
	if torn == "" {
		return r.badChunk(r.line, newSpan(r.offset).bad("the text ends inside a list of alerts: it was cut, so get the file again"))
	}
	c := r.takeValues(text[:begin], []bounds{{0, len(torn)}})
	c.torn = tornReason(min(fault, begin), found)
	return c
}

// tooLong passes over what is over the limit at the beginning of the window: a
// value, or what nothing whole follows.
func (r *Reader) tooLong(stop cut) (*Chunk, error) {
	switch {
	case stop.kind == damage:
		r.cutter = cutter{}
		return r.swallow(tornReason(stop.end, false), true)
	case r.cutter.at == members:
		r.cutter = cutter{}
		return r.swallow("the _search response has a member over the limit behind its hits: what is behind it was not read", true)
	}
	r.cutter.over()
	s, first := newSpan(r.offset), r.line
	for inside := (skipper{}); ; {
		n, done := inside.skip(r.window[r.start:r.have])
		s.add(r.window[r.start : r.start+n])
		r.pass(n)
		if done {
			return r.badChunk(first, s.bad(overLimit("value", s.length(), r.opt.LineLimit))), nil
		}
		if r.ended {
			break
		}
		if err := r.fill(r.opt.ChunkBytes); err != nil {
			return nil, err
		}
	}
	reason := r.cut
	r.cut = ""
	if reason == "" {
		reason = overLimit("value", s.length(), r.opt.LineLimit)
	}
	return r.badChunk(first, s.bad(reason)), nil
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
