package function

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// decoder makes a function that decodes a text. The result must be UTF-8 and is
// not longer than the text.
func decoder(name, what string, decode func(s string) ([]byte, error)) func(*Machine, []alert.Value) (alert.Value, error) {
	return func(m *Machine, args []alert.Value) (alert.Value, error) {
		s, err := m.oneText(args[0])
		if err != nil {
			return alert.Value{}, err
		}
		b, err := decode(s)
		switch {
		case err != nil:
			return alert.Value{}, errors.New(name + ": the text is not " + what)
		case !utf8.Valid(b):
			return alert.Value{}, fmt.Errorf("%s: %w", name, errNotUTF8)
		}
		return m.made(string(b))
	}
}

var (
	fromHex       = decoder("fromHex", "pairs of hexadecimal digits", hex.DecodeString)
	fromBase64URL = decoder("fromBase64URL", "base64 with the alphabet for URLs", func(s string) ([]byte, error) {
		return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	})
	fromPercent = decoder("fromPercent", "percent-encoded", func(s string) ([]byte, error) {
		out, err := url.PathUnescape(s)
		return []byte(out), err
	})
	fromUTF16 = decoder("fromUTF16", "base64 of UTF-16LE", func(s string) ([]byte, error) {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(b)%2 != 0 {
			return nil, errors.New("not pairs of bytes")
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
		return []byte(string(utf16.Decode(units))), nil
	})
)

func toBase64(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.makes(base64.StdEncoding.EncodedLen(len(s))); err != nil {
		return alert.Value{}, err
	}
	return alert.OfText(base64.StdEncoding.EncodeToString([]byte(s))), nil
}

func fromBase64(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	b, err := base64.StdEncoding.DecodeString(s)
	switch {
	case err != nil:
		return alert.Value{}, errors.New("fromBase64: the text is not base64 with the standard alphabet and padding")
	case !utf8.Valid(b):
		return alert.Value{}, fmt.Errorf("fromBase64: %w", errNotUTF8)
	}
	return m.made(string(b))
}
