package alert

import (
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// Absent are texts that count as nothing wherever an alert has them. It is
// immutable.
type Absent struct {
	texts map[string]bool
	first [256]lengths // by the byte that texts begin with
	// quoted are the texts as JSON has them, by what they have before their second quote: most are
	// all of that. The others have a quote inside.
	quoted  map[string][]string
	begins  [256]lengths // by the first byte behind the quote, of what is before the second one
	longest int          // of these lengths
}

// lengths is a set of lengths: bit i is that of i bytes, the last bit that of 63 or more.
type lengths uint64

func (l lengths) have(n int) bool { return l>>min(n, 63)&1 != 0 }
func (l *lengths) add(n int)      { *l |= 1 << min(n, 63) }

// Texts are those that are nothing, in order; none for a nil Absent.
func (a *Absent) Texts() []string {
	if a == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(a.texts))
}

// NewAbsent makes an Absent of texts, none of them empty.
func NewAbsent(texts []string) *Absent {
	a := &Absent{texts: map[string]bool{}, quoted: map[string][]string{}}
	for _, t := range texts {
		a.texts[t] = true
		a.first[t[0]].add(len(t))
		quoted := string(jsontext.AppendString(nil, t))
		head := quoted[1 : 1+strings.IndexByte(quoted[1:], '"')]
		a.quoted[head] = append(a.quoted[head], quoted)
		a.begins[head[0]].add(len(head))
		a.longest = max(a.longest, len(head))
	}
	return a
}

// Has reports whether a text is absent. It looks at length and first byte before it looks
// the text up, because nearly all texts are not.
func (a *Absent) Has(text string) bool {
	return text != "" && a.first[text[0]].have(len(text)) && a.texts[text]
}

// MaybeIn reports whether raw JSON, such as the line of an alert, may hold an absent
// text: as it is usually spelled, or in an escape that JSON does not require.
func (a *Absent) MaybeIn(raw string) bool {
	from, at := 0, 0 // from is behind the escape that was seen last
	for ; at <= len(raw)-8; at += 8 {
		for m := marks(load8(raw, at)); m != 0; m &= m - 1 {
			i := at + bits.TrailingZeros64(m)>>3
			if i < from || i+1 == len(raw) {
				continue
			}
			if raw[i] == '\\' {
				from = i + 2
			} else if a.begins[raw[i+1]] == 0 {
				continue
			}
			if a.maybeAt(raw[i:]) {
				return true
			}
		}
	}
	for i := max(at, from); i < len(raw); i++ {
		if a.maybeAt(raw[i:]) {
			return true
		}
		if raw[i] == '\\' {
			i++
		}
	}
	return false
}

// maybeAt reports whether an absent text begins here, or a character that is escaped needlessly.
func (a *Absent) maybeAt(raw string) bool {
	if len(raw) < 2 {
		return false
	}
	if raw[0] == '\\' {
		return raw[1] == 'u' || raw[1] == '/'
	}
	if raw[0] != '"' || a.begins[raw[1]] == 0 {
		return false
	}
	head := raw[1:min(len(raw), a.longest+2)]
	end := strings.IndexByte(head, '"')
	if end < 0 || !a.begins[raw[1]].have(end) {
		return false
	}
	for _, q := range a.quoted[head[:end]] {
		if strings.HasPrefix(raw, q) {
			return true
		}
	}
	return false
}

// marks has a bit of each byte of a word that is a quote or a backslash, and perhaps of bytes
// above one of these.
func marks(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quotes, escapes := w^ones*'"', w^ones*'\\'
	return (((quotes - ones) &^ quotes) | ((escapes - ones) &^ escapes)) & tops
}
