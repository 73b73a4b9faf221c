package expression

import (
	"regexp"
	"strings"
)

var dash = regexp.MustCompile(`[A-Za-z0-9_]-[A-Za-z_]`)

// inName are the bytes of a name with dots and dashes.
const inName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

// DashedName recognises a name with a dash around a name at an offset, as in
// data.my-field, which is read as a subtraction. It returns where the whole begins,
// and how to write it; no cure if it is not one.
func DashedName(text string, offset int, name string) (start int, whole, cure string) {
	if offset >= len(text) || !strings.HasPrefix(text[offset:], name) {
		return 0, "", ""
	}
	start = len(strings.TrimRight(text[:offset], inName))
	end := len(text) - len(strings.TrimLeft(text[offset:], inName))
	whole = strings.Trim(text[start:end], "-.")
	at := dash.FindStringIndex(whole)
	if at == nil {
		return 0, "", ""
	}
	prefix, rest := "alert", whole
	if cut := strings.LastIndexByte(whole[:at[0]+1], '.'); cut >= 0 {
		prefix, rest = whole[:cut], whole[cut+1:]
	}
	member, after := rest, ""
	if cut := strings.IndexByte(rest, '.'); cut >= 0 {
		member, after = rest[:cut], rest[cut:]
	}
	return start, whole, prefix + `["` + member + `"]` + after
}

// mixedDash explains that `??` and a subtraction cannot be mixed where a name with a
// dash is meant; nil where there is none.
func (s source) mixedDash(message string) *Fault {
	if !strings.Contains(message, "coalesce expressions") {
		return nil
	}
	at := dash.FindStringIndex(s.text)
	if at == nil {
		return nil
	}
	start, whole, cure := DashedName(s.text, at[0], "")
	if cure == "" {
		return nil
	}
	return &Fault{Offset: start, Message: "`" + whole + "` subtracts one field from another, which `??` cannot be mixed with: for the field of that name write " + cure}
}
