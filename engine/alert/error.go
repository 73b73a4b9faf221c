package alert

import (
	"fmt"
	"strconv"
)

// Error says why a line is no alert. It holds no text of the alert beyond the
// one byte at fault, so that it may be logged.
type Error struct {
	// Offset is the place in the line, in bytes from 0; for a fault of the
	// whole line, such as a limit on all its keys, it is 0.
	Offset int
	Reason string
}

// Error counts columns from 1, in bytes, as editors do.
func (e *Error) Error() string {
	return "column " + strconv.Itoa(e.Offset+1) + ": " + e.Reason
}

// found describes the byte at i for a message.
func found(s string, i int) string {
	if i >= len(s) {
		return "the line ends here: it was cut"
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
