package alert

// names remembers keys of leaves, which alerts repeat.
type names map[string]string

// Bounds of what is remembered. Beyond them it forgets everything.
const (
	mostNames   = 4 << 10
	longestName = 256
)

// of returns a key as text. A nil names makes a new one each time.
func (n *names) of(key []byte) string {
	if n == nil || len(key) > longestName {
		return string(key)
	}
	if known, ok := (*n)[string(key)]; ok {
		return known
	}
	if *n == nil || len(*n) == mostNames {
		*n = names{}
	}
	text := string(key)
	(*n)[text] = text
	return text
}
