package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/profile"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/source"
)

type profileFlags struct {
	selection      source.Selection
	under, without []string
	source, html   string
	json           bool
}

func (a *app) newProfile() *cobra.Command {
	var f profileFlags
	cmd := &cobra.Command{
		Use:   "profile [flags] FILE|DIR|GLOB|s3://BUCKET/PREFIX|-…",
		Short: "Show which fields alerts have, and what a mapping makes of them",
		Long: `Profile reads alerts as run does and writes nothing into a lake. For each field
it shows the share of alerts that have it, kinds, distinct values and examples,
and what the mapping makes of its leaves: written into an attribute, failed to
convert, kept under unmapped, or lost where the mapping has no $rest. The same is
summed up by top-level field and by source, beside decoders, groups and
locations. Positions in lists fold to [], and the names of objects with more
than 500 to *. Distinct values are exact up to 256 (then estimated, with ~).

--under and --without narrow what counts: with --under data,syscheck,rule
--without rule.mail the figure in the first lines is the coverage of what
decoders and rules add to an alert.`,
		Example: `  sluice profile /var/ossec/logs/alerts/alerts.json
  sluice profile -m my/mapping.yaml --html profile.html alerts/
  sluice profile --json --under data,syscheck,rule --without rule.mail alerts.json`,
		Args: atLeast(1, "at least one input: a file, a folder, a glob, s3://…, or - for stdin"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.profile(cmd.Context(), cmd, &f, args) },
	}
	flags := cmd.Flags()
	settingFlags(cmd, "mapping", "class")
	selectionFlags(cmd, &f.selection)
	flags.StringSliceVar(&f.under, "under", nil, "count only leaves at and below these paths, as expressions write them (repeatable, or with commas)")
	flags.StringSliceVar(&f.without, "without", nil, "do not count leaves at and below these paths (repeatable, or with commas)")
	flags.StringVar(&f.source, "by", "data.integration ?? decoder.name", "expression that names the source of an alert")
	flags.BoolVar(&f.json, "json", false, "one JSON object on stdout")
	flags.StringVar(&f.html, "html", "", "write one page with pictures to this file")
	completeMappings(cmd)
	return describeExits(cmd, exits{"profiled, whatever became of the alerts", "failed: an input cannot be read to its end, or the page cannot be written", "the call, the expression or the mapping is wrong; a file does not exist"})
}

func (a *app) profile(ctx context.Context, cmd *cobra.Command, f *profileFlags, args []string) error {
	s, err := a.settings(cmd)
	if err := errors.Join(err, f.selection.Check(), checkPaths("--under", f.under), checkPaths("--without", f.without)); err != nil {
		return usage(err)
	}
	by, err := engine.CompileExpression("--by", f.source, nil, a.options(false))
	var faults syntax.Faults
	if errors.As(err, &faults) {
		printFaults(a.Err, faults, []engine.File{{Name: "--by", Text: []byte(f.source)}})
		return usagef("%s in --by: nothing was read", plural(len(faults), "fault"))
	}
	if err != nil {
		return usage(err)
	}
	defer by.Close()
	r, err := a.profiled(ctx, &s, f, by, args)
	if err != nil {
		return err
	}
	a.warn(emptyPaths(f.under, r))
	if f.html != "" {
		if err := writePage(f.html, r); err != nil {
			return err
		}
	}
	switch {
	case f.json:
		return writeJSON(a.data(), r)
	case f.html != "":
		printf(a.Err, "written to %s\n", f.html)
		return nil
	}
	return profileText(a.Out, a.paint(a.Out), width(a.Out), r)
}

// profiled reads the inputs and profiles their alerts.
func (a *app) profiled(ctx context.Context, s *settings.Settings, f *profileFlags, by *engine.Expression, args []string) (*profile.Report, error) {
	files, err := a.loader.Load(s.Mappings)
	if err != nil {
		return nil, usage(err)
	}
	options := a.options(false)
	options.Follow = true
	e, err := a.compile(files, options)
	if err == nil {
		err = a.knownSettings(e)
	}
	if err != nil {
		return nil, err
	}
	inputs, err := a.alerts(ctx, s, f.selection, args)
	if err != nil {
		return nil, err
	}
	p := profile.New(e, profile.Options{Under: f.under, Without: f.without, Source: by.Text})
	defer p.Close()
	if err := eachLine(ctx, inputs, p.Renew, p.Add); err != nil {
		return nil, err
	}
	return p.Report(), nil
}

// emptyPaths warns about paths of --under below which nothing is: a slip of the pen
// would pass for bad coverage.
func emptyPaths(under []string, r *profile.Report) (warnings []string) {
	for _, path := range under {
		if !slices.ContainsFunc(r.Fields, func(f profile.Field) bool { return profile.Below(f.Path, path) }) {
			warnings = append(warnings, fmt.Sprintf("--under %s: no alert has anything there", path))
		}
	}
	return warnings
}

// checkPaths rejects paths that no field has.
func checkPaths(flag string, paths []string) error {
	for _, path := range paths {
		if path == "" || strings.ContainsAny(path, " =*") {
			return fmt.Errorf("%s %q is not a path: write it like data.srcip, without =", flag, path)
		}
	}
	return nil
}
