package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/source"
)

// runFlags are the flags of `sluice run`.
type runFlags struct {
	settings.Settings
	selection                 source.Selection
	quiet, json, merge, watch bool
	overwrite                 bool
	since                     string // key
	workers                   int
	foreign                   []string // files that folders brought along and that hold no JSON
	leftOut                   leftOut  // of listings
}

func (a *app) newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] FILE|DIR|GLOB|s3://BUCKET/PREFIX|-…",
		Short: "Turn alerts into a Security Lake folder",
		Long: `Run reads Wazuh alerts, one JSON object a line, plain, gzip or zstd, maps them
to OCSF events and writes these as Parquet objects in the layout of Amazon
Security Lake. A line that cannot become an event is kept with the reason, in
the folder for rejects; such a file can be run again.

With --watch it runs again whenever a mapping or an input changes. A mapping
with faults leaves the last good one in use. Objects are named by the content of
their input: a changed mapping overwrites them, a changed input adds new ones to
those of its old content, so watch into a folder that you can throw away, or
with -o -. Ctrl-C between two runs exits with 0, in a run with 1.

An input that does not exist exits with 1 and not with 2: inputs come and go, in
a bucket as on a disk, and the same call may succeed later.`,
		Example: `  sluice run /var/ossec/logs/alerts/alerts.json
  zcat old.json.gz | sluice run -o lake -
  sluice run -o s3://my-lake s3://my-alerts/2026/03/
  sluice run -m my/mapping.yaml -o - alerts.json`,
		Args: atLeast(1, "at least one input: a file, a folder, a glob, s3://…, or - for stdin"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), cmd, &f, args) },
	}
	flags := cmd.Flags()
	settingFlags(cmd, "mapping", "class", "out", "source", "account", "region", "ocsf-json", "rejects", "sse", "strict", "event-days", "max-event-days")
	selectionFlags(cmd, &f.selection)
	flags.StringVar(&f.since, "since", "", "of prefixes in buckets read only objects whose keys come after this one, to go on where a run ended")
	flags.BoolVar(&f.merge, "merge", false, "join all inputs into large objects, named by all of them")
	flags.BoolVar(&f.overwrite, "overwrite", false, "write objects again that an earlier run with the same mapping wrote")
	flags.IntVar(&f.workers, "workers", a.processors, "goroutines that map and encode, at most one for each processor")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress line")
	flags.BoolVar(&f.json, "json", false, "summary as one JSON object on stdout (on stderr with -o -)")
	flags.BoolVar(&f.watch, "watch", false, "run again when a mapping or an input changes, until interrupted")
	completeMappings(cmd)
	return describeExits(cmd, exits{"everything is written", "failed; the message says what was written and what was not", "the call or the mapping is wrong: nothing was read or written", "finished, with rejects"})
}

// run reads the settings and the mapping, and runs once or as often as files
// change.
func (a *app) run(ctx context.Context, cmd *cobra.Command, f *runFlags, args []string) error {
	if err := errors.Join(a.runSettings(cmd, f), f.selection.Check()); err != nil {
		return usage(err)
	}
	if !fewBytes(args) {
		memory.LargePages()
	}
	if f.watch {
		return a.watchRun(ctx, cmd, f, args)
	}
	e, err := a.engine(&f.Settings)
	if err != nil {
		return err
	}
	return a.runWith(ctx, cmd, f, e, args)
}

// fewBytes reports whether the inputs are files that are mapped in less time than large pages
// take to be had.
func fewBytes(args []string) bool {
	const few = 1 << 20
	total := int64(0)
	for _, name := range args {
		at, err := os.Stat(name)
		if err != nil || !at.Mode().IsRegular() {
			return false
		}
		if total += at.Size(); total > few {
			return false
		}
	}
	return true
}

// runWith settles sources and inputs, and runs.
func (a *app) runWith(ctx context.Context, cmd *cobra.Command, f *runFlags, e *engine.Engine, args []string) error {
	sources, err := a.sources(cmd, &f.Settings, e)
	if err != nil {
		return usage(err)
	}
	b := &buckets{settings: &f.Settings, selection: f.selection, since: f.since, stdin: a.In, warn: func(err error) { a.warn([]string{err.Error()}) }}
	inputs, err := b.inputs(ctx, args)
	if err != nil {
		return fmt.Errorf("nothing was read or written: %w", err)
	}
	a.leftOutLinks(b.links)
	a.warn(emptyFolders(args, inputs))
	if inputs, err = a.notOutputs(ctx, f, args, inputs); err != nil {
		return err
	}
	if inputs, f.foreign, err = a.notForeign(ctx, &f.selection, inputs); err != nil {
		return err
	}
	if f.merge {
		if inputs, err = source.List(ctx, inputs); err != nil {
			return fmt.Errorf("nothing was read or written: %w", err)
		}
	}
	live := func(in source.Input) bool { return f.Out != "-" && !f.watch && isLive(in, time.Now()) }
	a.warn(growing(inputs, live))
	if f.Out != "-" {
		a.warn(ofLedger(inputs))
	}
	err = a.write(ctx, f, b, e, a.config(f, e, sources, inputs))
	a.warn(growing(inputs, func(in source.Input) bool { return f.Out != "-" && !f.watch && !live(in) && hasGrown(in) }))
	return err
}

// write opens the places of a run, runs, and reports what came of it.
func (a *app) write(ctx context.Context, f *runFlags, b *buckets, e *engine.Engine, config pipeline.Config) error {
	places, err := a.open(ctx, f, b, &config)
	if err != nil {
		return err
	}
	say, stopProgress := a.progress(f, &config)
	report := &inputReport{rejects: f.Rejects, say: say, prefix: len(config.Inputs) == 1 && config.Inputs[0].Listing != nil}
	config.Ended = report.add
	result, err := pipeline.Run(ctx, config)
	stopProgress()
	err = errors.Join(err, report.err(), places.close())
	if a.stdout.closed.Load() {
		return errSilent // nobody reads what -o - writes any more
	}
	f.leftOut.say(a)
	a.summary(f, e, result, report)
	if result.Objects > 0 && f.Out != "-" && !s3.Is(f.Out) {
		a.warn(otherClasses(f.Out, pipeline.Tables(e, config.Sources)))
	}
	return a.verdict(ctx, result, report, err)
}

// engine compiles the mappings of the settings.
func (a *app) engine(s *settings.Settings) (*engine.Engine, error) {
	defer mapping.CollectLess()()
	files, err := a.loader.Load(s.Mappings)
	if err != nil {
		return nil, usage(err)
	}
	e, err := a.compile(files, a.options(s.Strict))
	if err != nil {
		return nil, err
	}
	return e, a.knownSettings(e)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (a *app) config(f *runFlags, e *engine.Engine, sources []string, inputs []source.Input) pipeline.Config {
	c := pipeline.Config{
		Engine: e, Inputs: inputs, Merge: f.merge, Workers: f.workers, Memory: openShare(newAccount(&f.Settings, f.workers), &f.Settings),
		Sources: sources, Region: f.Region, Account: f.Account,
		MappingNames: anywhere(f.Mappings), ClassSources: f.ClassSources, Strict: f.Strict, Variant: pipeline.Variant(f.Strict, a.guests.Digest()), Overwrite: f.overwrite,
		Progress: new(pipeline.Progress), Examples: true,
	}
	c.TakeDays(&f.Settings, time.Now())
	return c
}

// anywhere names mappings so that a command finds them from any folder.
func anywhere(mappings []string) []string {
	all := slices.Clone(mappings)
	for i, name := range all {
		if _, err := os.Stat(name); err == nil {
			all[i] = place(name)
		}
	}
	return all
}

// newAccount makes the account of runs, whose mappings are compiled. Its size follows from
// GOMEMLIMIT. Without one, the runtime gets a limit: the garbage between two collections
// would double the memory.
func newAccount(s *settings.Settings, workers int) *memory.Account {
	if s.MemoryLimit != "" {
		return memory.New(memory.Within(debug.SetMemoryLimit(-1), workers), false)
	}
	limit := int64(memory.DefaultLimit)
	if s3.Is(s.Out) {
		limit += bucketBytes
	}
	debug.SetMemoryLimit(limit + memory.Room(workers))
	return memory.New(memory.Of(limit), false)
}

// openShare opens that of a run, which uses half of it where it writes into a bucket: the rest
// is for what the bucket's objects hold.
func openShare(a *memory.Account, s *settings.Settings) *memory.Share {
	most := int64(0)
	if s3.Is(s.Out) {
		most = a.Total() / 2
	}
	return a.Open(most, 0)
}

// bucketBytes is the memory that a run may take more where it writes into a bucket, so
// that objects go there in one request.
const bucketBytes = 96 << 20

// verdict turns what happened into the command's error and so its exit code.
func (a *app) verdict(ctx context.Context, r *pipeline.Result, inputs *inputReport, err error) error {
	for _, repeat := range r.Repeats {
		printf(a.Err, "%s has the same content as %s and was read once\n", repeat.Name, repeat.Of)
	}
	if more := r.Repeated - len(r.Repeats); more > 0 {
		printf(a.Err, "with the same content as another, and read once: %s\n", plural(more, "further input"))
	}
	switch {
	case ctx.Err() != nil:
		return errors.Join(fmt.Errorf("interrupted: %w", inputs.written()), inputs.resume())
	case err != nil && inputs.unread:
		return errors.Join(err, inputs.resume()) // err says what is written
	case err != nil:
		return errors.Join(err, inputs.written(), inputs.resume())
	case r.Rejects > 0:
		return &exitError{3, errSilent}
	}
	return nil
}
