package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/sluice-lake/sluice/runtime/compare"
)

// diffText prints a comparison for people.
func diffText(w io.Writer, p paint, r *compare.Report) error {
	t := &explainer{sheet{p: p}}
	t.line("%s: %d the same, %d changed, %d moved, %d blank", pluralOf(r.Lines, "line"), r.Same, r.Changed, r.Moved, r.Blank)
	if len(r.Moves) > 0 {
		t.line("\n%s", p.bold("something else becomes of"))
	}
	for i := range r.Moves {
		m := &r.Moves[i]
		t.line("%s: %s → %s", pluralOf(m.Count, "alert"), p.red(m.Old), p.green(m.New))
		t.examples(m.Examples)
	}
	if len(r.Columns) > 0 {
		t.line("\n%s", p.bold("tables"))
	}
	for _, c := range r.Columns {
		breaks := clean("")
		if c.Breaks {
			breaks = p.yellow("  (a Glue table cannot hold files of both)")
		}
		t.line("%s %s: %s%s", c.Source, c.Path, c.What, breaks)
	}
	t.differences(r.Attributes)
	return t.writeTo(w)
}

// differences shows the attributes that differ, with examples below each.
func (t *explainer) differences(attributes []compare.Attribute) {
	if len(attributes) == 0 {
		return
	}
	widest := 20
	for i := range attributes {
		widest = max(widest, min(44, len([]rune(attributes[i].Path))))
	}
	t.line("\n%s", t.p.bold(fmt.Sprintf("%-*s %8s %8s %8s", widest, "attribute", "added", "removed", "changed")))
	for i := range attributes {
		a := &attributes[i]
		t.line("%-*s %8d %8d %8d", widest, tail(a.Path, widest), a.Added, a.Removed, a.Changed)
		t.examples(a.Examples)
	}
}

func (t *explainer) examples(examples []compare.Example) {
	for _, e := range examples {
		before, after := orElse(shortened(e.Old, widestValue), "nothing"), orElse(shortened(e.New, widestValue), "nothing")
		t.line("    %s  %s → %s", t.p.dim(fmt.Sprintf("%s:%d", e.Origin, e.Line)), t.p.red(before), t.p.green(strings.TrimSpace(after)))
	}
}
