package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

type checkFlags struct {
	format, against string
	notes, asErrors bool
}

func (a *app) newCheck() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [flags] FILE|DIR|DIR/...|NAME…",
		Short: "Compile mappings and report faults and likely mistakes",
		Long: `Check compiles mappings and reports all faults of all of them, each as
file:line:column: message with the line it is on. It also warns about likely
mistakes in what compiles: deprecated classes and attributes, required
attributes that an alert may leave without a value, values that an enumeration
lacks, lets and tables that nothing uses, fields that no alert of the tests has,
mappings that no alert reaches. With --notes it adds what OCSF recommends and
the mapping does not give.

A folder is checked as the set that run -m DIR makes of it. DIR/... checks
every mapping below DIR by itself. Without arguments it checks the set that -m
or SLUICE_MAPPING names.

A comment "# sluice: allow RULE" on a line silences a warning there.

With --against it compares the Parquet schemas with those of an older version
and reports what breaks a table of AWS Glue: a column whose type changed or that
is gone, a struct that gained or lost a field.`,
		Example: `  sluice check my/mapping.yaml
  sluice check --notes wazuh/detection_finding
  git show HEAD:my/mapping.yaml > old.yaml && sluice check my/mapping.yaml --against old.yaml`,
		ValidArgsFunction: mappingNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.check(cmd.Context(), cmd, &f, args) },
	}
	settingFlags(cmd, "mapping")
	cmd.Flags().StringVar(&f.format, "format", "text", "text, json, github (workflow commands) or sarif")
	cmd.Flags().StringVar(&f.against, "against", "", "file, folder or shipped name of the version before, whose tables must stay readable")
	cmd.Flags().BoolVar(&f.notes, "notes", false, "report also what OCSF recommends and the mapping does not give")
	cmd.Flags().BoolVar(&f.asErrors, "warnings-as-errors", false, "exit with 2 on warnings too")
	completeMappings(cmd)
	complete(cmd, "against", mappingNames)
	return describeExits(cmd, exits{"no fault", "failed", "faults, or warnings with --warnings-as-errors; a file that does not exist"})
}

// checkBytes is the memory that the collector keeps a check within, if it can. A mapping of a megabyte
// may have 100,000 expressions, and their garbage would take as much again as they do.
const checkBytes = 384 << 20

func (a *app) check(ctx context.Context, cmd *cobra.Command, f *checkFlags, args []string) error {
	s, err := a.settings(cmd)
	if !slices.Contains(checkFormats, f.format) {
		err = errors.Join(fmt.Errorf("--format is %q: give %s", f.format, strings.Join(checkFormats, ", ")), err)
	}
	if err != nil {
		return usage(err)
	}
	if s.MemoryLimit == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(checkBytes))
	}
	a.showGuests = true
	sets, err := a.checkedSets(cmd, s.Mappings, args)
	if err != nil {
		return usage(err)
	}
	var files []engine.File
	for _, set := range sets {
		files = append(files, set...)
	}
	r := checkReport{files: files}
	compiled := make([]*engine.Engine, len(sets))
	for i, set := range sets {
		e, found := engine.Lint(set, a.options(false), a.testAlerts(ctx, set))
		compiled[i] = e
		r.found = append(r.found, found...)
	}
	if err := a.knownSettings(compiled...); err != nil {
		return err
	}
	if f.against != "" {
		found, err := a.against(f.against, a.options(false), sets, compiled)
		if err != nil {
			return usage(err)
		}
		r.found = append(r.found, found...)
	}
	return a.report(f, &r)
}

// checkedSets loads the mappings to check: those of the arguments, else the set that
// -m or SLUICE_MAPPING names, as a run does.
func (a *app) checkedSets(cmd *cobra.Command, named, args []string) ([][]engine.File, error) {
	flag := cmd.Flag("mapping").Changed
	switch {
	case len(args) > 0 && flag:
		return nil, fmt.Errorf("-m names mappings and so does %q: give one of them", args[0])
	case len(args) > 0:
		return a.mappingSets(args)
	case !flag && a.getenv("SLUICE_MAPPING") == "":
		return nil, atLeast(1, "a mapping file, folder or shipped name, or SLUICE_MAPPING")(cmd, args)
	}
	files, err := a.loader.Load(named)
	return [][]engine.File{files}, err
}

// mappingSets loads what each argument names as a set of its own; DIR/...
// gives one for each mapping below the folder.
func (a *app) mappingSets(args []string) ([][]engine.File, error) {
	var sets [][]engine.File
	var errs []error
	for _, arg := range args {
		if mapping.IsTest(arg) {
			continue // a shell's *.yaml names tests too
		}
		dir, each := strings.CutSuffix(filepath.ToSlash(arg), "/...")
		if arg == "..." {
			dir, each = ".", true
		}
		if !each {
			dir = arg
		}
		files, err := a.loader.Load([]string{dir})
		errs = append(errs, err)
		if !each {
			sets = append(sets, files)
			continue
		}
		for _, f := range files {
			sets = append(sets, []engine.File{f})
		}
	}
	if len(sets) == 0 && errors.Join(errs...) == nil {
		errs = append(errs, fmt.Errorf("%s has tests and no mapping: run them with `sluice test`", args[0]))
	}
	return withoutFragments(sets), errors.Join(errs...)
}

// withoutFragments drops files that exist only for other mappings to include: a
// glob of the shell names them too.
func withoutFragments(sets [][]engine.File) [][]engine.File {
	mappings := map[string]bool{}
	for _, f := range mapping.WithoutFragments(slices.Concat(sets...)) {
		mappings[f.Name] = true
	}
	return slices.DeleteFunc(sets, func(set []engine.File) bool { return len(set) == 1 && !mappings[set[0].Name] })
}

// checkReport is everything that was found, in files.
type checkReport struct {
	files []engine.File
	found syntax.Findings
}

// counts returns the numbers of faults, warnings and notes.
func (r *checkReport) counts() (n [3]int) {
	for _, f := range r.found {
		n[f.Severity]++
	}
	return n
}

// ofShipped are the rules by which nothing is found that a variant of a shipped mapping could mend.
var ofShipped = []string{"deprecated", "unseen-field", "recommended", "lost-fields"}

// sort brings the findings into their order. Without notes it leaves out those that OCSF's
// recommendations make, and in any case those in shipped files that are none of a variant's making.
func (r *checkReport) sort(notes bool) {
	var kept syntax.Findings
	for _, x := range r.found {
		if mapping.IsShipped(x.Pos.File) && slices.Contains(ofShipped, x.Rule) {
			continue
		}
		if x.Severity != syntax.Note || notes || x.Rule != "recommended" && x.Rule != "lost-fields" {
			kept = append(kept, x)
		}
	}
	r.found = kept.Sort()
}

// mappings counts the files, each once.
func (r *checkReport) mappings() int {
	names := map[string]bool{}
	for _, f := range r.files {
		names[f.Name] = true
	}
	return len(names)
}

func (a *app) report(f *checkFlags, r *checkReport) error {
	r.sort(f.notes)
	if err := r.write(a, f.format); err != nil {
		return err
	}
	n := r.counts()
	mappings := plural(r.mappings(), "mapping")
	if n[syntax.Broken] > 0 || f.asErrors && n[syntax.Warning] > 0 {
		return &exitError{2, fmt.Errorf("%s in %s", r.words(), mappings)}
	}
	printf(a.Err, "%s: %s\n", mappings, r.words())
	return nil
}
