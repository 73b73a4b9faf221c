package source

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// Reject is one line of a reject file: a line that could not become an event,
// whole, with where it came from and why. Files of unmatched alerts have the
// same format.
//
//	{"origin":"…","line":1,"reason":"…","where":"…","raw":"…"}
//	… "where":"…","encoding":"base64","raw":"…"}
//	… "raw":"…","truncated":true,"length":1,"offset":0,"sha256":"…"}
//	… "raw":"…","truncated":true,"length":1,"offset":0,"sha256":"…","short":"…"}
//	… "raw":"","folded":true,"count":1,"lines":"10001-20000,20003"}
type Reject struct {
	Origin string // name of the input
	Line   int64  // number in it
	Reason string // what happened, and what to do
	Where  string // place in the mapping, may be empty
	Raw    string // the line without its end, any bytes

	// Truncated says that Raw is only the head of the line. Only then are the
	// four below in the file; they mean what they mean in Bad.
	Truncated bool
	Length    int64
	Offset    int64
	SHA256    string
	Short     string // left out if it is empty

	// Count, if not 0, says that this stands for that many rejects of one reason: those
	// of the Lines of Origin, as numbers and ranges with commas between. Line is the
	// first of them, Raw is empty.
	Count int64
	Lines string
}

// rejectPrefix is how every reject line begins, and no alert of Wazuh.
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
	dst = jsontext.AppendString(dst, r.Origin)
	dst = append(dst, `,"line":`...)
	dst = strconv.AppendInt(dst, r.Line, 10)
	dst = append(dst, `,"reason":`...)
	dst = jsontext.AppendString(dst, note(r.Reason))
	dst = append(dst, `,"where":`...)
	dst = jsontext.AppendString(dst, note(r.Where))
	if readable(r.Raw) {
		dst = append(dst, `,"raw":`...)
		dst = jsontext.AppendString(dst, r.Raw)
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
		dst = jsontext.AppendString(dst, r.SHA256)
		if r.Short != "" {
			dst = append(dst, `,"short":`...)
			dst = jsontext.AppendString(dst, r.Short)
		}
	}
	if r.Count > 0 {
		dst = append(dst, `,"folded":true,"count":`...)
		dst = strconv.AppendInt(dst, r.Count, 10)
		dst = append(dst, `,"lines":`...)
		dst = jsontext.AppendString(dst, r.Lines)
	}
	return append(dst, '}')
}

func note(s string) string {
	if n := noteBytes; len(s) > n {
		for n > noteBytes-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		return s[:n]
	}
	return s
}

// readable reports whether raw can be written to the file as text.
func readable(raw string) bool {
	return utf8.ValidString(raw) && jsontext.QuotedLen(raw) <= len(raw)+len(raw)/3+escapeSlack
}
