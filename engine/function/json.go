package function

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// toJSON writes one line: names in order, no white space, and only the escapes
// that JSON requires.
func toJSON(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.json(args[0])
	return alert.OfText(s), err
}

// maxNesting bounds the depth of JSON that fromJSON accepts.
const maxNesting = 256

func fromJSON(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.makes(2 * len(s)); err != nil {
		return alert.Value{}, err
	}
	if !utf8.ValidString(s) || !json.Valid([]byte(s)) || nesting(s) > maxNesting {
		return alert.Value{}, fmt.Errorf("fromJSON: the text is not JSON, or is nested more than %d deep", maxNesting)
	}
	switch s = strings.TrimSpace(s); s[0] {
	case '[', '{':
		var b bytes.Buffer
		if err := json.Compact(&b, []byte(s)); err != nil {
			return alert.Value{}, fmt.Errorf("fromJSON: %w", err)
		}
		kind := alert.Object
		if s[0] == '[' {
			kind = alert.List
		}
		return alert.Value{Kind: kind, Text: b.String()}, nil
	case '"':
		var t string
		err := json.Unmarshal([]byte(s), &t)
		return alert.OfText(t), err
	case 't', 'f':
		return alert.OfBool(s[0] == 't'), nil
	case 'n':
		return alert.Value{}, nil
	}
	return alert.From(json.Number(s)), nil
}

// nesting returns the depth of valid JSON.
func nesting(s string) int {
	deepest, depth, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[', c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']', c == '}':
			depth--
		}
	}
	return deepest
}
