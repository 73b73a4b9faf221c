package cli

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/diagnosis"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// doctorFlags are the flags of `sluice doctor`.
type doctorFlags struct {
	runFlags
	raw, function, queue string
	tables               bool
	quiet                time.Duration
}

func (a *app) newDoctor() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [flags]",
		Short: "Find out what is wrong with a lake, its roles, its buckets and its function",
		Long: `Doctor tries what a run with the same flags and variables needs, one thing after
another, and says for each whether it works and what to do if it does not: settings,
mappings and the names of sources; who you are, the role that writes and its external
ID; the bucket's region; writing to the lake and to the rejects, which leaves nothing;
the use of a key (--sse aws:kms:KEY); what the raw bucket (--raw-bucket) tells of new
objects; the columns of the tables in Glue (--tables); the function (--function), with its
environment, as it reads it, and its queue, or a queue alone (--queue), with the dead
letters; how old the newest object of the lake is, and whether there are too many small
ones.

What you have no right to look at is unknown, not right: somebody else has to look.
Dead letters are read and left where they are. Called with {"doctor": true}, the function
says what it can write itself.`,
		Example: `  sluice doctor -o lake
  AWS_BUCKET=my-lake ROLE_ARN=… EXTERNAL_ID=… sluice doctor --rejects s3://my-raw/rejects --raw-bucket my-raw --tables --function sluice`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), cmd, &f) },
	}
	settingFlags(cmd, "mapping", "class", "out", "source", "account", "region", "rejects", "sse")
	means(cmd, "out", "folder or `s3://BUCKET[/PREFIX]` of the lake", "`./lake`")
	means(cmd, "rejects", "", "`OUT/rejects`; `./rejects` for a bucket")
	flags := cmd.Flags()
	flags.StringVar(&f.raw, "raw-bucket", "", "bucket of the alerts, whose notifications are looked at")
	flags.StringVar(&f.function, "function", "", "name or ARN of the function in Lambda, in the region of AWS_REGION")
	flags.StringVar(&f.queue, "queue", "", "ARN of a queue of alerts, if the function does not name it")
	flags.BoolVar(&f.tables, "tables", false, "compare the columns of the tables in Glue with those of the mappings")
	flags.DurationVar(&f.quiet, "newest", 24*time.Hour, "how old the newest object of the lake may be")
	flags.BoolVar(&f.json, "json", false, "one JSON object on stdout")
	completeMappings(cmd)
	return describeExits(cmd, exits{"nothing that was looked at is wrong", "something is wrong", "the call is wrong: nothing was tried"})
}

// doctor tries everything that a run needs.
func (a *app) doctor(ctx context.Context, cmd *cobra.Command, f *doctorFlags) error {
	f.workers = 1
	r := &diagnosis.Report{}
	settled := a.runSettings(cmd, &f.runFlags)
	if f.Out == "-" {
		return usagef("-o - has no lake to look at: name a folder or s3://BUCKET")
	}
	if r.Is("the settings", settled) {
		tables := a.examineMappings(f, r)
		d := &examination{Report: r, flags: f, buckets: &buckets{settings: &f.Settings}, tables: tables, getenv: a.getenv}
		if s3.Is(f.Out) || s3.Is(f.Rejects) || f.raw != "" {
			d.identity(ctx)
		}
		d.place(ctx, "the lake", f.Out, true)
		d.place(ctx, "the rejects", f.Rejects, false)
		d.key(ctx)
		if f.raw != "" {
			d.raw(ctx)
		}
		if f.tables {
			d.columns(ctx)
		}
		d.function(ctx, cmd)
		d.objects(ctx)
	}
	return a.printFindings(r, f.json)
}

// examination is the work of doctor. It adds what it finds to the report.
type examination struct {
	*diagnosis.Report
	flags   *doctorFlags
	buckets *buckets
	tables  []pipeline.Table // that the mappings fill
	getenv  func(string) string
	told    []s3.Notification // of the raw bucket, nil if that is not known
}

func (a *app) printFindings(r *diagnosis.Report, asJSON bool) (err error) {
	if asJSON {
		err = json.NewEncoder(a.data()).Encode(r)
	} else {
		s := &sheet{}
		for _, f := range r.Findings {
			s.line("%-7s  %s", f.State, f.What)
			if f.Advice != "" {
				s.line("         %s", f.Advice)
			}
		}
		if n := r.Count(diagnosis.Unknown); n > 0 {
			s.line("%s could not be looked at", plural(n, "thing"))
		}
		err = s.writeTo(a.Out)
	}
	if err == nil && r.Count(diagnosis.Wrong) > 0 {
		return &exitError{1, errSilent}
	}
	return err
}

// examineMappings returns the tables that the mappings fill.
func (a *app) examineMappings(f *doctorFlags, r *diagnosis.Report) (tables []pipeline.Table) {
	e, err := a.engine(&f.Settings)
	if !r.Is("the mappings: "+strings.Join(f.Mappings, ", "), err) {
		return nil
	}
	var names []string
	tables = pipeline.Tables(e, pipeline.Sources(e, &f.Settings))
	for _, t := range tables {
		names = append(names, t.Source)
		if len(t.Source) > 20 {
			r.Wrong("the custom source "+t.Source, "it has over 20 characters, and Security Lake accepts no longer name: give another with --source or --class-source")
		}
	}
	if len(names) > 0 {
		r.OK("the custom sources: %s", strings.Join(names, ", "))
	}
	return tables
}
