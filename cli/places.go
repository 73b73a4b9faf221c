package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// places are the sinks of a run.
type places struct{ folders []*dir.Sink }

// open makes the sinks that the settings name and puts them into the config.
func (a *app) open(ctx context.Context, f *runFlags, b *buckets, c *pipeline.Config) (*places, error) {
	p := &places{}
	var errs []error
	place := func(where string, ofLake bool) lake.Sink {
		var s lake.Sink
		var err error
		if s3.Is(where) {
			// Objects in a bucket want their names early: see lake.Sink.
			c.EarlyIdentity = true
			s, err = b.sink(ctx, where, ofLake)
		} else {
			s, err = p.folder(where)
		}
		errs = append(errs, err)
		return s
	}
	if f.Out == "-" {
		c.Events = a.data()
	} else {
		c.Out = place(f.Out, true)
	}
	c.Rejects = place(f.Rejects, false)
	c.GzipRejects = s3.Is(f.Rejects)
	if f.OCSFJSON != "" {
		c.JSON = place(f.OCSFJSON, false)
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
