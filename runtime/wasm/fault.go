package wasm

import (
	"fmt"
	"strings"
)

// Kind is how a call failed.
type Kind uint8

const (
	// Refusal: the guest rejected the alert and said why.
	Refusal Kind = iota + 1
	// Trap: the guest trapped, or ended itself.
	Trap
	// Timeout: the guest ran longer than it may.
	Timeout
	// Nonsense: the result is not valid by the ABI, or too large.
	Nonsense
	// BadArgument: the ABI cannot pass the arguments.
	BadArgument
)

func (k Kind) String() string {
	switch k {
	case Refusal:
		return "refusal"
	case Trap:
		return "trap"
	case Timeout:
		return "timeout"
	case Nonsense:
		return "nonsense"
	case BadArgument:
		return "bad argument"
	}
	return "no fault"
}

// Fault is a call that gave no result. Its text names module and export and
// holds nothing of the alert but what the guest itself put into its reason,
// which is one line of at most 300 bytes.
type Fault struct {
	Kind   Kind
	Module string // as given to Load
	Export string // the entry point called
	Reason string // without module and export; for a Refusal the guest's words
	cause  error
}

func (f *Fault) Error() string {
	return fmt.Sprintf("wasm %s, %s: %s", f.Module, f.Export, f.said())
}

func (f *Fault) said() string {
	switch f.Kind {
	case Refusal:
		return "the guest refused: " + f.Reason
	case Trap:
		return "the guest broke off: " + f.Reason
	}
	return f.Reason
}

// Unwrap is the error of the WebAssembly engine, if there is one.
func (f *Fault) Unwrap() error { return f.cause }

// Refused reports whether the guest rejected the alert, rather than failed.
func (f *Fault) Refused() bool { return f.Kind == Refusal }

// LoadError lists everything that is wrong with a module.
type LoadError struct {
	Module string // as given to Load
	Faults []string
	cause  error
}

func (e *LoadError) Error() string {
	return fmt.Sprintf("wasm %s: %s", e.Module, strings.Join(e.Faults, "; "))
}

// Unwrap is the fault of the instance that was tried, or what failed before.
func (e *LoadError) Unwrap() error { return e.cause }

const (
	ReasonBytes = 300
	LogBytes    = 512
)

// clean makes one line of a guest's text: valid UTF-8, without control characters,
// at most limit bytes, with an ellipsis at its end if it is cut.
func clean(said []byte, limit int) string {
	const ellipsis = "…"
	text := strings.ToValidUTF8(string(said[:min(len(said), limit+1)]), "\ufffd")
	text = strings.TrimSpace(strings.Map(printable, text))
	if len(said) <= limit && len(text) <= limit {
		return text
	}
	text = text[:min(len(text), limit-len(ellipsis))]
	return strings.ToValidUTF8(text, "") + ellipsis
}

func printable(r rune) rune {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029':
		return ' '
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return -1 // they turn the direction of what a terminal shows
	}
	return r
}

// quote shows a name from a module or a mapping.
func quote(name string) string { return fmt.Sprintf("%q", clean([]byte(name), 100)) }
