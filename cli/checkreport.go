package cli

import (
	"io"
	"strings"

	"github.com/sluice-lake/sluice/engine/syntax"
)

// text prints each finding with the line it is on and a caret under the place.
func (r *checkReport) text(w io.Writer, p paint) {
	lines := sourceLines(r.files)
	for _, f := range r.found {
		at, word := p.bold(f.Pos.String()), f.Severity.String()
		switch f.Severity {
		case syntax.Broken:
			printf(w, "%s: %s\n", at, f.Message)
		case syntax.Warning:
			printf(w, "%s: %s: %s (%s)\n", at, p.yellow(word), f.Message, f.Rule)
		default:
			printf(w, "%s: %s: %s (%s)\n", at, p.dim(word), f.Message, f.Rule)
		}
		lines.show(w, f.Pos)
	}
}

// words counts the findings in words.
func (r *checkReport) words() string {
	var words []string
	for severity, n := range r.counts() {
		if n > 0 || severity == int(syntax.Broken) {
			words = append(words, plural(n, syntax.Severity(severity).String()))
		}
	}
	return strings.ReplaceAll(strings.Join(words, ", "), "0 faults", "no fault")
}

// The JSON of `sluice check --format json`. Names are part of the command line's
// contract.
type checkJSON struct {
	Mappings int           `json:"mappings"`
	Faults   int           `json:"faults"`
	Warnings int           `json:"warnings"`
	Notes    int           `json:"notes"`
	Findings []findingJSON `json:"findings"`
}

type findingJSON struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Rule     string `json:"rule"`
	Message  string `json:"message"`
}

// json is one object with everything found.
func (r *checkReport) json() checkJSON {
	n := r.counts()
	out := checkJSON{r.mappings(), n[syntax.Broken], n[syntax.Warning], n[syntax.Note], []findingJSON{}}
	for _, f := range r.found {
		out.Findings = append(out.Findings, findingJSON{f.Pos.File, f.Pos.Line, f.Pos.Col, f.Severity.String(), f.Rule, f.Message})
	}
	return out
}
