package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/sluice-lake/sluice/runtime/settings"
)

// paint colours words for a terminal. The zero paint leaves them as they are.
type paint struct{ on bool }

// paint is on when w is a terminal and nobody objects (https://no-color.org).
func (a *app) paint(w io.Writer) paint {
	colours, _ := settings.Terminal(a.getenv)
	return paint{colours && isTerminal(w)}
}

func (p paint) in(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string   { return p.in("1", s) }
func (p paint) dim(s string) string    { return p.in("2", s) }
func (p paint) red(s string) string    { return p.in("31", s) }
func (p paint) green(s string) string  { return p.in("32", s) }
func (p paint) yellow(s string) string { return p.in("33", s) }

// colour is what paint writes before and after words.
var colour = regexp.MustCompile("^\x1b\\[[0-9]{1,2}m")

// safe makes a text for people harmless to a terminal. What an alert or a file brings
// along could otherwise move the cursor, hide text or send keys: whatever has no
// picture of its own is shown as JSON would escape it. Line ends, tabs and, where
// colours are on, colours stay.
func (p paint) safe(text string) string {
	harmful := func(r rune) bool {
		return r != '\n' && r != '\t' && r != ' ' && !unicode.IsPrint(r) || r == unicode.ReplacementChar
	}
	if strings.IndexFunc(text, harmful) < 0 {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case !harmful(r), r == '\x1b' && p.on && colour.MatchString(text[i:]):
			b.WriteRune(r)
		case r == unicode.ReplacementChar:
			b.WriteRune(r) // so bytes that are not UTF-8 become it
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
