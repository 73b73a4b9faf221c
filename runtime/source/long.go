package source

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// A line over the limit that is one JSON object is passed on in a short form, so that no
// alert is kept from the lake by its size. It is checked as a whole while it passes by.

// shortSpace is what a short form may have of the limit.
func shortSpace(limit int) int { return limit / 4 }

// shortBytes is the memory of a Shortener with what it makes.
func (o Options) shortBytes() int64 { return 4 * int64(shortSpace(o.LineLimit)) }

// shorten keeps the short form, if the line is one JSON object.
func (b *Bad) shorten(s *jsontext.Shortener) {
	text, paths, ok := s.Short()
	if !ok {
		return
	}
	text = text[:len(text)-1]
	if len(text) > 1 {
		text = append(text, ',')
	}
	text = append(text, `"_truncated":{"length":`...)
	text = strconv.AppendInt(text, b.Length, 10)
	text = append(text, `,"sha256":`...)
	text = jsontext.AppendString(text, b.SHA256)
	text = append(text, `,"values":[`...)
	for i, path := range paths {
		if i > 0 {
			text = append(text, ',')
		}
		text = jsontext.AppendString(text, path)
	}
	b.Short = strings.Map(func(r rune) rune { return r }, string(append(text, `]}}`...))) // UTF-8
}

// longOf returns the facts of a line or value of which a part, the alert, is over the
// limit and whole here.
func longOf(what, text, alert string, offset int64, limit int) *Bad {
	s := newSpan(offset)
	s.add([]byte(text))
	b := s.bad("")
	short := jsontext.NewShortener(shortSpace(limit))
	short.Write([]byte(alert))
	b.shorten(short)
	b.Reason = overLimit(what, int64(len(alert)), limit, b.Short)
	return b
}

// longSpan begins a line or value that is over the limit. A line of a reject file has no
// short form: it is not an alert.
func (r *Reader) longSpan() (*span, error) {
	s := newSpan(r.offset)
	if bytes.HasPrefix(r.window[r.start:r.have], []byte(rejectPrefix)) {
		return s, nil
	}
	s.short = jsontext.NewShortener(shortSpace(r.opt.LineLimit))
	return s, r.opt.Grow(r.opt.shortBytes())
}

// longLine reads one line that is over the limit, keeping its head and a short form.
func (r *Reader) longLine() (*Chunk, error) {
	first := r.line
	s, err := r.longSpan()
	if err != nil {
		return nil, err
	}
	for {
		w := r.window[r.start:r.have]
		if i := bytes.IndexByte(w, '\n'); i >= 0 {
			s.add(w[:i])
			s.newline()
			r.advance(i + 1)
			r.line++
			return r.longChunk(first, "line", s, "")
		}
		s.add(w)
		r.advance(len(w))
		if r.ended {
			return r.longChunk(first, "line", s, r.takeCut())
		}
		if err := r.fill(r.opt.ChunkBytes); err != nil {
			return nil, err
		}
	}
}

// longChunk is the chunk of a line or value that is over the limit. If it is cut, that is
// the reason.
func (r *Reader) longChunk(first int64, what string, s *span, cut string) (*Chunk, error) {
	taken := int64(0)
	if s.short != nil {
		taken = r.opt.shortBytes()
	}
	if cut != "" {
		s.short = nil
	}
	b := s.bad(cut)
	if cut == "" {
		b.Reason = overLimit(what, b.Length, r.opt.LineLimit, b.Short)
	}
	return r.badChunk(first, b), r.opt.Grow(-taken)
}

// long returns the one line at the start of the window, which is longer than a
// chunk: whole, as long as it is within the limit.
func (r *Reader) long() (*Chunk, error) {
	for seen := r.opt.ChunkBytes; ; {
		w := r.window[r.start:r.have]
		if i := bytes.IndexByte(w[seen:], '\n'); i >= 0 {
			return r.take(seen + i + 1), nil
		}
		seen = len(w)
		if r.ended && r.cut != "" {
			return r.broken(), nil
		}
		if r.ended {
			return r.take(len(w)), nil
		}
		most := r.longest(w) + len("\r\n")
		if len(w) >= most {
			return r.longLine()
		}
		if err := r.fill(min(2*len(w), most)); err != nil {
			return nil, err
		}
	}
}

// longest is how long the line that begins with w may be.
func (r *Reader) longest(w []byte) int {
	n := min(len(w), len(rejectPrefix))
	if strings.HasPrefix(rejectPrefix, string(w[:n])) {
		return r.opt.wrappedLimit()
	}
	return r.opt.LineLimit
}
