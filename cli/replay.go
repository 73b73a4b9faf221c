package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

func (a *app) newReplay() *cobra.Command {
	var f runFlags
	var unmatched bool
	cmd := &cobra.Command{
		Use:   "replay [flags] DIR|s3://BUCKET/PREFIX",
		Short: "Run the rejects of a lake again",
		Long: `Replay maps the rejects of a lake again. Those that become events now leave the
rejects; the others stay, with their new reason. Unmatched alerts stay as they
are, unless --unmatched is given. The argument is the folder of the rejects, the
lake around it, or the address of the rejects in a bucket.

Lake, copies, region, account, sources and mapping are those that the manifest of
each input names; the flags win over them. A replay that was interrupted is made good
by the next one. An input whose run was interrupted is left out: run it again,
which replaces its rejects.`,
		Example: `  sluice replay lake
  sluice replay -m corrected.yaml --unmatched lake
  sluice replay s3://my-raw/rejects`,
		Args: oneStore,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.replay(cmd.Context(), cmd, &f, unmatched, args[0])
		},
	}
	flags := cmd.Flags()
	settingFlags(cmd, "mapping", "class", "out", "source", "account", "region", "ocsf-json", "sse", "strict", "event-days", "max-event-days")
	meansAlone(cmd, "out", "folder or `s3://BUCKET[/PREFIX]` of the lake", theManifests)
	for _, flag := range []string{"mapping", "class", "account", "region", "ocsf-json", "source", "strict"} {
		meansAlone(cmd, flag, "", theManifests)
	}
	means(cmd, "class-source", "", theManifests)
	flags.BoolVar(&unmatched, "unmatched", false, "map unmatched alerts again too")
	flags.IntVar(&f.workers, "workers", a.processors, "goroutines that map and encode, at most one for each processor")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress line")
	flags.BoolVar(&f.json, "json", false, "summary as one JSON object on stdout, for each lake and mapping")
	completeMappings(cmd)
	return describeExits(cmd, exits{"nothing is rejected any more", "failed; the message says what was written and what was not", "the call or the mapping is wrong: nothing was read or written", "finished, and some rejects stay"})
}

// theManifests is the default of what a replay takes from the manifest of each input.
const theManifests = "what the manifest of each input says"

func (a *app) replay(ctx context.Context, cmd *cobra.Command, f *runFlags, unmatched bool, named string) error {
	if err := a.runSettings(cmd, f); err != nil {
		return usage(err)
	}
	if f.Out == "-" {
		return usagef("-o - has no lake: `sluice rejects show --raw` prints rejects for `sluice run -o - -`")
	}
	memory.LargePages()
	b := &buckets{settings: &f.Settings}
	store, err := a.openRejects(ctx, b, named)
	if err != nil {
		return err
	}
	kept, err := store.list(ctx) // before the manifests, which are there before their files
	if err != nil {
		return errors.Join(err, store.close())
	}
	found, interrupted, err := pipeline.Replays(ctx, store.ledger, unmatched, store.input)
	err = errors.Join(err, store.close())
	for _, m := range interrupted {
		a.warn([]string{fmt.Sprintf("a run over %s was interrupted: its rejects are not replayed; run it again, which replaces them", m.Name)})
	}
	left := unlisted(kept, unmatched, found, interrupted)
	rejected := err == nil && len(left) > 0
	if rejected {
		a.warn([]string{fmt.Sprintf("no manifest lists %s of rejects, such as %s: they are not replayed; map them with `sluice run`", plural(len(left), "file"), left[0])})
	} else if len(found) == 0 && err == nil {
		printf(a.Err, "there is nothing to replay in %s\n", store.place)
	}
	for _, group := range replayGroups(found) {
		done := a.replayGroup(ctx, cmd, *f, store.place, unmatched, group)
		if exitCode(done) == 3 {
			rejected = true
			continue
		}
		err = errors.Join(err, done)
	}
	if err == nil && rejected {
		return &exitError{3, errSilent}
	}
	return err
}

// unlisted returns the names of files that belong to no input: somebody put them there, or
// the manifests are gone.
func unlisted(files []keptFile, unmatched bool, found []pipeline.Replay, interrupted []*lake.Manifest) (names []string) {
	listed := map[string]bool{}
	for _, r := range found {
		interrupted = append(interrupted, r.Manifest)
	}
	for _, m := range interrupted {
		keys := slices.Concat(m.Rejects, m.Unmatched, m.Replaced)
		if m.Pending != nil {
			keys = slices.Concat(keys, m.Pending.Kept, m.Pending.Going)
		}
		for _, key := range keys {
			listed[key] = true
		}
	}
	for _, f := range files {
		if !listed[f.key] && (unmatched || !f.unmatched) {
			names = append(names, f.Name)
		}
	}
	return names
}

// replayGroups are the replays that one run can do: those of one lake and one mapping, in
// the order of the first of each.
func replayGroups(all []pipeline.Replay) (groups [][]pipeline.Replay) {
	at := map[string]int{}
	for _, r := range all {
		m := r.Manifest
		key := fmt.Sprintf("%q", append([]string{m.Out, m.Copies, m.Region, m.Account, fmt.Sprint(m.Strict), strings.Join(m.Sources, " "), fmt.Sprint(m.ClassSources)}, m.Mappings...))
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// replayGroup runs the rejects of one lake and mapping. F is a copy, to which it adds what
// the manifests say.
func (a *app) replayGroup(ctx context.Context, cmd *cobra.Command, f runFlags, rejects string, unmatched bool, group []pipeline.Replay) error {
	given := func(flag string) bool { return cmd.Flag(flag).Changed }
	m := group[0].Manifest
	f.Rejects = rejects
	take := func(flag string, value *string, of string) {
		if !given(flag) {
			*value = of
		}
	}
	take("out", &f.Out, placeTo(m.Out, rejects))
	take("region", &f.Region, m.Region)
	take("account", &f.Account, m.Account)
	take("ocsf-json", &f.OCSFJSON, "")
	if m.Copies != "" {
		take("ocsf-json", &f.OCSFJSON, placeTo(m.Copies, rejects))
	}
	if !given("strict") {
		f.Strict = m.Strict
	}
	if !given("mapping") && !given("class") {
		f.Mappings = m.Mappings
	}
	if !given("class-source") && len(m.ClassSources) > 0 {
		f.ClassSources = m.ClassSources
	}
	e, err := a.engine(&f.Settings)
	if err != nil {
		return fmt.Errorf("the rejects of %s need their mapping: %w", m.Name, err)
	}
	switch {
	case len(m.Sources) > 1:
		take("source", &f.Source, cmp.Or(pipeline.SourceOf(e, &f.Settings, m.Sources), f.Source))
	case len(m.Sources) == 1 && !(given("mapping") && namesSource(e)):
		take("source", &f.Source, m.Sources[0])
	}
	sources, err := a.sources(cmd, &f.Settings, e)
	if err != nil {
		return usage(err)
	}
	config := a.config(&f, e, sources, nil)
	config.ReplayUnmatched, config.Replay = unmatched, []*lake.Manifest{}
	for _, r := range group {
		config.Inputs, config.Replay = append(config.Inputs, r.Input), append(config.Replay, r.Manifest)
	}
	return a.write(ctx, &f, &buckets{settings: &f.Settings}, e, config)
}

// namesSource reports whether a mapping names its custom source itself.
func namesSource(e *engine.Engine) bool {
	return slices.ContainsFunc(e.Mappings, func(m engine.Mapping) bool { return m.Source != "" })
}
