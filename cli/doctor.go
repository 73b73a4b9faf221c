package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/stats"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// doctorFlags are what `sluice doctor` was told.
type doctorFlags struct {
	runFlags
	raw   string
	quiet time.Duration
}

func (a *app) newDoctor() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [flags]",
		Short: "Find out what is wrong with a lake, its roles and its buckets",
		Long: `Doctor tries what a run with the same flags and variables needs, one thing after
another, and says for each whether it works and what to do if it does not: settings,
mappings and the names of sources; who you are, the role that writes and its external
ID; the bucket's region; writing to the lake and to the rejects, which leaves nothing;
what the raw bucket (--raw-bucket) tells of new objects; how old the newest object of
the lake is, and whether there are too many small ones.`,
		Example: `  sluice doctor -o lake
  AWS_BUCKET=my-lake ROLE_ARN=… EXTERNAL_ID=… sluice doctor --rejects s3://my-raw/rejects --raw-bucket my-raw`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), cmd, &f) },
	}
	settingFlags(cmd, "mapping", "class", "out", "source", "account", "region", "rejects", "sse")
	flags := cmd.Flags()
	flags.StringVar(&f.raw, "raw-bucket", "", "bucket of the alerts, whose notifications are looked at")
	flags.DurationVar(&f.quiet, "newest", 24*time.Hour, "how old the newest object of the lake may be")
	flags.BoolVar(&f.json, "json", false, "one JSON object on stdout")
	completeMappings(cmd)
	return describeExits(cmd, exits{"nothing is wrong", "something is wrong", "the call is wrong: nothing was tried"})
}

// finding is what doctor says of one thing.
type finding struct {
	State  string `json:"state"` // ok, wrong, or unknown
	What   string `json:"what"`
	Advice string `json:"advice,omitempty"`
}

// doctorReport collects findings.
type doctorReport struct {
	Findings []finding `json:"findings"`
	wrong    bool
}

func (r *doctorReport) ok(format string, args ...any) {
	r.Findings = append(r.Findings, finding{State: "ok", What: fmt.Sprintf(format, args...)})
}

// is adds that a thing works, or the error that says why not.
func (r *doctorReport) is(what string, err error) bool {
	if err == nil {
		r.ok("%s", what)
		return true
	}
	r.bad(what, err.Error())
	return false
}

func (r *doctorReport) bad(what, advice string) {
	r.wrong = true
	r.Findings = append(r.Findings, finding{"wrong", what, advice})
}

// doctor tries everything that a run needs.
func (a *app) doctor(ctx context.Context, cmd *cobra.Command, f *doctorFlags) error {
	f.workers = 1
	r := &doctorReport{}
	settled := a.runSettings(cmd, &f.runFlags)
	if f.Out == "-" {
		return usagef("-o - has no lake to look at: name a folder or s3://BUCKET")
	}
	if r.is("the settings", settled) {
		sources := a.examineMappings(cmd, f, r)
		b := &buckets{settings: &f.Settings}
		if s3.Is(f.Out) || s3.Is(f.Rejects) || f.raw != "" {
			a.examineIdentity(ctx, f, b, r)
		}
		a.examinePlace(ctx, f, b, r, "the lake", f.Out, true, sources)
		a.examinePlace(ctx, f, b, r, "the rejects", f.Rejects, false, nil)
		if f.raw != "" {
			a.examineRaw(ctx, f, b, r)
		}
		a.examineObjects(ctx, f, b, r)
	}
	return a.printFindings(r, f.json)
}

func (a *app) printFindings(r *doctorReport, asJSON bool) (err error) {
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
		err = s.writeTo(a.Out)
	}
	if err == nil && r.wrong {
		return &exitError{1, errSilent}
	}
	return err
}

// examineMappings returns the custom sources that the mappings fill.
func (a *app) examineMappings(cmd *cobra.Command, f *doctorFlags, r *doctorReport) (names []string) {
	var e *engine.Engine
	var sources []string
	e, err := a.engine(&f.Settings)
	if err == nil {
		sources, err = pipeline.Sources(e, &f.Settings)
	}
	if !r.is("the mappings: "+strings.Join(f.Mappings, ", "), err) {
		return nil
	}
	for _, t := range pipeline.Tables(e, sources) {
		names = append(names, t.Source)
		if len(t.Source) > 20 {
			r.bad("the custom source "+t.Source, "it has over 20 characters, and Security Lake accepts no longer name: give another with --source or --class-source")
		}
	}
	if len(names) > 0 {
		r.ok("the custom sources: %s", strings.Join(names, ", "))
	}
	return names
}

func (a *app) examineIdentity(ctx context.Context, f *doctorFlags, b *buckets, r *doctorReport) {
	own, err := b.ownClient(ctx)
	who := ""
	if err == nil {
		who, err = own.Who(ctx)
	}
	r.is("your own identity "+who, err)
	if f.RoleARN == "" {
		return
	}
	writer, err := b.lakeClient(ctx)
	if err == nil {
		_, err = writer.Who(ctx)
	}
	r.is("the role that writes the lake, "+f.RoleARN, err)
}

// examinePlace tries to write to a place, and leaves nothing there.
func (a *app) examinePlace(ctx context.Context, f *doctorFlags, b *buckets, r *doctorReport, what, where string, ofLake bool, sources []string) {
	what += " " + where
	if !s3.Is(where) {
		r.is("writing to "+what, writable(where))
		return
	}
	ref, err := s3.ParseAddress(where)
	client := b.ownClient
	if ofLake {
		client = b.lakeClient
	}
	var c *s3.Client
	if err == nil {
		c, err = client(ctx)
	}
	if err != nil {
		r.bad(what, err.Error())
		return
	}
	if ofLake {
		a.examineRegion(ctx, f, b, r, ref.Bucket)
	}
	encryption, _ := s3.ParseEncryption("--sse", f.SSE) // the settings have checked it
	day := lake.DayOf(time.Now().UnixMilli())
	keys := []string{"sluice-write-test"}
	for i, source := range sources {
		if i == 0 {
			keys = nil
		}
		keys = append(keys, lake.Partition{Source: source, Region: f.Region, Account: f.Account, Day: day}.Key("sluice-write-test"))
	}
	for _, key := range keys {
		at := s3.Ref{Bucket: ref.Bucket, Key: strings.TrimLeft(strings.Trim(ref.Key, "/")+"/"+key, "/")}
		r.is("writing to "+what+": "+at.String()+" could be written, and was not", c.MayWrite(ctx, at, encryption))
	}
}

// examineRegion compares the region of the lake's bucket with that of the partition. The
// own identity asks, since the role that writes may not.
func (a *app) examineRegion(ctx context.Context, f *doctorFlags, b *buckets, r *doctorReport, bucket string) {
	own, err := b.ownClient(ctx)
	region := ""
	if err == nil {
		region, err = own.RegionOf(ctx, bucket)
	}
	switch {
	case err != nil:
		r.Findings = append(r.Findings, finding{"unknown", "the region of the bucket " + bucket, err.Error()})
	case region != "" && region != f.Region:
		r.bad("the region of the bucket "+bucket, fmt.Sprintf("it is in %s, and the region of the lake is %s: set --region or REGION to %s", region, f.Region, region))
	default:
		r.ok("the region of the bucket %s: %s", bucket, orElse(region, "not known to its server"))
	}
}

// writable tries to create a file in a folder, or in the first one above it that exists.
func writable(folder string) error {
	at := folder
	for {
		info, err := os.Stat(at)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is a file: move it away, or name another folder", at)
		}
		if err == nil {
			break
		}
		if !os.IsNotExist(err) || filepath.Dir(at) == at {
			return err
		}
		at = filepath.Dir(at)
	}
	file, err := os.CreateTemp(at, ".sluice-write-test-*")
	if err != nil {
		return fmt.Errorf("%w: allow writing there, or name another folder", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// examineRaw looks at what the bucket of the alerts tells of new objects.
func (a *app) examineRaw(ctx context.Context, f *doctorFlags, b *buckets, r *doctorReport) {
	what := "the notifications of the bucket " + f.raw
	own, err := b.ownClient(ctx)
	var all []s3.Notification
	if err == nil {
		all, err = own.Notifications(ctx, f.raw)
	}
	switch {
	case err != nil:
		r.bad(what, err.Error())
	case len(all) == 0:
		r.bad(what, "it tells nobody of new objects, so the function is not called: add a notification of s3:ObjectCreated:* to its queue, as the stack does")
	}
	for _, n := range all {
		switch n.Suffix {
		case "", ".txt", ".txt.gz", ".gz", ".json.gz", ".json":
			r.ok("%s: %s hears of objects that end in %q", what, n.To, n.Suffix)
		default:
			r.bad(what, fmt.Sprintf("%s only hears of objects that end in %q, and Logstash's end in .txt or .txt.gz", n.To, n.Suffix))
		}
	}
}

// examineObjects looks at the newest object of the lake, and at the days of many small ones.
func (a *app) examineObjects(ctx context.Context, f *doctorFlags, b *buckets, r *doctorReport) {
	p := &places{}
	repository, err := p.repository(ctx, b, f.Out, nil)
	var newest lake.Stored
	small := map[string]int{}
	if err == nil {
		err = repository.List(ctx, "ext/", func(o lake.Stored) {
			folder, _, ok := lake.SplitKey(o.Key)
			if !ok {
				return
			}
			if o.Modified.After(newest.Modified) {
				newest = o
			}
			if o.Bytes < stats.SmallBytes {
				small[folder]++
			}
		})
	}
	err = errors.Join(err, p.close())
	switch {
	case err != nil:
		r.Findings = append(r.Findings, finding{"unknown", "the objects of the lake", err.Error()})
		return
	case newest.Key == "":
		r.bad("the newest object of the lake", "there is none yet: run, follow or pull writes them")
		return
	case time.Since(newest.Modified) > f.quiet:
		r.bad("the newest object of the lake", fmt.Sprintf("%s was written %v ago: see whether alerts still arrive, and what the rejects say (sluice rejects list)",
			newest.Key, time.Since(newest.Modified).Round(time.Minute)))
	default:
		r.ok("the newest object of the lake was written %v ago", time.Since(newest.Modified).Round(time.Second))
	}
	many := 0
	for _, n := range small {
		if n > stats.ManyObjects {
			many++
		}
	}
	if many > 0 {
		r.bad("the sizes of the objects", fmt.Sprintf("%s with over %d small objects, which are slow to query: `sluice compact` joins them", plural(many, "day"), stats.ManyObjects))
		return
	}
	r.ok("the sizes of the objects")
}
