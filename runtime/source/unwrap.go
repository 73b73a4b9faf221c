package source

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// ParseReject reads a line as AppendJSON writes it. It is strict, so that it never
// mistakes an alert for a reject: a JSON object in UTF-8 with exactly the members
// of the format, origin first, each of its own type and once. It accepts white space
// between them, and the others in any order.
func ParseReject(line string) (Reject, bool) {
	if !strings.HasPrefix(line, rejectPrefix) {
		return Reject{}, false
	}
	p := rejectParser{rest: line}
	if !p.object() {
		return Reject{}, false
	}
	return p.reject, p.complete()
}

// member is a set of members of a reject line.
type member uint16

const (
	memberOrigin member = 1 << iota
	memberLine
	memberReason
	memberWhere
	memberRaw
	memberEncoding
	memberTruncated
	memberLength
	memberOffset
	memberSHA256
	memberShort
	memberFolded
	memberCount
	memberLines

	always     = memberOrigin | memberLine | memberReason | memberWhere | memberRaw
	ofTruncate = memberTruncated | memberLength | memberOffset | memberSHA256
	ofFolded   = memberFolded | memberCount | memberLines
)

type rejectParser struct {
	rest   string
	reject Reject
	seen   member
}

// complete checks what only the whole object can show, and decodes base64.
func (p *rejectParser) complete() bool {
	if p.seen&always != always {
		return false
	}
	if truncated := p.seen & (ofTruncate | memberShort); truncated != 0 && truncated&ofTruncate != ofTruncate {
		return false
	}
	if folded := p.seen & ofFolded; folded != 0 && (folded != ofFolded || p.reject.Count == 0) {
		return false
	}
	if p.seen&memberEncoding == 0 {
		return true
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(p.reject.Raw)
	p.reject.Raw = string(raw)
	return err == nil
}

func (p *rejectParser) object() bool {
	if !p.take('{') {
		return false
	}
	for {
		name, ok := p.text()
		if !ok || !p.take(':') || !p.member(name) {
			return false
		}
		if p.take('}') {
			p.space()
			return p.rest == ""
		}
		if !p.take(',') {
			return false
		}
	}
}

func (p *rejectParser) member(name string) bool {
	r := &p.reject
	switch name {
	case "origin":
		return p.once(memberOrigin) && p.textTo(&r.Origin)
	case "line":
		return p.once(memberLine) && p.numberTo(&r.Line)
	case "reason":
		return p.once(memberReason) && p.textTo(&r.Reason)
	case "where":
		return p.once(memberWhere) && p.textTo(&r.Where)
	case "raw":
		return p.once(memberRaw) && p.textTo(&r.Raw)
	case "encoding":
		encoding, ok := p.text()
		return ok && p.once(memberEncoding) && encoding == "base64"
	case "truncated":
		r.Truncated = true
		return p.once(memberTruncated) && p.word("true")
	case "length":
		return p.once(memberLength) && p.numberTo(&r.Length)
	case "offset":
		return p.once(memberOffset) && p.numberTo(&r.Offset)
	case "folded":
		return p.once(memberFolded) && p.word("true")
	case "count":
		return p.once(memberCount) && p.numberTo(&r.Count)
	case "lines":
		return p.once(memberLines) && p.textTo(&r.Lines)
	case "sha256":
		return p.once(memberSHA256) && p.textTo(&r.SHA256) && isSHA256(r.SHA256)
	case "short":
		return p.once(memberShort) && p.textTo(&r.Short) && r.Short != ""
	}
	return false
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func (p *rejectParser) once(m member) bool {
	fresh := p.seen&m == 0
	p.seen |= m
	return fresh
}

func (p *rejectParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *rejectParser) take(c byte) bool {
	p.space()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *rejectParser) word(w string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, w)
	p.rest = rest
	return ok
}

// numberTo reads a whole number that is not negative.
func (p *rejectParser) numberTo(to *int64) bool {
	p.space()
	n := 0
	for n < len(p.rest) && p.rest[n] >= '0' && p.rest[n] <= '9' {
		n++
	}
	digits := p.rest[:n]
	p.rest = p.rest[n:]
	if n > 1 && digits[0] == '0' {
		return false
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	*to = v
	return err == nil
}

func (p *rejectParser) textTo(to *string) bool {
	s, ok := p.text()
	*to = s
	return ok
}

// text reads a string. Without escapes it is a part of the line, not a copy.
func (p *rejectParser) text() (text string, ok bool) {
	p.space()
	text, p.rest, ok = jsontext.Unquote(p.rest)
	return text, ok
}
