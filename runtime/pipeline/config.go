package pipeline

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table"
)

// Config says what a run reads, how it maps and where it writes.
type Config struct {
	Engine *engine.Engine
	Inputs []source.Input
	Read   source.Options
	// Merge makes one unit of all inputs: their rows share objects, which are named
	// by all their identities in order. The unit is written completely or not at
	// all, so an input that cannot be read fails it.
	Merge bool
	// EarlyIdentity hashes regular files before they are read, so that their objects
	// have names from the beginning, for sinks that need the key early.
	EarlyIdentity bool

	// Workers, at least 1, is the number of goroutines that map and encode.
	Workers int
	// Memory is the run's share of the account of bytes of the process, which the caller
	// closes; nil for an account of its own. It decides how much is in progress at a
	// time, and nothing about the objects.
	Memory *memory.Share

	// Sources are the custom sources of the engine's mappings, one for each; nil for
	// those that the function Sources returns without a given source. With Region
	// and Account they make the partition (see lake.CheckValue).
	Sources         []string
	Region, Account string

	Limits lake.Limits
	Table  table.Options

	Out  lake.Sink // Parquet objects; not used with Events
	JSON lake.Sink // the same events as JSON lines, gzip; nil for none
	// Events, if not nil, gets the events as JSON lines in the order of the input,
	// instead of the lake.
	Events io.Writer

	// Rejects gets lines that could not become events as <name>.ndjson, and alerts
	// that no mapping matches as unmatched/<name>.ndjson, one object for each input
	// that has any.
	Rejects lake.Sink
	// GzipRejects compresses them, and adds .gz to their names.
	GzipRejects bool
	// RejectBytes, if not 0, is the number of bytes of lines after which another
	// object of rejects starts: it bounds a sink that holds objects in memory until
	// they have a name.
	RejectBytes int64

	// Examples keeps an example of each failed conversion in the Result. They may
	// quote alerts, so they are for a terminal and not for logs.
	Examples bool

	Progress *Progress // nil for none
}

// Progress counts while a run is in progress; any goroutine may read it. The counts are
// ahead of what is written, and include inputs that fail later.
type Progress struct {
	BytesIn, Lines, Events, Rejects, Unmatched atomic.Int64
}

func (c *Config) check() error {
	switch {
	case c.Engine == nil || len(c.Engine.Mappings) == 0:
		return errors.New("there is no mapping: name at least one")
	case c.Workers < 1:
		return fmt.Errorf("the number of workers is %d: it must be at least 1", c.Workers)
	case c.Out == nil && c.Events == nil:
		return errors.New("there is no output: name a folder or a bucket")
	case c.Rejects == nil:
		return errors.New("there is no place for rejects: name a folder or a bucket")
	}
	if c.Sources == nil {
		var err error
		if c.Sources, err = Sources(c.Engine, nil); err != nil {
			return err
		}
	}
	return errors.Join(append(c.checkPartition(), c.Limits.Check())...)
}

func (c *Config) checkPartition() []error {
	if n, mappings := len(c.Sources), len(c.Engine.Mappings); n != mappings {
		return []error{fmt.Errorf("there are %d custom sources for %d mappings: give each mapping one", n, mappings)}
	}
	if c.Events != nil {
		return nil
	}
	errs := []error{lake.CheckValue("region", c.Region), lake.CheckValue("account", c.Account)}
	for i, source := range c.Sources {
		if m := &c.Engine.Mappings[i]; m.Layout != nil {
			errs = append(errs, lake.CheckValue("source of mapping "+m.Name, source))
		}
	}
	filled := map[string]bool{}
	for _, t := range Tables(c.Engine, c.Sources) {
		if filled[t.Source] {
			errs = append(errs, fmt.Errorf("mappings of several classes or OCSF versions have the source %q: give each class one of its own", t.Source))
		}
		filled[t.Source] = true
	}
	return errs
}

// tables returns the tables of the run, and for each mapping the one that it fills: -1
// for a mapping that drops alerts.
func (c *Config) tables() (tables []lake.Table, of []int) {
	of = slices.Repeat([]int{-1}, len(c.Engine.Mappings))
	for i, t := range Tables(c.Engine, c.Sources) {
		tables = append(tables, lake.Table{Source: t.Source, Schema: table.NewSchema(t.Layout)})
		for _, m := range t.Mappings {
			of[m] = i
		}
	}
	return tables, of
}

func (c *Config) mappingNames() (names []string) {
	for _, m := range c.Engine.Mappings {
		names = append(names, m.Name)
	}
	return names
}

// settings are what decides how rows are divided into objects, for their names.
func (c *Config) settings() string {
	return fmt.Sprintf("%+v chunk %d", c.Limits.WithDefaults(), c.Read.ChunkBytes)
}
