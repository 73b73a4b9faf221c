package function

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// oneText returns an argument as text and counts the work on it.
func (m *Machine) oneText(v alert.Value) (string, error) {
	s, err := m.text(v)
	if err != nil {
		return "", err
	}
	return s, m.scan(len(s))
}

// made accounts for a text after it was made, which is soon enough for one that
// is not much larger than its source.
func (m *Machine) made(s string) (alert.Value, error) {
	if err := m.makes(len(s)); err != nil {
		return alert.Value{}, err
	}
	return alert.OfText(s), nil
}

func lower(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	return m.inCase(s, 'A', strings.ToLower)
}

func upper(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	return m.inCase(s, 'a', strings.ToUpper)
}

// inCase changes the case of the 26 letters from first on, or of all letters if the
// text is not ASCII.
func (m *Machine) inCase(s string, first byte, all func(string) string) (alert.Value, error) {
	changed := false
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return m.made(all(s))
		}
		changed = changed || s[i]-first < 26
	}
	if !changed {
		return m.made(s)
	}
	m.scratch = append(m.scratch[:0], s...)
	for i, c := range m.scratch {
		if c-first < 26 {
			m.scratch[i] = c ^ ('a' ^ 'A')
		}
	}
	return m.made(m.Arena.Text(m.scratch))
}

// cut runs a function that removes a part from a text: the second argument, or
// usual without one.
func (m *Machine) cut(args []alert.Value, usual string, f func(s, part string) string) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	part := usual
	if len(args) > 1 {
		if part, err = text(args[1]); err != nil {
			return alert.Value{}, err
		}
	}
	return alert.OfText(f(s, part)), nil
}

func trim(m *Machine, args []alert.Value) (alert.Value, error) {
	if len(args) == 1 {
		return m.cut(args, "", func(s, _ string) string { return strings.TrimSpace(s) })
	}
	return m.cut(args, "", strings.Trim)
}

func trimPrefix(m *Machine, args []alert.Value) (alert.Value, error) {
	return m.cut(args, " ", strings.TrimPrefix)
}

func trimSuffix(m *Machine, args []alert.Value) (alert.Value, error) {
	return m.cut(args, " ", strings.TrimSuffix)
}

func hasPrefix(m *Machine, args []alert.Value) (alert.Value, error) {
	s, part, err := twoTexts(args)
	if err != nil {
		return alert.Value{}, err
	}
	return alert.OfBool(strings.HasPrefix(s, part)), m.Reads(len(part))
}

func hasSuffix(m *Machine, args []alert.Value) (alert.Value, error) {
	s, part, err := twoTexts(args)
	if err != nil {
		return alert.Value{}, err
	}
	return alert.OfBool(strings.HasSuffix(s, part)), m.Reads(len(part))
}

// Positions count characters, as len and slices do.
func position(m *Machine, args []alert.Value, find func(s, part string) int) (alert.Value, error) {
	s, part, err := twoTexts(args)
	if err != nil {
		return alert.Value{}, err
	}
	at := find(s, part)
	if at > 0 {
		at = utf8.RuneCountInString(s[:at])
	}
	return alert.OfInt(int64(at)), m.scan(len(s))
}

func indexOf(m *Machine, args []alert.Value) (alert.Value, error) {
	return position(m, args, strings.Index)
}

func lastIndexOf(m *Machine, args []alert.Value) (alert.Value, error) {
	return position(m, args, strings.LastIndex)
}

func replace(m *Machine, args []alert.Value) (alert.Value, error) {
	s, old, err := twoTexts(args)
	if err != nil {
		return alert.Value{}, err
	}
	with, err := text(args[2])
	if err != nil {
		return alert.Value{}, err
	}
	times := strings.Count(s, old)
	if len(args) > 3 {
		limit, err := whole(args[3])
		if err != nil {
			return alert.Value{}, err
		}
		if limit >= 0 && limit < int64(times) {
			times = int(limit)
		}
	}
	size := len(s)
	if grows := len(with) - len(old); grows > 0 {
		size = min(maxText+1, size+times*min(grows, maxText))
	}
	if err := m.makes(size); err != nil {
		return alert.Value{}, err
	}
	return alert.OfText(m.replaced(s, old, with, times)), m.scan(len(s) + size)
}

// replaced is strings.Replace.
func (m *Machine) replaced(s, old, with string, times int) string {
	if times == 0 || old == "" {
		return strings.Replace(s, old, with, times)
	}
	out := m.scratch[:0]
	for ; times > 0; times-- {
		at := strings.Index(s, old)
		out = append(append(out, s[:at]...), with...)
		s = s[at+len(old):]
	}
	m.scratch = append(out, s...)
	return m.Arena.Text(m.scratch)
}

func repeat(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := text(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	n, err := whole(args[1])
	switch {
	case err != nil:
		return alert.Value{}, err
	case n < 0:
		return alert.Value{}, errors.New("repeat needs a count that is not negative")
	case n > maxText:
		n = maxText + 1
	}
	if len(s) == 0 {
		return alert.OfText(""), nil
	}
	if n > maxText/int64(len(s)) {
		return alert.Value{}, errText
	}
	if err := m.makes(len(s) * int(n)); err != nil {
		return alert.Value{}, err
	}
	return alert.OfText(strings.Repeat(s, int(n))), m.scan(len(s) * int(n))
}

// pieces makes a list of the pieces of a text. Each but the last keeps so many bytes of the
// separator behind it.
func (m *Machine) pieces(args []alert.Value, keep func(sep string) int) (alert.Value, error) {
	s, sep, err := twoTexts(args)
	if err != nil {
		return alert.Value{}, err
	}
	n := int64(-1)
	if len(args) > 2 {
		if n, err = whole(args[2]); err != nil {
			return alert.Value{}, err
		}
	}
	if err := m.scan(len(s)); err != nil {
		return alert.Value{}, err
	}
	count := int64(strings.Count(s, sep) + 1)
	if n < 0 || n > count {
		n = count
	}
	if err := m.lists(2 * int(n)); err != nil { // the pieces, and their list
		return alert.Value{}, err
	}
	if sep == "" { // between characters
		n = min(n, count-2)
	}
	list := m.Arena.Values(int(n))
	for i := range list {
		var piece string
		piece, s = nextPiece(s, sep, keep(sep), i == len(list)-1)
		list[i] = alert.OfText(piece)
	}
	return m.Arena.List(list), nil
}

// nextPiece cuts off the first piece of a text, a character if there is no separator, or all of
// it.
func nextPiece(s, sep string, kept int, all bool) (piece, rest string) {
	if all {
		return s, ""
	}
	if sep == "" {
		_, n := utf8.DecodeRuneInString(s)
		return s[:n], s[n:]
	}
	at := strings.Index(s, sep)
	return s[:at+kept], s[at+len(sep):]
}

func split(m *Machine, args []alert.Value) (alert.Value, error) {
	return m.pieces(args, func(string) int { return 0 })
}

func splitAfter(m *Machine, args []alert.Value) (alert.Value, error) {
	return m.pieces(args, func(sep string) int { return len(sep) })
}

// toText writes lists and objects as JSON.
func toText(m *Machine, args []alert.Value) (alert.Value, error) {
	if args[0].Kind >= alert.List {
		return toJSON(m, args)
	}
	s, err := text(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	return alert.OfText(s), nil
}
