package spelling

import (
	"fmt"
	"strings"
)

// maxInKey bounds a value in a key, in characters.
const maxInKey = 64

// InKey returns what is wrong with a value that is to be part of the keys of a lake, as a
// region, an account and the name of a custom source do: they have letters, digits and
// "_-.:", 1 to 64 characters, not only dots. The text goes on from a name of the value;
// it is "" if nothing is wrong.
func InKey(value string) string {
	switch {
	case value == "":
		return fmt.Sprintf("is empty: give 1 to %d letters, digits, or any of \"_-.:\"", maxInKey)
	case len(value) > maxInKey:
		return fmt.Sprintf("%q has %d characters: use at most %d", value, len(value), maxInKey)
	case strings.Trim(value, ".") == "":
		return fmt.Sprintf("%q would name a parent folder: add a letter or a digit", value)
	}
	for _, r := range value {
		if !MayBeInKey(r) {
			return fmt.Sprintf("%q has the character %q: use only letters, digits, or any of \"_-.:\"", value, r)
		}
	}
	return ""
}

// MayBeInKey reports whether a character may be part of such a value.
func MayBeInKey(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.:", r)
}
