package source

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reject is one line of a reject file: a line that could not become an event,
// whole, with where it came from and why. Files of unmatched alerts have the
// same format.
//
//	{"origin":"…","line":1,"reason":"…","where":"…","raw":"…"}
//	… "where":"…","encoding":"base64","raw":"…"}
//	… "raw":"…","truncated":true,"length":1,"offset":0,"sha256":"…"}
type Reject struct {
	Origin string // name of the input
	Line   int64  // number in it
	Reason string // what happened, and what to do
	Where  string // place in the mapping, may be empty
	Raw    string // the line without its end, any bytes

	// Truncated says that Raw is only the head of the line. The three below
	// stand in the file only then, and have the meaning they have in Bad.
	Truncated bool
	Length    int64
	Offset    int64
	SHA256    string
}

// rejectPrefix is how every reject line begins, and hardly an alert.
const rejectPrefix = `{"origin":`

const (
	// escapeSlack is by how many bytes escaping may make a line longer than
	// base64 would, so that ordinary lines stay readable however many quotes
	// they have. wrappedLimit leaves room for it.
	escapeSlack = 64 << 10
	// noteBytes bounds reason and where, which may quote what a line holds.
	noteBytes = 32 << 10
)

// AppendJSON appends the reject as one line without its newline. Raw is written
// as base64 when it is not valid UTF-8, or when escapes would make it longer
// than base64 by more than 64 KiB. Reason and Where are cut at 32 KiB; bytes of
// Origin, Reason and Where that are not UTF-8 become U+FFFD.
func (r Reject) AppendJSON(dst []byte) []byte {
	dst = append(dst, rejectPrefix...)
	dst = appendString(dst, strings.ToValidUTF8(r.Origin, "\uFFFD"))
	dst = append(dst, `,"line":`...)
	dst = strconv.AppendInt(dst, r.Line, 10)
	dst = append(dst, `,"reason":`...)
	dst = appendString(dst, note(r.Reason))
	dst = append(dst, `,"where":`...)
	dst = appendString(dst, note(r.Where))
	if readable(r.Raw) {
		dst = append(dst, `,"raw":`...)
		dst = appendString(dst, r.Raw)
	} else {
		dst = append(dst, `,"encoding":"base64","raw":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(r.Raw))
		dst = append(dst, '"')
	}
	if r.Truncated {
		dst = append(dst, `,"truncated":true,"length":`...)
		dst = strconv.AppendInt(dst, r.Length, 10)
		dst = append(dst, `,"offset":`...)
		dst = strconv.AppendInt(dst, r.Offset, 10)
		dst = append(dst, `,"sha256":`...)
		dst = appendString(dst, r.SHA256)
	}
	return append(dst, '}')
}

func note(s string) string {
	if n := noteBytes; len(s) > n {
		for n > noteBytes-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func readable(raw string) bool {
	if !utf8.ValidString(raw) {
		return false
	}
	escaped := len(raw)
	for i := range len(raw) {
		if e := escapes(raw[i]); e != "" {
			escaped += len(e) - 1
		}
	}
	return escaped <= len(raw)+len(raw)/3+escapeSlack
}

// escapes gives what JSON wants instead of c, "" when that is c itself.
func escapes(c byte) string {
	if c >= ' ' && c != '"' && c != '\\' {
		return ""
	}
	return escapeTable[c]
}

var escapeTable = func() (t [128]string) {
	for c := range ' ' {
		t[c] = `\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	t['\b'], t['\f'], t['\n'], t['\r'], t['\t'] = `\b`, `\f`, `\n`, `\r`, `\t`
	t['"'], t['\\'] = `\"`, `\\`
	return t
}()

// appendString wants valid UTF-8.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0
	for i := range len(s) {
		if e := escapes(s[i]); e != "" {
			dst = append(dst, s[plain:i]...)
			dst = append(dst, e...)
			plain = i + 1
		}
	}
	dst = append(dst, s[plain:]...)
	return append(dst, '"')
}
