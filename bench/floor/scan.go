package main

import (
	"bytes"
	"errors"
)

// alert is the members that the mapping reads, as slices of the line or, where a
// text has escapes, of the arena. Absent and empty are nil.
type alert struct {
	timestamp, indexed, id, fullLog, location, index []byte
	ruleID, description, groups, mitre, nist         []byte // the last three raw
	agentID, agentName, manager, decoder, input      []byte
	level, fired                                     []byte
}

var errSyntax = errors.New("it is not an alert as a manager writes it")

// scanner walks over one line. arena takes the texts that had escapes, and must
// not be reused before the values are written.
type scanner struct {
	line  []byte
	at    int
	arena []byte
}

func (s *scanner) scan(line []byte, a *alert) error {
	s.line, s.at = line, 0
	*a = alert{}
	if err := s.object(top, a); err != nil {
		return err
	}
	if s.space(); s.at != len(s.line) {
		return errSyntax
	}
	return nil
}

// place is where in an alert the scanner is.
type place int

const (
	top place = iota
	inRule
	inAgent
	inManager
	inDecoder
	inInput
)

// member takes or skips the value at the cursor.
func (s *scanner) member(at place, name []byte, a *alert) error {
	switch {
	case at == top:
		return s.topMember(name, a)
	case at == inRule:
		return s.ruleMember(name, a)
	case at == inAgent && string(name) == "id":
		return s.scalar(&a.agentID)
	case at == inAgent && string(name) == "name":
		return s.scalar(&a.agentName)
	case at == inManager && string(name) == "name":
		return s.scalar(&a.manager)
	case at == inDecoder && string(name) == "name":
		return s.scalar(&a.decoder)
	case at == inInput && string(name) == "type":
		return s.scalar(&a.input)
	}
	return s.skip()
}

func (s *scanner) topMember(name []byte, a *alert) error {
	switch string(name) {
	case "timestamp":
		return s.scalar(&a.timestamp)
	case "@timestamp":
		return s.scalar(&a.indexed)
	case "id":
		return s.scalar(&a.id)
	case "full_log":
		return s.scalar(&a.fullLog)
	case "location":
		return s.scalar(&a.location)
	case "_index":
		return s.scalar(&a.index)
	case "rule":
		return s.object(inRule, a)
	case "agent":
		return s.object(inAgent, a)
	case "manager":
		return s.object(inManager, a)
	case "decoder":
		return s.object(inDecoder, a)
	case "input":
		return s.object(inInput, a)
	case "_source":
		return errors.New("it is wrapped by the indexer")
	}
	return s.skip()
}

func (s *scanner) ruleMember(name []byte, a *alert) error {
	switch string(name) {
	case "id":
		return s.scalar(&a.ruleID)
	case "level":
		return s.scalar(&a.level)
	case "description":
		return s.scalar(&a.description)
	case "firedtimes":
		return s.scalar(&a.fired)
	case "groups":
		return s.raw(&a.groups)
	case "mitre":
		return s.raw(&a.mitre)
	case "nist_800_53":
		return s.raw(&a.nist)
	}
	return s.skip()
}

// object reads the members of the object at the cursor. What is not an object is skipped.
func (s *scanner) object(at place, a *alert) error {
	if s.space(); s.peek() != '{' {
		return s.skip()
	}
	s.at++
	if s.space(); s.peek() == '}' {
		s.at++
		return nil
	}
	for {
		name, err := s.name()
		if err != nil {
			return err
		}
		if err := s.member(at, name, a); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.at++
		case '}':
			s.at++
			return nil
		default:
			return errSyntax
		}
	}
}

// name takes the name of a member and its colon.
func (s *scanner) name() ([]byte, error) {
	if s.space(); s.peek() != '"' {
		return nil, errSyntax
	}
	name, escaped, err := s.text()
	if err == nil && escaped {
		name, err = s.unescape(name)
	}
	if err != nil {
		return nil, err
	}
	if s.space(); s.peek() != ':' {
		return nil, errSyntax
	}
	s.at++
	return name, nil
}

func (s *scanner) space() {
	for s.at < len(s.line) && (s.line[s.at] == ' ' || s.line[s.at] == '\t' || s.line[s.at] == '\r') {
		s.at++
	}
}

// peek is the byte at the cursor, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.line) {
		return s.line[s.at]
	}
	return 0
}

// text takes the text at the cursor, without its quotes.
func (s *scanner) text() (content []byte, escaped bool, err error) {
	s.at++
	start := s.at
	for {
		n := bytes.IndexByte(s.line[s.at:], '"')
		if n < 0 {
			return nil, false, errSyntax
		}
		s.at += n + 1
		end := s.at - 1
		if s.line[end-1] != '\\' { // end is at least 1: the first quote is before it
			content = s.line[start:end]
			return content, bytes.IndexByte(content, '\\') >= 0, nil
		}
		slashes := 0
		for end-1-slashes >= start && s.line[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return s.line[start:end], true, nil
		}
	}
}

// scalar takes a text, number or truth value as text; null and empty text are nil.
func (s *scanner) scalar(value *[]byte) error {
	s.space()
	*value = nil
	switch c := s.peek(); {
	case c == '"':
		content, escaped, err := s.text()
		if err != nil || len(content) == 0 {
			return err
		}
		if escaped {
			if content, err = s.unescape(content); err != nil {
				return err
			}
		}
		*value = content
		return nil
	case c == '{' || c == '[':
		return s.skip()
	}
	start := s.at
	if err := s.skip(); err != nil {
		return err
	}
	if word := bytes.TrimRight(s.line[start:s.at], " \t\r"); string(word) != "null" {
		*value = word
	}
	return nil
}

// raw takes the bytes of any value.
func (s *scanner) raw(value *[]byte) error {
	s.space()
	start := s.at
	err := s.skip()
	*value = s.line[start:s.at]
	return err
}

// skip goes past a value, by its brackets and quotes.
func (s *scanner) skip() error {
	s.space()
	depth := 0
	for s.at < len(s.line) {
		switch s.line[s.at] {
		case '"':
			if _, _, err := s.text(); err != nil {
				return err
			}
			if depth == 0 {
				return nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return nil
			}
			if depth--; depth == 0 {
				s.at++
				return nil
			}
		case ',':
			if depth == 0 {
				return nil
			}
		}
		s.at++
	}
	return errSyntax
}
