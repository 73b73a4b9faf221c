package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

func defaultWorkers() int { return runtime.GOMAXPROCS(0) }

// defaults fills in what the flags leave open, from the Lambda's environment
// variables and then from the defaults, and refuses what contradicts itself.
func (a *app) defaults(cmd *cobra.Command, f *runFlags) error {
	given := cmd.Flags().Changed
	a.fromEnv(given("source"), &f.source, "SOURCE_LOCATION", "")
	a.fromEnv(given("account"), &f.account, "ACCOUNT_ID", "external")
	a.fromEnv(given("region"), &f.region, "REGION", "")
	f.bucketRegion, f.region = f.region, orElse(f.region, "us-east-1")
	for _, name := range []string{"source", "account", "region", "out", "rejects", "ocsf-json", "sse"} {
		if given(name) && cmd.Flag(name).Value.String() == "" {
			return fmt.Errorf("--%s is empty: give a value or leave it out", name)
		}
	}
	if err := a.lambdaDefaults(given, f); err != nil {
		return err
	}
	if err := a.classDefault(given("class"), f); err != nil {
		return err
	}
	if f.workers < 1 {
		return fmt.Errorf("--workers is %d: give 1 or more", f.workers)
	}
	if err := a.bucketDefaults(given, f); err != nil {
		return err
	}
	if f.rejects == "" {
		f.rejects = filepath.Join(f.out, "rejects")
		if f.out == "-" {
			f.rejects = "./rejects"
		}
	}
	return a.checkBuckets(f)
}

func (a *app) fromEnv(given bool, value *string, variable, fallback string) {
	if given {
		return
	}
	if *value = a.getenv(variable); *value == "" {
		*value = fallback
	}
}

// classDefault settles which shipped mapping runs when none is named.
func (a *app) classDefault(given bool, f *runFlags) error {
	if given && len(f.mappings) > 0 {
		return errors.New("--class picks a shipped mapping and -m names another: give one of them")
	}
	a.fromEnv(given, &f.class, "OCSF_CLASS", "security_finding")
	f.class = strings.ToLower(f.class)
	if len(f.mappings) > 0 {
		return nil
	}
	var classes []string
	for _, name := range mapping.Shipped() {
		class := strings.TrimPrefix(name, "wazuh/")
		classes = append(classes, class)
		if class == f.class {
			return nil
		}
	}
	return fmt.Errorf("there is no shipped mapping for class %q%s; shipped are %s", f.class,
		spelling.DidYouMean(f.class, classes), strings.Join(classes, ", "))
}

// places are the sinks of a run.
type places struct{ folders []*dir.Sink }

// open makes the sinks that the flags name and puts them into the config.
func (a *app) open(ctx context.Context, f *runFlags, b *buckets, c *pipeline.Config) (*places, error) {
	p := &places{}
	var errs []error
	place := func(where string, ofLake bool) lake.Sink {
		var s lake.Sink
		var err error
		if s3.Is(where) {
			// Objects in a bucket want their names early: see lake.Sink.
			c.EarlyIdentity = true
			s, err = b.sink(ctx, f, where, ofLake)
		} else {
			s, err = p.folder(where)
		}
		errs = append(errs, err)
		return s
	}
	if f.out == "-" {
		c.Events = a.Out
	} else {
		c.Out = place(f.out, true)
	}
	c.Rejects = place(f.rejects, false)
	c.GzipRejects = s3.Is(f.rejects)
	if f.ocsfJSON != "" {
		c.JSON = place(f.ocsfJSON, false)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("nothing was read or written: %w", errors.Join(err, p.close()))
	}
	return p, nil
}

func (p *places) folder(path string) (lake.Sink, error) {
	s, err := dir.Open(path)
	if err != nil {
		return nil, err
	}
	p.folders = append(p.folders, s)
	return s, nil
}

func (p *places) close() error {
	var errs []error
	for _, s := range p.folders {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
