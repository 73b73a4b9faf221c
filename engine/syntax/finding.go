package syntax

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says how much a Finding matters.
type Severity uint8

// The severities.
const (
	Broken  Severity = iota // the mapping cannot run
	Warning                 // it runs, but probably does not do what is intended
	Note                    // worth knowing
)

func (s Severity) String() string {
	switch s {
	case Broken:
		return "fault"
	case Warning:
		return "warning"
	}
	return "note"
}

// Finding is something that the author of a mapping should know. Rule is a short
// name by which tools distinguish findings.
type Finding struct {
	Pos      Pos
	Severity Severity
	Rule     string
	Message  string
}

// Findings are what a check found.
type Findings []Finding

// Add appends a finding.
func (fs *Findings) Add(s Severity, rule string, p Pos, format string, args ...any) {
	*fs = append(*fs, Finding{p, s, rule, fmt.Sprintf(format, args...)})
}

// Sort sorts findings by position, then by severity, rule and message, and drops
// repeats.
func (fs Findings) Sort() Findings {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(fs)
}

// Placed sorts findings of a mapping. Of those that several uses of a part have in
// common it keeps one.
func (fs Findings) Placed() Findings {
	for i := range fs {
		fs[i].Pos.Use = nil
	}
	return fs.Sort()
}

// MaxSource is the most characters that Security Lake accepts for the name of a
// custom source.
const MaxSource = 20

// WarnSource returns a warning for a source name that is too long for Security
// Lake to register as a custom source, else "". It is not a fault, because the
// keys of the lake are valid with such a name.
func WarnSource(name string) string {
	if len(name) <= MaxSource {
		return ""
	}
	return fmt.Sprintf("source name %q has %d characters: Security Lake registers custom sources of at most %d; choose a shorter one", name, len(name), MaxSource)
}
