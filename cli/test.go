package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/mappingtest"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

type testFlags struct {
	run           string
	update, watch bool
	format        string
}

func (a *app) newTest() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [flags] DIR|FILE…",
		Short: "Run the tests beside mappings",
		Long: `Test runs the tests of mappings. Those of NAME.yaml are in NAME_test.yaml
beside it, a list of:

  - name: a password was refused
    alert: {id: "1", timestamp: "2026-03-14T00:00:00Z", rule: {level: 5}}
    expect:
      event:
        severity_id: 2
        count: null            # must be absent

The alert is an object, JSON as text, or alert_file: FILE or FILE:LINE, relative
to the test. It expects an event with the attributes named (of a list all items;
with whole: true nothing else in the event), reject: REGEXP for the reason,
unmatched: true, or dropped: true. _test.yaml (or set_test.yaml) in a folder
tests its mappings as a set, of which an alert may give several events.

For a folder it runs all tests in it and below, and reports which rules of its
mappings no test reached.
With --watch an interrupt exits with 0.`,
		Example: `  sluice test mappings/
  sluice test -run 'sshd|sudo' my/findings_test.yaml
  sluice test --update my/`,
		Args: atLeast(1, "a folder, a mapping or a test file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.test(cmd.Context(), cmd, &f, args) },
	}
	flags := cmd.Flags()
	settingFlags(cmd, "set")
	flags.StringVar(&f.run, "run", "", "only tests whose name matches this regular expression (-run too)")
	flags.BoolVar(&f.update, "update", false, "rewrite what the failed tests expect")
	flags.BoolVar(&f.watch, "watch", false, "run again when a file changes, until interrupted")
	flags.StringVar(&f.format, "format", "text", "text or json")
	completeMappings(cmd)
	return describeExits(cmd, exits{"all tests passed", "some tests failed", "the call is wrong, or a mapping or test file has faults or does not exist"})
}

// longRun lets -run be written with one dash, as go test has it.
func longRun(args []string) []string {
	if len(args) == 0 || args[0] != "test" {
		return args
	}
	out := make([]string, len(args))
	for i, arg := range args {
		if arg == "-run" || len(arg) > 4 && arg[:5] == "-run=" {
			arg = "-" + arg
		}
		out[i] = arg
	}
	return out
}

func (a *app) test(ctx context.Context, cmd *cobra.Command, f *testFlags, args []string) error {
	if _, err := a.settings(cmd); err != nil {
		return usage(err)
	}
	only, err := regexp.Compile(f.run)
	switch {
	case err != nil:
		return usagef("-run is not a regular expression: %w", err)
	case f.watch && f.format == "json":
		return usagef("--watch is for people and --format json for machines: give one of them")
	case checkFormat(f.format) != nil:
		return usage(checkFormat(f.format))
	}
	once := func() error { return a.testOnce(ctx, f, only, args) }
	if !f.watch {
		return once()
	}
	return a.watch(ctx, func() []string { return a.testedFiles(args) }, func() error { return a.anew(ctx, once) })
}

func (a *app) testOnce(ctx context.Context, f *testFlags, only *regexp.Regexp, args []string) error {
	suites, err := a.suites(ctx, args)
	if err != nil {
		return err
	}
	report, err := trials(suites, only)
	if err != nil {
		return err
	}
	if report.ran == 0 && f.run != "" {
		return usagef("no test has a name that matches -run %q", f.run)
	}
	if f.update && report.failed > 0 {
		if err := a.updateTests(report); err != nil {
			return err
		}
		if suites, err = a.suites(ctx, args); err != nil {
			return err
		}
		if report, err = trials(suites, only); err != nil {
			return err
		}
	}
	report.partial = f.run != ""
	if f.format == "json" {
		err = writeJSON(a.data(), report.json())
	} else {
		err = report.text(a.Out, a.paint(a.Out))
	}
	if err == nil && report.failed > 0 {
		return fmt.Errorf("%d of %s failed", report.failed, plural(report.ran, "test"))
	}
	return err
}

// report is what the tests of all suites came to.
type report struct {
	suites      []*suite
	ran, failed int
	partial     bool // -run left tests out, so there is no coverage
}

// trials runs the tests that are wanted.
func trials(suites []*suite, only *regexp.Regexp) (*report, error) {
	r, a := &report{suites: suites}, &account{budget: new(engine.Budget)}
	for _, s := range suites {
		if err := r.suite(s, only, a); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// account bounds the work of all tests of a call, as a run bounds that of the alerts of a MiB:
// a budget is for each MiB of files of tests.
type account struct {
	budget *engine.Budget
	text   int // bytes of tests that have used the budget
}

// begin takes the text of a test into account.
func (a *account) begin(text int) {
	const part = 1 << 20
	if a.text += text; a.text > part {
		a.text -= part
		a.budget = new(engine.Budget)
	}
}

func (r *report) suite(s *suite, only *regexp.Regexp, a *account) error {
	w := s.engine.NewWorker()
	defer w.Close()
	s.coverage = mappingtest.NewCoverage(s.engine, mapping.IsShipped)
	for _, file := range s.files {
		for i := range file.tests {
			t := &file.tests[i]
			if !only.MatchString(t.Name) {
				continue
			}
			a.begin(len(file.src) / len(file.tests))
			w.RenewWith(a.budget) // the work of those before it is all that a test may depend on
			result := mappingtest.Run(w, t, file.alerts[i])
			if a.budget.Spent() {
				return usagef("%s: the tests up to here take too many steps for one call (docs/limits.md): simplify the mapping, or run fewer of them with -run", t.Pos)
			}
			s.coverage.Add(result.Explanation)
			result.Shorten()
			file.results = append(file.results, outcome{i, result})
			r.ran++
			if len(result.Differences) > 0 {
				r.failed++
			}
		}
	}
	return nil
}

// testFaults prints faults, if there are any, and ends the command with 2.
func (a *app) testFaults(faults syntax.Faults, suites []*suite) error {
	err := faults.Err()
	if err == nil {
		return nil
	}
	var sorted syntax.Faults
	if errors.As(err, &sorted) {
		printFaults(a.Err, sorted, texts(suites))
	}
	return usagef("%s in mappings or tests: nothing was tested", plural(len(sorted), "fault"))
}
