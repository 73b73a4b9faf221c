package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/source"
)

// runFlags are the flags of `sluice run` as given.
type runFlags struct {
	mappings                []string
	class, out              string
	source, account, region string
	ocsfJSON, rejects       string
	bucketRegion            string // of the lake's bucket, "" when nobody says
	sse                     string
	strict, quiet, json     bool
	merge, watch            bool
	workers                 int
}

func (a *app) newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] FILE|DIR|GLOB|s3://BUCKET/PREFIX|-…",
		Short: "Turn alerts into a Security Lake folder",
		Long: `Run reads Wazuh alerts, one JSON object a line, plain, gzip or zstd, maps them
to OCSF events and writes these as Parquet objects in the layout of Amazon
Security Lake. A line that cannot become an event is kept, with the reason, in
the reject folder; such a file can be run again.

Exit codes: 0 everything written; 1 failed, it is said what was and was not
written; 2 usage or mapping error; 3 finished, with rejects.

With --watch it runs again whenever a mapping or an input changes; a mapping
with faults leaves the last good one in use. The objects of an input are named
by its content: a changed mapping writes them anew, a changed input writes new
ones beside those of its old content, so watch into a folder that can be thrown
away, or with -o -. Ctrl-C ends it with 0 between two runs, with 1 in one.`,
		Example: `  sluice run /var/ossec/logs/alerts/alerts.json
  zcat old.json.gz | sluice run -o lake -
  sluice run -o s3://my-lake s3://my-alerts/2026/03/
  sluice run -m my/mapping.yaml -o - alerts.json`,
		Args: atLeast(1, "at least one input: a file, a folder, a glob, or - for stdin"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), cmd, &f, args) },
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.mappings, "mapping", "m", nil, "shipped name, file or folder of a mapping (repeatable)")
	flags.StringVar(&f.class, "class", "", "class of the shipped mapping: security_finding or detection_finding (default security_finding; OCSF_CLASS)")
	flags.StringVarP(&f.out, "out", "o", "./lake", "folder or s3://BUCKET[/PREFIX] to write to; - writes events as JSON lines to stdout (AWS_BUCKET)")
	flags.StringVar(&f.source, "source", "", "custom source name (default wazuh; SOURCE_LOCATION)")
	flags.StringVar(&f.account, "account", "", "account the records pertain to (default external; ACCOUNT_ID)")
	flags.StringVar(&f.region, "region", "", "region of the lake (default us-east-1; REGION)")
	flags.StringVar(&f.ocsfJSON, "ocsf-json", "", "folder or s3://… that also gets the events as JSON lines, gzip (S3_BUCKET_OCSF)")
	flags.StringVar(&f.rejects, "rejects", "", "folder or s3://… for rejects (default OUT/rejects; ./rejects with -o - and -o s3://…; SLUICE_REJECTS)")
	flags.StringVar(&f.sse, "sse", "", "encryption of objects in buckets: AES256, aws:kms or aws:kms:KEY (default the bucket's own; SLUICE_SSE)")
	flags.BoolVar(&f.strict, "strict", false, "reject an alert on any failed conversion")
	flags.BoolVar(&f.merge, "merge", false, "join all inputs into large objects, named by all of them")
	flags.IntVar(&f.workers, "workers", defaultWorkers(), "goroutines that map and encode")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress line")
	flags.BoolVar(&f.json, "json", false, "summary as one JSON object on stdout (on stderr with -o -)")
	flags.BoolVar(&f.watch, "watch", false, "run again when a mapping or an input changes, until interrupted")
	completeMappings(cmd)
	return cmd
}

// run settles the flags and the mapping, and runs once or as often as files
// change.
func (a *app) run(ctx context.Context, cmd *cobra.Command, f *runFlags, args []string) error {
	if err := a.defaults(cmd, f); err != nil {
		return usage(err)
	}
	if f.watch {
		return a.watchRun(ctx, cmd, f, args)
	}
	e, err := a.engine(f)
	if err != nil {
		return err
	}
	return a.runWith(ctx, cmd, f, e, args)
}

// runWith reads as the job: sources, inputs, places, run, summary.
func (a *app) runWith(ctx context.Context, cmd *cobra.Command, f *runFlags, e *engine.Engine, args []string) error {
	if err := a.checkSources(cmd, f, e); err != nil {
		return usage(err)
	}
	b := &buckets{app: a}
	inputs, err := b.inputs(ctx, args)
	if err != nil {
		return fmt.Errorf("nothing was read or written: %w", err)
	}
	if inputs, err = a.notOutputs(f, args, inputs); err != nil {
		return err
	}
	config := a.config(f, e, inputs)
	places, err := a.open(ctx, f, b, &config)
	if err != nil {
		return err
	}
	stopProgress := a.progress(f, &config)
	result, err := pipeline.Run(ctx, config)
	stopProgress()
	err = errors.Join(err, places.close())
	a.summary(f, result)
	return a.verdict(ctx, result, err)
}

// engine compiles the mapping that the flags choose.
func (a *app) engine(f *runFlags) (*engine.Engine, error) {
	names := f.mappings
	if len(names) == 0 {
		names = []string{"wazuh/" + f.class}
	}
	files, err := mapping.Load(names)
	if err != nil {
		return nil, usage(err)
	}
	return a.compile(files, a.options(f.strict))
}

// checkSources settles the custom source: a flag or variable wins over the
// `source:` of a single mapping's class.
func (a *app) checkSources(cmd *cobra.Command, f *runFlags, e *engine.Engine) error {
	given := f.source != ""
	switch {
	case given && len(e.Mappings) > 1 && severalSources(e):
		return errors.New("--source (or SOURCE_LOCATION) names one custom source, and these mappings fill several: leave it out and give each mapping a `source:`")
	case given:
		for i := range e.Mappings {
			e.Mappings[i].Source = f.source
		}
	default:
		f.source = "wazuh"
	}
	for _, m := range e.Mappings {
		if warning := lake.WarnSource(orElse(m.Source, f.source)); warning != "" {
			fmt.Fprintln(a.Err, "warning: "+warning)
		}
	}
	errs := []error{lake.CheckValue("--source", f.source), lake.CheckValue("--account", f.account), lake.CheckValue("--region", f.region)}
	if !given {
		errs = append(errs, checkMappingSources(e))
	}
	return errors.Join(errs...)
}

func checkMappingSources(e *engine.Engine) error {
	var errs []error
	for _, m := range e.Mappings {
		if m.Source != "" {
			errs = append(errs, lake.CheckValue("the `source:` of "+m.File, m.Source))
		}
	}
	return errors.Join(errs...)
}

func severalSources(e *engine.Engine) bool {
	for _, m := range e.Mappings[1:] {
		if m.Source != e.Mappings[0].Source {
			return true
		}
	}
	return false
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (a *app) config(f *runFlags, e *engine.Engine, inputs []source.Input) pipeline.Config {
	// The live heap is bounded by the settings; without a limit the garbage
	// between two collections would double it.
	if debug.SetMemoryLimit(-1) > memoryLimit {
		debug.SetMemoryLimit(memoryLimit)
	}
	return pipeline.Config{
		Engine: e, Inputs: inputs, Merge: f.merge, Workers: f.workers,
		Source: f.source, Region: f.region, Account: f.account,
		Progress: new(pipeline.Progress),
	}
}

// memoryLimit is what the runtime aims to stay under, in bytes. It is soft, so
// larger settings work too, at the price of more garbage collection.
const memoryLimit = 200 << 20

// verdict turns what happened into the command's error and so its exit code.
func (a *app) verdict(ctx context.Context, r *pipeline.Result, err error) error {
	for _, repeat := range r.Repeats {
		fmt.Fprintf(a.Err, "%s has the same content as %s and was read once\n", repeat.Name, repeat.Of)
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: %s", written(r))
	case err != nil && stopped(r):
		return err // says itself what is written
	case err != nil:
		return fmt.Errorf("%w\n%s", err, written(r))
	case r.Rejects > 0:
		return &exitError{3, errSilent}
	}
	return nil
}

// stopped tells whether the run ended before it came to the end of its inputs.
func stopped(r *pipeline.Result) bool {
	for _, in := range r.Inputs {
		if !in.Done && in.Err == nil {
			return true
		}
	}
	return false
}

// written says which inputs are in the lake and which are not.
func written(r *pipeline.Result) string {
	var done, not []string
	for _, in := range r.Inputs {
		if in.Done {
			done = append(done, in.Name)
		} else {
			not = append(not, in.Name)
		}
	}
	if len(done) == 0 {
		return "nothing was written; run it again when the cause is mended"
	}
	s := "written: " + shorten(done)
	if len(not) > 0 {
		s += "\nnot written: " + shorten(not) + "; run these again when the cause is mended (what is written already is overwritten, never doubled)"
	}
	return s
}

func shorten(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
