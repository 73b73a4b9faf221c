package function

import (
	"encoding/json"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// basename returns what follows the last slash or backslash of a path.
func basename(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	return alert.OfText(s[strings.LastIndexAny(s, `/\`)+1:]), err
}

// dirname returns what precedes the last slash or backslash of a path: the slash
// itself for a file in the root, nothing for a name alone.
func dirname(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	at := strings.LastIndexAny(s, `/\`)
	if at < 0 || err != nil {
		return alert.Value{}, err
	}
	return alert.OfText(s[:max(at, 1)]), nil
}

// isNumber reports whether a value is a number, or text that is one.
func isNumber(_ *Machine, args []alert.Value) (alert.Value, error) {
	_, ok := numeric(args[0])
	return alert.OfBool(ok), nil
}

// isJSON reports whether fromJSON would accept a text.
func isJSON(m *Machine, args []alert.Value) (alert.Value, error) {
	if args[0].Kind != alert.Text {
		return alert.OfBool(false), nil
	}
	s, err := m.oneText(args[0])
	return alert.OfBool(err == nil && json.Valid([]byte(s)) && nesting(s) <= maxNesting), err
}

// isPrivate reports whether an address is of a private network (RFC 1918,
// RFC 4193). It treats an IPv4 address inside an IPv6 one as the IPv4 address.
func isPrivate(_ *Machine, args []alert.Value) (alert.Value, error) {
	ip, ok := address(args[0])
	return alert.OfBool(ok && ip.Unmap().IsPrivate()), nil
}
