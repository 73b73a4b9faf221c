package alert

import (
	"fmt"
	"strconv"
)

// Error says why a line is not an alert. It holds no text of the alert except the
// one byte at fault, so it may be logged.
type Error struct {
	// Offset is the place in the line, in bytes from 0. It is 0 for a fault of
	// the whole line, such as a limit on all its keys.
	Offset int
	Reason string
	// Limit is set if the line is beyond a limit, which Condense may help.
	Limit bool
}

// Error counts columns from 1, in bytes, as editors do.
func (e *Error) Error() string {
	return "column " + strconv.Itoa(e.Offset+1) + ": " + e.Reason
}

// found describes the byte at i for a message.
func found(s string, i int) string {
	if i >= len(s) {
		return "the line ends here: it is truncated"
	}
	switch c := s[i]; {
	case c < 0x20 || c == 0x7f:
		return fmt.Sprintf("control character 0x%02x", c)
	case c >= 0x80:
		return fmt.Sprintf("byte 0x%02x", c)
	default:
		return strconv.QuoteRune(rune(c))
	}
}

func expected(what, s string, i int) string {
	if i >= len(s) {
		return "expected " + what + ", but " + found(s, i)
	}
	return "expected " + what + ", found " + found(s, i)
}

// stringFault describes the fault that jsontext.StringEnd found at i.
func stringFault(s string, i int) string {
	switch {
	case i >= len(s):
		return "the line ends inside a string: it is truncated"
	case s[i] == '\\':
		return "an escape that JSON does not have: write a backslash in a string as \\\\"
	case s[i] < 0x20:
		return found(s, i) + " inside a string: JSON requires an escape"
	default:
		return found(s, i) + " is not valid UTF-8: the line must be UTF-8"
	}
}
