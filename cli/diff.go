package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

type diffFlags struct {
	selection source.Selection
	mappings  []string
	examples  int
	json      bool
}

func (a *app) newDiff() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff [flags] -m OLD -m NEW FILE|DIR|GLOB|s3://BUCKET/PREFIX|-…",
		Short: "Show what two versions of a mapping make different of the same alerts",
		Long: `Diff maps the same alerts by two mappings, or sets (folders), and shows what
differs: for each attribute in how many events it was added, removed or changed,
with examples; alerts of which something else becomes (an event, a reject,
unmatched, dropped); and the columns of the tables. It writes nothing into a
lake. Events of one alert are compared class by class, lists item by item; of
rejects the reasons are not compared.`,
		Example: `  git show HEAD:my/mapping.yaml > old.yaml && sluice diff -m old.yaml -m my/mapping.yaml alerts.json
  sluice diff --json -m wazuh/security_finding -m my/mapping.yaml alerts/`,
		Args: atLeast(1, "at least one input: a file, a folder, a glob, s3://…, or - for stdin"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), cmd, &f, args) },
	}
	flags := cmd.Flags()
	settingFlags(cmd, "set", "strict")
	selectionFlags(cmd, &f.selection)
	flags.StringArrayVarP(&f.mappings, "mapping", "m", nil, "shipped name, file or folder of a mapping: first the old one, then the new one")
	flags.IntVar(&f.examples, "examples", 3, "how many examples of each difference to show")
	flags.BoolVar(&f.json, "json", false, "one JSON object on stdout")
	completeMappings(cmd)
	return describeExits(cmd, exits{"nothing differs", "failed: an input cannot be read to its end", "the call or a mapping is wrong; a file does not exist", "something differs"})
}

func (a *app) diff(ctx context.Context, cmd *cobra.Command, f *diffFlags, args []string) error {
	s, err := a.settings(cmd)
	if err := errors.Join(err, f.selection.Check(), f.check()); err != nil {
		return usage(err)
	}
	engines, err := a.versions(f.mappings, s.Strict)
	if err != nil {
		return err
	}
	inputs, err := a.alerts(ctx, &s, f.selection, args)
	if err != nil {
		return err
	}
	c := compare.New(engines[0], engines[1], f.examples)
	defer c.Close()
	if err := eachLine(ctx, inputs, c.Renew, func(line source.Line) { c.Add(line) }); err != nil {
		return err
	}
	r := c.Report()
	r.Columns = append(r.Columns, changedColumns(engines[0], engines[1])...)
	if f.json {
		err = writeJSON(a.data(), r)
	} else {
		err = diffText(a.Out, a.paint(a.Out), r)
	}
	if err == nil && r.Differ() {
		err = &exitError{3, errSilent}
	}
	return err
}

func (f *diffFlags) check() error {
	var errs []error
	if len(f.mappings) != 2 {
		errs = append(errs, fmt.Errorf("diff compares two mappings, and %d are named: give -m OLD and -m NEW", len(f.mappings)))
	}
	if f.examples < 0 {
		errs = append(errs, fmt.Errorf("--examples is %d: give 0 or more", f.examples))
	}
	return errors.Join(errs...)
}

// versions compiles the two mappings or sets.
func (a *app) versions(names []string, strict bool) (engines []*engine.Engine, err error) {
	for _, name := range names {
		files, err := a.loader.Load([]string{name})
		if err != nil {
			return nil, usage(err)
		}
		e, err := a.compile(files, a.options(strict))
		if err != nil {
			return nil, err
		}
		engines = append(engines, e)
	}
	return engines, a.knownSettings(engines...)
}

// changedColumns are the differences between the tables that two versions fill.
func changedColumns(old, new *engine.Engine) (all []compare.Column) {
	later := tablesOf(new)
	for _, before := range tablesOf(old) {
		at := sameTable(later, before)
		if at < 0 {
			all = append(all, compare.Column{Source: before.Source, Path: before.Layout.Class.Name, What: "no mapping fills a table of this class any more"})
			continue
		}
		for _, change := range glue.Changes(glue.Columns(before.Layout), glue.Columns(later[at].Layout)) {
			all = append(all, compare.Column{Source: before.Source, Path: change.Path, What: change.What, Breaks: change.Breaks})
		}
		later = append(later[:at], later[at+1:]...)
	}
	for _, t := range later {
		all = append(all, compare.Column{Source: t.Source, Path: t.Layout.Class.Name, What: "there is a new table of this class"})
	}
	return all
}

func tablesOf(e *engine.Engine) []pipeline.Table {
	return pipeline.Tables(e, pipeline.Sources(e, &settings.Settings{Source: settings.DefaultSource}))
}

// sameTable is the index of the table of the same class, if there are several the one
// of the same source, or -1.
func sameTable(tables []pipeline.Table, t pipeline.Table) int {
	found := -1
	for i := range tables {
		switch {
		case tables[i].Layout.Class.UID != t.Layout.Class.UID:
		case tables[i].Source == t.Source:
			return i
		case found < 0:
			found = i
		}
	}
	return found
}
