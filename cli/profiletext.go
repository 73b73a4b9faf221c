package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/profile"
)

// Bounds of what is listed for people; JSON has it all.
const (
	mostSources = 20
	mostCounts  = 12
)

// profileText prints a profile for people, on lines as wide as the terminal.
func profileText(w io.Writer, p paint, width int, r *profile.Report) error {
	t := &profileReport{sheet{p: p}, max(width, 80)}
	t.line("%s", pluralOf(r.Lines, "line")+fmt.Sprintf(": %d taken, %d rejects, %d unmatched, %d dropped, %d blank", r.Taken, r.Rejects, r.Unmatched, r.Dropped, r.Blank))
	for _, m := range byMapping(r.EventsByMapping) {
		t.line("%s of %s", pluralOf(m.events, "event"), m.mapping)
	}
	t.line("%s", t.scope(r))
	t.line("")
	t.fates("leaves of", r)
	t.sources(r)
	for _, list := range []struct {
		name   string
		counts []profile.Count
	}{{"decoders", r.Decoders}, {"groups", r.Groups}, {"locations", r.Locations}, {"kept most", r.KeptMost()}} {
		t.counts(list.name, list.counts)
	}
	t.fields(r)
	return t.writeTo(w)
}

type profileReport struct {
	sheet
	width int
}

func (t *profileReport) line(format string, values ...any) {
	t.sheet.line("%s", clean(strings.TrimRight(string(sprintf(format, values...)), " ")))
}

func (t *profileReport) head(format string, args ...any) {
	t.line("%s", t.p.bold(strings.TrimRight(string(sprintf(format, args...)), " ")))
}

func pluralOf(n int64, what string) string { return plural(int(n), what) }

// tail is the end of a path that is too long for its column: paths differ there.
func tail(path string, most int) string {
	if runes := []rune(path); len(runes) > most {
		return "…" + string(runes[len(runes)-most+1:])
	}
	return path
}

// scope says how many leaves count, and what became of them.
func (t *profileReport) scope(r *profile.Report) string {
	return fmt.Sprintf("%d leaves%s: %s written, %s failed, %s kept under unmapped, %s lost", r.Leaves.Leaves, scopeOf(r),
		percent(&r.Leaves, r.Written), percent(&r.Leaves, r.Failed), percent(&r.Leaves, r.Kept), percent(&r.Leaves, r.Lost))
}

// scopeOf says which leaves count, "" if all do.
func scopeOf(r *profile.Report) (of string) {
	if len(r.Under) > 0 {
		of = " under " + strings.Join(r.Under, ", ")
	}
	if len(r.Without) > 0 {
		of += " without " + strings.Join(r.Without, ", ")
	}
	return of
}

// percent is a share of leaves; only none of them is 0 %, and only all 100 %.
func percent(l *profile.Leaves, part int64) string {
	share := 100 * l.Share(part)
	switch {
	case part > 0 && share < 0.1:
		return "<0.1 %"
	case part < l.Leaves && share > 99.9:
		return ">99.9 %"
	}
	return fmt.Sprintf("%.1f %%", share)
}

// fates shows what became of the leaves below each top-level field.
func (t *profileReport) fates(title string, r *profile.Report) {
	name := 12
	for _, top := range r.Top {
		name = max(name, min(24, len([]rune(top.Name))))
	}
	t.head("%-*s %10s %8s %8s %8s %8s", name, title, "number", "written", "failed", "kept", "lost")
	for _, top := range r.Top {
		l := &top.Leaves
		t.line("%-*s %10d %8s %8s %8s %8s  %s", name, shortened(top.Name, name), l.Leaves, percent(l, l.Written), percent(l, l.Failed), percent(l, l.Kept), percent(l, l.Lost),
			t.bar(l, max(8, t.width-name-50)))
	}
}

// bar draws the shares of leaves, written first.
func (t *profileReport) bar(l *profile.Leaves, width int) clean {
	width = min(width, 30)
	part := func(n int64) int { return int(l.Share(n)*float64(width) + 0.5) }
	written := part(l.Written)
	failed := min(part(l.Failed), width-written)
	kept := min(part(l.Kept), width-written-failed)
	return t.p.green(strings.Repeat("█", written)) + t.p.red(strings.Repeat("▓", failed)) + t.p.dim(strings.Repeat("░", kept))
}

func (t *profileReport) sources(r *profile.Report) {
	t.line("")
	name := 12
	for _, s := range r.Sources[:min(len(r.Sources), mostSources)] {
		name = max(name, min(30, len([]rune(s.Name))))
	}
	t.head("%-*s %10s %10s %10s %8s", name, "source", "alerts", "taken", "leaves", "written")
	for i, s := range r.Sources {
		if i == mostSources {
			t.line("… and %d more", len(r.Sources)-i)
			break
		}
		l := &s.Leaves
		t.line("%-*s %10d %10d %10d %8s  %s", name, shortened(s.Name, name), s.Alerts, s.Taken, l.Leaves, percent(l, l.Written), t.bar(l, max(8, t.width-name-45)))
	}
}

func (t *profileReport) counts(title string, counts []profile.Count) {
	if len(counts) == 0 {
		return
	}
	var words []string
	for i, c := range counts {
		if i == mostCounts {
			words = append(words, fmt.Sprintf("and %d more", len(counts)-i))
			break
		}
		words = append(words, fmt.Sprintf("%s %d", shortened(c.Name, 40), c.Count))
	}
	t.line("")
	t.line("%s  %s", t.p.bold(title), cleanLines(strings.ReplaceAll(wrap(strings.Join(words, ", "), t.width-len(title)-3), "\n", "\n"+strings.Repeat(" ", len(title)+2))))
}

// fields shows a line for each path.
func (t *profileReport) fields(r *profile.Report) {
	path := 20
	for i := range r.Fields {
		path = max(path, min(t.width*2/5, len([]rune(r.Fields[i].Path))))
	}
	const fixed = 39 // the columns between path and examples, with their gaps
	t.line("")
	t.head("%-*s %7s %-9s %8s %8s  %s", path, "field", "alerts", "kinds", "distinct", "written", "examples")
	for i := range r.Fields {
		f := &r.Fields[i]
		written := ""
		if f.Leaves.Leaves > 0 {
			written = percent(&f.Leaves, f.Written)
		}
		all := profile.Leaves{Leaves: r.Lines - r.Blank}
		row := fmt.Sprintf("%-*s %7s %-9s %8s %8s  ", path, tail(f.Path, path), percent(&all, f.Alerts), shortened(kindsOf(f), 9), distinctOf(f), written)
		t.line("%s%s", row, t.p.dim(shortened(examplesOf(f), max(10, t.width-path-fixed))))
	}
}

// kindsOf names the kinds of a field, the most frequent first.
func kindsOf(f *profile.Field) string {
	kinds := slices.SortedFunc(maps.Keys(f.Kinds), func(a, b string) int {
		if f.Kinds[a] != f.Kinds[b] {
			return int(min(1, max(-1, f.Kinds[b]-f.Kinds[a])))
		}
		return strings.Compare(a, b)
	})
	return strings.ReplaceAll(strings.Join(kinds, ", "), "_", " ")
}

func distinctOf(f *profile.Field) string {
	if f.DistinctExact {
		return fmt.Sprint(f.Distinct)
	}
	return fmt.Sprintf("~%d", f.Distinct)
}

// examplesOf lists the examples of a field, with how often each occurred.
func examplesOf(f *profile.Field) string {
	var words []string
	for _, e := range f.Examples {
		word := shortened(e.Value, 40)
		if e.Count > 1 {
			word += fmt.Sprintf(" (%s)", countOf(e))
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func countOf(e profile.Example) string {
	if e.AtLeast {
		return fmt.Sprintf("≥%d", e.Count)
	}
	return fmt.Sprint(e.Count)
}
