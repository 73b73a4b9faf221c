package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table"
)

// Config says what a run reads, how it maps and where it writes.
type Config struct {
	Engine *engine.Engine
	// Inputs are read in their order, those of listings one by one as they are listed. A
	// merged run and a replay take no listings.
	Inputs []source.Input
	// Ended, if not nil, gets what became of each input, in their order, in place of
	// Result.Inputs, which takes memory for each, and of what Run's error says of inputs
	// that failed. It is called from one goroutine at a time, and may keep what it gets.
	Ended func(*Input)
	Read  source.Options
	// Merge makes one unit of all inputs: their rows share objects, which are named
	// by all their identities in order. The unit is written completely or not at
	// all, so an input that cannot be read fails it.
	Merge bool
	// EarlyIdentity is for sinks that may need keys early. The first bytes of an input are
	// read before anything is written: if they are all of it, its objects have names from the
	// beginning. A sink that needs the key of another object has the input read for it.
	EarlyIdentity bool

	// Workers, at least 1, is the number of goroutines that map and encode.
	Workers int
	// Memory is the run's share of the account of bytes of the process, which the caller
	// closes; nil for an account of its own. It decides how much is in progress at a
	// time, and nothing about the objects.
	Memory *memory.Share

	// Warm keeps what runs have learned and allocated, for those after them; nil for nothing.
	Warm *Warm

	// Sources are the custom sources of the engine's mappings, one for each; nil for
	// those that the function Sources returns without a given source. With Region
	// and Account they make the partition (see lake.CheckValue).
	Sources         []string
	Region, Account string

	// Window is the days that events may be of, nil for all; MaxDays is how many days
	// those of each input may be of, 0 for any number. Alerts with other events are
	// rejects. TakeDays sets both.
	Window  *lake.Window
	MaxDays int

	Limits lake.Limits
	Table  table.Options

	Out  lake.Sink // Parquet objects; not used with Events
	JSON lake.Sink // the same events as JSON lines, gzip; nil for none
	// Events, if not nil, gets the events as JSON lines in the order of the input,
	// instead of the lake.
	Events io.Writer

	// Rejects gets lines that could not become events as <name>.ndjson, and alerts
	// that no mapping matches as unmatched/<name>.ndjson, one object for each input
	// that has any. See lake.Namer for the name.
	Rejects lake.Sink
	// Ledger keeps a manifest for each input beside the rejects, so that this run
	// replaces what earlier ones made of the same content; nil for none, and not used
	// with Events.
	Ledger lake.Ledger
	// Place and Copies are how the manifests name Out and JSON, MappingNames and Strict
	// what they say of the mappings. Variant is the result of the function Variant.
	Place, Copies string
	MappingNames  []string
	ClassSources  map[string]string
	Strict        bool
	Variant       string
	// Undo undoes the compactions that joined the objects of these keys, so that the run
	// can replace their events; nil where nobody may. UndoCommand is what does the same
	// by hand for a partition, without that.
	Undo        func(ctx context.Context, keys []string) error
	UndoCommand string
	// Overwrite writes objects again that are there and equal, according to the ledger.
	Overwrite bool
	// Pending is what an earlier run over the inputs was about to write, and noted elsewhere
	// than in the ledger; nil for nothing.
	Pending *lake.Pending
	// LeavesPlan is the plan (Manifest.Plan) that was given up: its inputs get objects of
	// their own. An input of any other plan fails with a *lake.PlannedError.
	LeavesPlan string
	// Replay, if not nil, has for each of the Inputs the manifest of which it is the
	// rejects. What becomes of them is added to what the manifest lists, and
	// replaces its rejects. ReplayUnmatched says that the unmatched alerts are among
	// the Inputs too.
	Replay          []*lake.Manifest
	ReplayUnmatched bool
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

// Variant is what decides what mappings make of an alert beside their texts and settings:
// the revision of the engine, its options, and the digest of their WebAssembly modules.
func Variant(strict bool, modules string) string {
	return fmt.Sprint("revision ", engine.Revision, " ", strict, " ", modules)
}

// TakeDays takes what the settings say of event days at a time.
func (c *Config) TakeDays(s *settings.Settings, now time.Time) {
	first, last := s.EventDays.At(now)
	c.Window, c.MaxDays = &lake.Window{First: first, Last: last}, s.MaxEventDays
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
	case c.Replay != nil && (c.Ledger == nil || len(c.Replay) != len(c.Inputs) || c.Merge):
		return errors.New("a replay needs a ledger, a manifest for each input, and no merging")
	case (c.Merge || c.Replay != nil) && slices.ContainsFunc(c.Inputs, func(in source.Input) bool { return in.Listing != nil }):
		return errors.New("a merged run and a replay need their inputs, and no listings: list them before")
	}
	if c.Sources == nil {
		c.Sources = Sources(c.Engine, nil)
	}
	return errors.Join(append(c.checkPartition(), c.Limits.Check(), c.checkReplay())...)
}

// checkReplay returns an error if a replay would fill other tables than the runs over the
// input did: their manifest cannot list what is there.
func (c *Config) checkReplay() error {
	for _, m := range c.Replay {
		for _, t := range Tables(c.Engine, c.Sources) {
			if !slices.Contains(m.Sources, t.Source) {
				return fmt.Errorf("the mappings fill the custom source %s, and the rejects of %s are of %s: give the replay the --source and --class-source of that run, or run %s again",
					t.Source, m.Name, strings.Join(m.Sources, ", "), m.Name)
			}
		}
	}
	return nil
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
	filled := Tables(c.Engine, c.Sources)
	layouts := make([]*ocsf.Layout, len(filled))
	for i, t := range filled {
		layouts[i] = t.Layout
	}
	schemas := table.NewSchemas(layouts...)
	for i, t := range filled {
		tables = append(tables, lake.Table{Source: t.Source, Schema: schemas[i]})
		for _, m := range t.Mappings {
			of[m] = i
		}
	}
	return tables, of
}

// ManifestOf returns a function that makes the manifest of content, by its identity, with
// where a run of this configuration writes, and nothing of what it makes.
func (c *Config) ManifestOf() func(identity string) *lake.Manifest {
	tables, _ := c.tables()
	to := c.destination(tables)
	return func(identity string) *lake.Manifest {
		return &lake.Manifest{ID: lake.ManifestID(identity, to), Identity: identity, Destination: to}
	}
}

func (c *Config) mappingNames() (names []string) {
	for _, m := range c.Engine.Mappings {
		names = append(names, m.Name)
	}
	return names
}

// destination is where the run writes, as manifests have it. Without a lake it keeps the
// lines apart that different mappings reject.
func (c *Config) destination(tables []lake.Table) lake.Destination {
	d := lake.Destination{Out: c.Place, Region: c.Region, Account: c.Account, Sources: c.mappingNames()}
	if c.Events == nil {
		d.Sources = nil
		for _, t := range tables {
			d.Sources = append(d.Sources, t.Source)
		}
	}
	slices.Sort(d.Sources)
	return d
}

// digest is of all that decides what becomes of an alert.
func (c *Config) digest() string {
	parts := []string{c.settings(), c.Variant}
	if c.MaxDays > 0 {
		parts = append(parts, fmt.Sprint("days ", c.MaxDays))
	}
	for i, m := range c.Engine.Mappings {
		parts = append(parts, m.Name, m.Digest, c.Sources[i])
	}
	return lake.Digest(parts...)
}

// settings are what decides how rows are divided into objects, for their names.
func (c *Config) settings() string {
	s := fmt.Sprintf("%+v chunk %d", c.Limits.WithDefaults(), c.Read.ChunkBytes)
	if c.alike() {
		s += " alike" // batches weigh a little more or less
	}
	return s
}
