package main

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape writes the text into the arena.
func (s *scanner) unescape(text []byte) ([]byte, error) {
	start := len(s.arena)
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\\')
		if n < 0 {
			break
		}
		s.arena = append(s.arena, text[:n]...)
		if n+1 == len(text) {
			return nil, errSyntax
		}
		c := text[n+1]
		text = text[n+2:]
		if c == 'u' {
			var err error
			if text, err = s.unicode(text); err != nil {
				return nil, err
			}
			continue
		}
		plain := plainEscapes[c]
		if plain == 0 {
			return nil, errSyntax
		}
		s.arena = append(s.arena, plain)
	}
	s.arena = append(s.arena, text...)
	return s.arena[start:len(s.arena):len(s.arena)], nil
}

var plainEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) unicode(text []byte) (rest []byte, err error) {
	first, err := hex4(text)
	if err != nil {
		return nil, err
	}
	text = text[4:]
	if utf16.IsSurrogate(first) {
		pair := rune(utf8.RuneError)
		if len(text) >= 6 && text[0] == '\\' && text[1] == 'u' {
			if second, err := hex4(text[2:]); err == nil {
				if pair = utf16.DecodeRune(first, second); pair != utf8.RuneError {
					text = text[6:]
				}
			}
		}
		first = pair
	}
	s.arena = utf8.AppendRune(s.arena, first)
	return text, nil
}

func hex4(text []byte) (rune, error) {
	if len(text) < 4 {
		return 0, errSyntax
	}
	n, err := strconv.ParseUint(string(text[:4]), 16, 16)
	if err != nil {
		return 0, errSyntax
	}
	return rune(n), nil
}
