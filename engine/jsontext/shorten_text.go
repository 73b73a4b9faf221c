package jsontext

import (
	"strconv"
	"unicode/utf8"
)

// number returns the state of a number with one more byte, failed if it has no such byte.
func (st state) number(c byte) state {
	isDigit, isExponent := digit(c), c|0x20 == 'e'
	switch st {
	case inMinus:
		if c == '0' {
			return inZero
		}
		if isDigit {
			return inInteger
		}
	case inZero, inInteger:
		switch {
		case isDigit && st == inInteger:
			return inInteger
		case c == '.':
			return inPoint
		case isExponent:
			return inExponent
		}
	case inPoint, inFraction:
		if isDigit {
			return inFraction
		}
		if isExponent && st == inFraction {
			return inExponent
		}
	case inExponent, inSign, inPower:
		if isDigit {
			return inPower
		}
		if st == inExponent && (c == '+' || c == '-') {
			return inSign
		}
	}
	return failed
}

func (s *Shortener) beginString(name bool) {
	s.state, s.name = inString, name
	s.beginText('"')
}

func (s *Shortener) beginScalar(c byte, st state, word string) {
	s.state, s.word = st, word
	s.beginText(c)
}

func (s *Shortener) beginText(c byte) {
	if s.omit == 0 {
		s.from, s.end, s.full, s.pair = len(s.out), s.space(), false, 0
		s.out = append(s.out, c)
	}
}

// text adds to the string, word or number at hand what it has space for.
func (s *Shortener) text(p ...byte) {
	if s.omit > 0 || s.full {
		return
	}
	n := min(len(p), max(0, s.end-len(s.out)))
	s.out = append(s.out, p[:n]...)
	if n < len(p) {
		s.cut()
	}
}

// cut ends the text at hand behind a whole character.
func (s *Shortener) cut() {
	s.full = true
	if s.pair == len(s.out) {
		s.out = s.out[:len(s.out)-len(`\ud83d`)]
		return
	}
	for n := 1; n < utf8.UTFMax && len(s.out)-n > s.from; n++ {
		tail := s.out[len(s.out)-n:]
		if utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				s.out = s.out[:len(s.out)-n]
			}
			return
		}
	}
}

// endOfText reads a byte of a string that is not plain.
func (s *Shortener) endOfText(c byte) {
	switch {
	case c == '\\':
		s.state, s.escape = inEscape, append(s.escape[:0], c)
	case c != '"':
		s.state = failed
	case s.name:
		s.endName()
	default:
		if s.omit == 0 {
			s.out = append(s.out, c)
			s.noteIfFull()
		}
		s.ended()
	}
}

// escaped reads a byte of an escape, which goes into out as a whole.
func (s *Shortener) escaped(c byte) {
	s.escape = append(s.escape, c)
	switch {
	case s.state == inHex && hexDigit(c) && s.hex > 1:
		s.hex--
		return
	case s.state == inHex && hexDigit(c):
	case s.state == inEscape && c == 'u':
		s.state, s.hex = inHex, 4
		return
	case s.state == inEscape && escapeLen(string(s.escape), 0) > 0:
	default:
		s.state = failed
		return
	}
	s.state = inString
	switch {
	case s.omit > 0 || s.full:
	case len(s.out)+len(s.escape) > s.end:
		s.cut()
	default:
		s.out = append(s.out, s.escape...)
		if r := hex4(string(s.escape), 2); r >= 0xd800 && r < 0xdc00 {
			s.pair = len(s.out)
		}
	}
}

func hexDigit(c byte) bool {
	return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// endName ends the name of a member. A member whose name is long is left out.
func (s *Shortener) endName() {
	s.state = beforeColon
	if s.omit > 0 {
		return
	}
	l := &s.levels[len(s.levels)-1]
	if s.full {
		s.out = s.out[:s.begin]
		l.kept--
		s.leaveOut(l)
		return
	}
	l.from, l.to = s.from+1, len(s.out)
	s.out = append(s.out, `":`...)
}

// endScalar ends a word or a number. A part of it would be another one.
func (s *Shortener) endScalar() {
	if s.omit == 0 && s.full {
		s.out = append(s.out[:s.from], "null"...)
		s.noteIfFull()
	}
	s.ended()
}

func (s *Shortener) noteIfFull() {
	if s.full {
		s.note(len(s.levels))
	}
}

// note notes the path of a value inside that many levels.
func (s *Shortener) note(levels int) {
	if len(s.paths) == mostPaths {
		return
	}
	var path []byte
	for i := range levels {
		l := &s.levels[i]
		step := strconv.AppendInt(nil, int64(l.items-1), 10)
		if l.object {
			step = AppendUnescaped(nil, string(s.out[l.from:l.to]))
		}
		if len(path)+len(step) > longestPath {
			break
		}
		if i > 0 {
			path = append(path, '.')
		}
		path = append(path, step...)
	}
	if levels == 0 {
		path = append(path, '.')
	}
	s.paths = append(s.paths, string(path))
}
