package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
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
	a.fromEnv(given("region"), &f.region, "REGION", "us-east-1")
	for _, name := range []string{"source", "account", "region", "out", "rejects", "ocsf-json"} {
		if given(name) && cmd.Flag(name).Value.String() == "" {
			return fmt.Errorf("--%s is empty: give a value or leave it out", name)
		}
	}
	if err := a.classDefault(given("class"), f); err != nil {
		return err
	}
	if f.workers < 1 {
		return fmt.Errorf("--workers is %d: give 1 or more", f.workers)
	}
	if f.rejects == "" {
		f.rejects = filepath.Join(f.out, "rejects")
		if f.out == "-" {
			f.rejects = "./rejects"
		}
	}
	return noBuckets(f)
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
		syntax.DidYouMean(f.class, classes), strings.Join(classes, ", "))
}

// noBuckets refuses addresses of S3, which this version cannot write to.
func noBuckets(f *runFlags) error {
	for flag, value := range map[string]string{"--out": f.out, "--rejects": f.rejects, "--ocsf-json": f.ocsfJSON} {
		if strings.HasPrefix(value, "s3://") {
			return fmt.Errorf("%s %s: this version of sluice writes to local folders only", flag, value)
		}
	}
	return nil
}

// places are the sinks of a run.
type places struct{ sinks []*dir.Sink }

// open makes the sinks that the flags name and puts them into the config.
func (a *app) open(f *runFlags, c *pipeline.Config) (*places, error) {
	p := &places{}
	var errs []error
	folder := func(path string) *dir.Sink {
		s, err := dir.Open(path)
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		p.sinks = append(p.sinks, s)
		return s
	}
	if f.out == "-" {
		c.Events = a.Out
	} else if s := folder(f.out); s != nil {
		c.Out = s
	}
	if s := folder(f.rejects); s != nil {
		c.Rejects = s
	}
	if f.ocsfJSON != "" {
		if s := folder(f.ocsfJSON); s != nil {
			c.JSON = s
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("nothing was read or written: %w", errors.Join(append(errs, p.close())...))
	}
	return p, nil
}

func (p *places) close() error {
	var errs []error
	for _, s := range p.sinks {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
