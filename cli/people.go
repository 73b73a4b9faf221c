package cli

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/syntax"
)

// This file is the one door for texts that people read: everything on stderr, and on
// stdout everything but JSON. What an alert, a file or its name brings along could
// move the cursor, forge a line, hide text or turn it around. So whatever is put
// into a text is cleaned, and only the words and the line ends of the program
// itself are not:
//
//	printf(w, "…", values…)   each value is cleaned on its own
//	paint.bold(value) …       cleans what it colours
//	app.Err                   cleans once more what goes to stderr
//
// A test holds that no other file of this package writes formatted text.

// clean is a text that a terminal only shows. Line ends and colours in it are those
// of the program.
type clean string

// cleaned shows what has no picture of its own (control characters, line ends,
// characters that turn text around, bytes that are not UTF-8) as escapes.
func cleaned(s string) clean {
	if strings.IndexFunc(s, hidden) < 0 {
		return clean(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r) && r != utf8.RuneError:
			b.WriteString(escape(r))
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return clean(b.String())
}

// hidden reports whether a character has no picture of its own, or stands for bytes
// that are not UTF-8.
func hidden(r rune) bool { return r != ' ' && !unicode.IsPrint(r) || r == utf8.RuneError }

// escape is how JSON escapes a character.
func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// cleanLines cleans the lines of a text whose line ends, and tabs before lines, the
// program itself made.
func cleanLines(s string) clean {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		words := strings.TrimLeft(line, "\t ")
		lines[i] = line[:len(line)-len(words)] + string(cleaned(words))
	}
	return clean(strings.Join(lines, "\n"))
}

// sprintf formats a text for people. It cleans the values, but not what is clean.
func sprintf(format string, values ...any) clean {
	for i, v := range values {
		values[i] = cleanValue(v)
	}
	return clean(fmt.Sprintf(format, values...))
}

// printf writes a text for people. It cleans the values, but not what is clean.
func printf(w io.Writer, format string, values ...any) {
	io.WriteString(w, string(sprintf(format, values...))) // there is nowhere to report that stderr is gone
}

func cleanValue(v any) any {
	switch v := v.(type) {
	case clean:
		return string(v)
	case error:
		return string(cleanError(v))
	case fmt.Stringer:
		return string(cleaned(v.String()))
	case []byte:
		return string(cleaned(string(v)))
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.String {
		return string(cleaned(r.String()))
	}
	return v
}

// cleanError is the text of an error. Joined errors and faults have a line each; no
// other error has a line end of its own.
func cleanError(err error) clean {
	if faults, ok := err.(syntax.Faults); ok {
		lines := make([]string, len(faults))
		for i, f := range faults {
			lines[i] = string(cleaned(f.Error()))
		}
		return clean(strings.Join(lines, "\n"))
	}
	var inner []error
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		inner = []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		inner = e.Unwrap()
	}
	return cleanAround(err.Error(), inner)
}

// cleanAround cleans the text of an error, and the texts of others in it by
// themselves.
func cleanAround(text string, inner []error) clean {
	var b strings.Builder
	for i, err := range inner {
		if err == nil {
			continue
		}
		before, after, found := strings.Cut(text, err.Error())
		if !found {
			continue
		}
		if i > 0 && before == "\n" {
			b.WriteString(before) // errors.Join
		} else {
			b.WriteString(string(cleaned(before)))
		}
		b.WriteString(string(cleanError(err)))
		text = after
	}
	return clean(b.String()) + cleaned(text)
}

// messages is a stream of texts for people that have no colours. Only line ends pass
// of what has no picture of its own.
type messages struct {
	to io.Writer

	mu      sync.Mutex // a run warns from several goroutines
	partial []byte     // of a character
}

func (m *messages) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := append(m.partial, b...)
	whole := len(all)
	for back := 1; back < utf8.UTFMax && back <= len(all); back++ {
		if at := len(all) - back; utf8.RuneStart(all[at]) {
			if !utf8.FullRune(all[at:]) {
				whole = at
			}
			break
		}
	}
	text := cleanLines(string(all[:whole]))
	m.partial = append([]byte(nil), all[whole:]...)
	if _, err := io.WriteString(m.to, string(text)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// jsonOut is a stream of JSON. What a terminal could obey is escaped as JSON has it:
// such characters can only be in strings.
type jsonOut struct{ to io.Writer }

func (j jsonOut) Write(b []byte) (int, error) {
	text := string(b)
	unsafe := func(r rune) bool { return r > '~' && hidden(r) && r != utf8.RuneError }
	if strings.IndexFunc(text, unsafe) < 0 {
		return j.to.Write(b)
	}
	var s strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unsafe(r) {
			s.WriteString(escape(r))
		} else {
			s.WriteString(text[i : i+size])
		}
		i += size
	}
	if _, err := io.WriteString(j.to, s.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// data is stdout for JSON: on a terminal nothing in it moves the cursor.
func (a *app) data() io.Writer {
	if isTerminal(a.Out) {
		return jsonOut{a.Out}
	}
	return a.Out
}

// sheet is a text for people that grows line by line.
type sheet struct {
	b strings.Builder
	p paint
}

func (s *sheet) line(format string, values ...any) { printf(&s.b, format+"\n", values...) }

func (s *sheet) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, s.b.String())
	return err
}
