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
	texts   map[string]bool
	lengths uint64    // bit i: one has i bytes, the last bit: one has 63 or more
	first   [256]bool // bytes that one begins with
	begins  [256]bool // the same, as JSON has them
	quoted  []string  // as JSON has them
}

// Texts are those that are nothing, in order; none for a nil Absent.
func (a *Absent) Texts() []string {
	if a == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(a.texts))
}

// NewAbsent makes an Absent of texts, none of them empty.
func NewAbsent(texts []string) *Absent {
	a := &Absent{texts: map[string]bool{}}
	for _, t := range texts {
		a.texts[t] = true
		a.lengths |= 1 << min(len(t), 63)
		a.first[t[0]] = true
		quoted := string(jsontext.AppendString(nil, t))
		a.quoted, a.begins[quoted[1]] = append(a.quoted, quoted), true
	}
	return a
}

// Has reports whether a text is absent. It looks at length and first byte before it looks
// the text up, because nearly all texts are not.
func (a *Absent) Has(text string) bool {
	return a.lengths>>min(len(text), 63)&1 != 0 && a.first[text[0]] && a.texts[text]
}

// fewAbsent texts are searched for one after the other.
const fewAbsent = 8

// MaybeIn reports whether raw JSON, such as the line of an alert, may hold an absent
// text: as it is usually spelled, or in an escape that JSON does not require.
func (a *Absent) MaybeIn(raw string) bool {
	if len(a.quoted) > fewAbsent {
		return a.maybeBetweenQuotes(raw)
	}
	from, at := 0, 0 // from is behind the escape that was seen last
	for ; at <= len(raw)-8; at += 8 {
		for m := marks(load8(raw, at)); m != 0; m &= m - 1 {
			i := at + bits.TrailingZeros64(m)>>3
			if i < from || i+1 == len(raw) {
				continue
			}
			if raw[i] == '\\' {
				from = i + 2
			} else if !a.begins[raw[i+1]] {
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
	switch next := raw[1]; {
	case raw[0] == '\\':
		return next == 'u' || next == '/'
	case raw[0] != '"' || !a.begins[next]:
		return false
	}
	for _, q := range a.quoted {
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

// maybeBetweenQuotes does the same in one pass, whatever the number of texts.
func (a *Absent) maybeBetweenQuotes(raw string) bool {
	if strings.IndexByte(raw, '\\') >= 0 {
		return true
	}
	for {
		at := strings.IndexByte(raw, '"')
		if at < 0 {
			return false
		}
		if raw[:at] != "" && a.Has(raw[:at]) {
			return true
		}
		raw = raw[at+1:]
	}
}
