// Package diagnosis is the form in which both front doors say what works and what is
// wrong.
package diagnosis

import "fmt"

// The states of a finding.
const (
	OK    = "ok"
	Wrong = "wrong"
	// Unknown is the state of what could not be looked at: it may be right or wrong.
	Unknown = "unknown"
)

// Finding is what was found out about one thing.
type Finding struct {
	State string `json:"state"`
	What  string `json:"what"`
	// Advice says why, and what to do; "" for what is right.
	Advice string `json:"advice,omitempty"`
}

// Report collects findings, in the order in which they were made. The zero value is empty.
type Report struct {
	Findings []Finding `json:"findings"`
}

func (r *Report) add(state, what, advice string) {
	r.Findings = append(r.Findings, Finding{state, what, advice})
}

// OK adds something that is right.
func (r *Report) OK(format string, args ...any) { r.add(OK, fmt.Sprintf(format, args...), "") }

// Wrong adds something that is wrong.
func (r *Report) Wrong(what, format string, args ...any) {
	r.add(Wrong, what, fmt.Sprintf(format, args...))
}

// Unknown adds something that could not be looked at.
func (r *Report) Unknown(what, format string, args ...any) {
	r.add(Unknown, what, fmt.Sprintf(format, args...))
}

// Is adds that something works, or the error that says why not. It reports which.
func (r *Report) Is(what string, err error) bool {
	if err != nil {
		r.Wrong(what, "%v", err)
		return false
	}
	r.OK("%s", what)
	return true
}

// Count returns how many findings have a state.
func (r *Report) Count(state string) (n int) {
	for _, f := range r.Findings {
		if f.State == state {
			n++
		}
	}
	return n
}
