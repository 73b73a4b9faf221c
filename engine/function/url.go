package function

import (
	"errors"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

var errURL = errors.New("parseURL: the text is not a URL")

// parseURL takes a URL or a part of one, as the path of a request, to pieces. They
// stay as they are written: nothing is decoded. Members have the names of OCSF's
// url object where it has one. The password of a user is left out.
func parseURL(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	if s == "" {
		return alert.Value{}, nil
	}
	if strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) >= 0 {
		return alert.Value{}, errURL
	}
	var u urlParts
	if !u.read(s) {
		return alert.Value{}, errURL
	}
	if err := m.lists(8); err != nil {
		return alert.Value{}, err
	}
	members := m.Arena.Members(7)[:0] // in the order of their names
	add := func(name, text string) {
		if text != "" {
			members = append(members, alert.Member{Name: name, Value: alert.OfText(text)})
		}
	}
	add("fragment", u.fragment)
	add("hostname", u.hostname)
	add("path", u.path)
	if u.port >= 0 {
		members = append(members, alert.Member{Name: "port", Value: alert.OfInt(int64(u.port))})
	}
	add("query_string", u.query)
	add("scheme", u.scheme)
	add("user", u.user)
	return m.Arena.Object(members), nil
}

// urlParts are the pieces of a URL. Those that it does not have are empty, the port
// is -1.
type urlParts struct {
	scheme, user, hostname, path, query, fragment string
	port                                          int
}

// read takes a URL to pieces, as RFC 3986 has them.
func (u *urlParts) read(s string) bool {
	u.port = -1
	s, u.fragment, _ = strings.Cut(s, "#")
	s, u.query, _ = strings.Cut(s, "?")
	if host, port, ok := strings.Cut(s, ":"); ok && host != "" && !strings.ContainsAny(host, "/@") && isPort(port) && len(port) <= 5 { // as CONNECT has it
		u.hostname = host
		return u.readPort(port)
	}
	if at := strings.IndexAny(s, ":/"); at > 0 && s[at] == ':' && isScheme(s[:at]) {
		u.scheme, s = s[:at], s[at+1:]
	}
	if after, ok := strings.CutPrefix(s, "//"); ok && (u.scheme != "" || !strings.HasPrefix(after, "/")) {
		authority := after
		if at := strings.IndexByte(after, '/'); at >= 0 {
			authority = after[:at]
		}
		s = after[len(authority):]
		if !u.readAuthority(authority) {
			return false
		}
	}
	u.path = s
	return true
}

// readAuthority reads user:password@hostname:port.
func (u *urlParts) readAuthority(s string) bool {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		u.user, _, _ = strings.Cut(s[:at], ":")
		s = s[at+1:]
	}
	if after, ok := strings.CutPrefix(s, "["); ok { // IPv6
		if u.hostname, s, ok = strings.Cut(after, "]"); !ok {
			return false
		}
		return s == "" || s[0] == ':' && u.readPort(s[1:])
	}
	u.hostname = s
	if at := strings.LastIndexByte(s, ':'); at >= 0 {
		u.hostname = s[:at]
		return !strings.Contains(u.hostname, ":") && u.readPort(s[at+1:])
	}
	return true
}

// readPort reads a port, which may be empty.
func (u *urlParts) readPort(s string) bool {
	if s == "" {
		return true
	}
	port, err := strconv.ParseUint(s, 10, 16)
	u.port = int(port)
	return err == nil
}

func isPort(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// parseQuery makes an object of the parameters of a URL's query, decoded. What is
// not encoded well stays as it is.
func parseQuery(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	s = strings.TrimPrefix(s, "?")
	base := len(m.Stack)
	for more := s != ""; more; {
		var pair string
		pair, s, more = strings.Cut(s, "&")
		if err := m.Step(1); err != nil {
			return alert.Value{}, err
		}
		if pair != "" {
			key, value, _ := strings.Cut(pair, "=")
			m.Stack = append(m.Stack, alert.OfText(formDecoded(value)), alert.OfText(formDecoded(key)))
		}
	}
	return m.gathered(base)
}

// formDecoded decodes + and percent encoding. It keeps a % that begins no byte, and
// puts U+FFFD for bytes that are not UTF-8.
func formDecoded(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
			continue
		case s[i] == '%' && i+2 < len(s):
			if b, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(b))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return strings.ToValidUTF8(string(out), "\ufffd")
}
