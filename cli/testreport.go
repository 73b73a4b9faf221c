package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/mappingtest"
)

// text prints the tests that failed, the count, and what no test reached.
func (r *report) text(w io.Writer, p paint) error {
	t := &explainer{sheet{p: p}}
	for _, s := range r.suites {
		for _, file := range s.files {
			for i := range file.results {
				if o := &file.results[i]; len(o.Differences) > 0 {
					t.failed(&o.Result)
				}
			}
		}
	}
	passed := t.p.green(fmt.Sprintf("%d passed", r.ran-r.failed))
	failed := clean("0 failed")
	if r.failed > 0 {
		failed = t.p.red(fmt.Sprintf("%d failed", r.failed))
	}
	t.line("%s: %s, %s", plural(r.ran, "test"), passed, failed)
	if !r.partial {
		t.coverage(r)
	}
	return t.writeTo(w)
}

func (t *explainer) failed(r *mappingtest.Result) {
	t.line("%s %s: %s", t.p.red("FAIL"), r.Test.Pos, t.p.bold(r.Test.Name))
	for i := range r.Differences {
		d := &r.Differences[i]
		if d.Path != "" {
			t.line("  %s", t.p.bold(d.Path))
		}
		expected, got := contrast(d.Expected, d.Got)
		t.line("    expected %s  %s", t.p.green(shortened(expected, widestValue)), t.p.dim(d.Pos.String()))
		a := d.Attribute
		if a == nil {
			t.line("    got      %s", t.p.red(shortened(got, widestValue)))
			continue
		}
		place := clean("")
		if a.Rule != nil {
			place = "  " + rulePlace(t.p, a.Rule)
		}
		t.line("    got      %s%s", t.p.red(shortened(got, widestValue)), place)
		if a.Rule != nil {
			t.parts(a.Rule.Pos.Use)
		}
		if a.Derived != "" {
			t.line("      follows from %s", a.Derived)
		}
		if a.Absent != "" {
			t.line("      `%s` is absent: %s", a.Path, a.Absent)
		}
		t.from(a.From)
	}
	if r.More > 0 {
		t.line("  and %s", plural(r.More, "more difference"))
	}
	t.line("")
}

// contrast cuts most of the common beginning of two long texts, so that their
// difference is not cut off.
func contrast(a, b string) (string, string) {
	const kept = 20
	x, y := []rune(a), []rune(b)
	same := 0
	for same < len(x) && same < len(y) && x[same] == y[same] {
		same++
	}
	if max(len(x), len(y)) <= widestValue || same <= 2*kept {
		return a, b
	}
	return "…" + string(x[same-kept:]), "…" + string(y[same-kept:])
}

func (t *explainer) coverage(r *report) {
	rules, unreached := r.coverage()
	switch {
	case rules == 0: // a variant of a shipped mapping may have no rules of its own
		return
	case len(unreached) == 0:
		t.line("coverage: each of the %s gave a value in some test", plural(rules, "rule"))
		return
	default:
		t.line("coverage: %d of %s gave a value in some test; these did not:", rules-len(unreached), plural(rules, "rule"))
	}
	for _, s := range r.suites {
		if len(s.files) == 0 && s.coverage.Reached() == 0 && !r.inSet(s) {
			t.line("  %s has no tests", s.name)
		}
	}
	for _, u := range unreached {
		line := "  " + cleaned(u.Pos.String()) + "  " + cleaned(u.Attribute)
		for _, more := range []string{oneLine(u.Text), u.Pos.Use.String()} {
			if more != "" {
				line += "  " + t.p.dim(more)
			}
		}
		t.line("%s", line)
	}
}

// inSet reports whether a mapping is part of a set that has tests.
func (r *report) inSet(s *suite) bool {
	return slices.ContainsFunc(r.suites, func(set *suite) bool {
		return set.isSet && slices.ContainsFunc(set.mappings, func(m engine.File) bool { return m.Name == s.name })
	})
}

// coverage counts the rules of each mapping once. What a test of another suite reaches
// of a mapping is reached: of a set that it is in, or of one that it extends.
func (r *report) coverage() (rules int, unreached []*engine.Rule) {
	sets := !slices.ContainsFunc(r.suites, func(s *suite) bool { return !s.isSet })
	for _, s := range r.suites {
		if s.isSet && !sets {
			continue
		}
		for _, other := range r.suites {
			if other != s {
				s.coverage.Include(other.coverage)
			}
		}
		rules += s.coverage.Rules()
		unreached = append(unreached, s.coverage.Unreached()...)
	}
	return rules, unreached
}

// The JSON of a report: `sluice test --format json`. Names are part of the
// command line's contract.
type reportJSON struct {
	Tests    []testJSON    `json:"tests"`
	Passed   int           `json:"passed"`
	Failed   int           `json:"failed"`
	Coverage *coverageJSON `json:"coverage,omitempty"` // nil when -run left tests out
}

type testJSON struct {
	Name        string           `json:"name"`
	Where       string           `json:"where"`
	Passed      bool             `json:"passed"`
	Differences []differenceJSON `json:"differences,omitempty"`
	More        int              `json:"more_differences,omitempty"` // that are left out
}

type differenceJSON struct {
	Path     string         `json:"path,omitempty"` // "" when the outcome itself differs
	Expected string         `json:"expected"`
	Got      string         `json:"got"`
	Where    string         `json:"where"` // in the test file
	By       *attributeJSON `json:"by,omitempty"`
}

type coverageJSON struct {
	Rules     int             `json:"rules"`
	Reached   int             `json:"reached"`
	Unreached []unreachedJSON `json:"unreached"`
}

type unreachedJSON struct {
	Attribute string `json:"attribute"`
	ruleJSON
}

func (r *report) json() reportJSON {
	out := reportJSON{Tests: []testJSON{}, Passed: r.ran - r.failed, Failed: r.failed}
	for _, s := range r.suites {
		for _, file := range s.files {
			for i := range file.results {
				out.Tests = append(out.Tests, testOf(&file.results[i].Result))
			}
		}
	}
	if !r.partial {
		rules, unreached := r.coverage()
		c := &coverageJSON{Rules: rules, Reached: rules - len(unreached), Unreached: []unreachedJSON{}}
		for _, u := range unreached {
			c.Unreached = append(c.Unreached, unreachedJSON{u.Attribute, *ruleOf(u)})
		}
		out.Coverage = c
	}
	return out
}

func testOf(r *mappingtest.Result) testJSON {
	t := testJSON{Name: r.Test.Name, Where: r.Test.Pos.String(), Passed: len(r.Differences) == 0, More: r.More}
	for _, d := range r.Differences {
		j := differenceJSON{Path: d.Path, Expected: d.Expected, Got: d.Got, Where: d.Pos.String()}
		if d.Attribute != nil {
			by := attributeOf(d.Attribute)
			j.By = &by
		}
		t.Differences = append(t.Differences, j)
	}
	return t
}
