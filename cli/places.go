package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// places are the sinks of a run.
type places struct {
	folders []*dir.Sink
	disks   dir.Disks
	ledger  *dir.Ledger // nil where it is in a bucket, or there is none
}

// open makes the sinks that the settings name and puts them into the config.
func (a *app) open(ctx context.Context, f *runFlags, b *buckets, c *pipeline.Config) (*places, error) {
	p := &places{}
	var errs []error
	place := func(where string, ofLake bool, mode fs.FileMode) lake.Sink {
		var s lake.Sink
		var err error
		if s3.Is(where) {
			// Objects in a bucket may need their names early: see lake.Sink.
			c.EarlyIdentity = true
			s, err = b.sink(ctx, where, ofLake, c.Memory)
		} else {
			s, err = p.folder(where, mode)
		}
		errs = append(errs, err)
		return s
	}
	if f.Out == "-" {
		c.Events = a.data()
	} else {
		c.Out = place(f.Out, true, dir.Shared)
	}
	c.Rejects = place(f.Rejects, false, dir.Private)
	c.GzipRejects = s3.Is(f.Rejects)
	if f.OCSFJSON != "" {
		c.JSON = place(f.OCSFJSON, false, dir.Shared)
	}
	err := errors.Join(errs...)
	if err == nil && f.Out != "-" {
		err = p.openLedger(f, c)
	}
	if err != nil {
		return nil, fmt.Errorf("nothing was read or written: %w", errors.Join(err, p.close()))
	}
	return p, nil
}

// openLedger opens the ledger beside the rejects.
func (p *places) openLedger(f *runFlags, c *pipeline.Config) (err error) {
	c.Place = placeFrom(f.Out, f.Rejects)
	if f.OCSFJSON != "" {
		c.Copies = placeFrom(f.OCSFJSON, f.Rejects)
	}
	switch s := c.Rejects.(type) {
	case *dir.Sink:
		p.ledger, err = s.Ledger()
		c.Ledger = p.ledger
	case *s3.Sink:
		c.Ledger = s.Ledger()
	}
	c.UndoCommand = undoCommand(f)
	if lake, ok := c.Out.(lake.Repository); ok && err == nil {
		c.Undo = func(ctx context.Context, keys []string) error {
			return undoFor(ctx, lake, c.Ledger, keys, c.UndoCommand)
		}
	}
	return err
}

// placeFrom is how manifests name a place: a folder by the way from the rejects, so that
// both can be moved.
func placeFrom(out, rejects string) string {
	if s3.Is(out) {
		return strings.TrimRight(out, "/")
	}
	if !s3.Is(rejects) {
		if way, err := filepath.Rel(place(rejects), place(out)); err == nil {
			return filepath.ToSlash(way)
		}
	}
	return place(out)
}

// placeTo is the place that placeFrom named.
func placeTo(named, rejects string) string {
	if s3.Is(named) || filepath.IsAbs(filepath.FromSlash(named)) || s3.Is(rejects) {
		return named
	}
	return filepath.Join(rejects, filepath.FromSlash(named))
}

func (p *places) folder(path string, mode fs.FileMode) (lake.Sink, error) {
	s, err := dir.Open(path, mode)
	if err != nil {
		return nil, err
	}
	s.Share(&p.disks)
	p.folders = append(p.folders, s)
	return s, nil
}

func (p *places) close() error {
	var errs []error
	if p.ledger != nil {
		errs = append(errs, p.ledger.Close())
	}
	for _, s := range p.folders {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
