package pipeline

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// unit is what is written completely or not at all: one input, or all of them if they are
// merged. It passes from the reader to the appender to the committer; each uses its own
// fields, and those that the ones before it have filled in.
type unit struct {
	number int
	inputs []source.Input
	uuid   string         // the name from Logstash's, "" for none
	replay *lake.Manifest // of the input whose rejects these are, nil for others
	names  *lake.Names
	result *Input

	early   string // the identity if it is known before the unit is read, or was found since
	known   identities
	pending *item // chunks that are not sent yet
	failed  error // why reading failed
	skipped bool  // not read, because it has the content of an earlier unit

	appender  *lake.Appender // nil when events go to a stream
	rejects   keeper
	folds     folds
	foldable  bool // its lines can be found again
	unmatched keeper
	counts    Counts
	made      []int64 // events by mapping
	refused   refused
	days      days
	items     int // sent

	store  *lake.Store // nil before the first group
	bytes  int64       // encoded
	repeat bool        // has the content of an earlier unit
}

// item is chunks that pass from the reader through a worker to the appender, or the end
// of a unit.
type item struct {
	unit   *unit
	number int // in the unit
	chunks []*source.Chunk
	size   int  // bytes of the chunks
	whole  bool // they are all of the unit that has rows
	// parts passes on what became of the first lines where it takes much memory, out
	// the rest.
	parts chan *mapped
	out   mapped
	// places is the number of places that it takes among the items in progress.
	places int
	done   chan struct{} // closed when out is complete

	end      bool
	identity string // of a unit that was read whole
	err      error  // of one that was not
}

// job is a group that passes from the appender through a worker to the committer, or the
// end of a unit.
type job struct {
	unit    *unit
	group   *lake.Group
	encoded lake.Encoded
	err     error // of encoding, or why the unit failed
	done    chan struct{}
	// reserved is the bytes that it has of the run's memory.
	reserved int64

	end      bool
	identity string
}

// eachUnit begins the units, one after another.
func (r *run) eachUnit(ctx context.Context) iter.Seq[*unit] {
	return func(yield func(*unit) bool) {
		if r.config.Merge {
			r.rest = nil
			yield(r.newUnit(r.inputs))
			return
		}
		for first, in := range source.Each(ctx, r.inputs) {
			if ctx.Err() != nil {
				return
			}
			r.rest = r.inputs[first:]
			if !yield(r.newUnit([]source.Input{in})) {
				return
			}
		}
		r.rest = nil
	}
}

// newUnit begins the next unit, of these inputs.
func (r *run) newUnit(inputs []source.Input) *unit {
	u := &unit{number: r.units, inputs: inputs, result: &Input{Name: unitName(inputs)}, made: make([]int64, len(r.config.Engine.Mappings))}
	r.units++
	u.days.most = r.config.MaxDays * len(inputs)
	u.rejects = r.keeper("rejects", "")
	u.unmatched = r.keeper("unmatched", "unmatched/")
	u.names = r.namesOf(u)
	u.foldable = !slices.ContainsFunc(inputs, func(in source.Input) bool { return in.Size < 0 })
	if len(inputs) == 1 {
		u.result.Identity = inputs[0].Identity
		r.nameOfLogstash(u)
	}
	if r.config.Replay != nil {
		u.replay = r.config.Replay[u.number]
	}
	if r.config.Events == nil {
		u.appender = lake.NewAppender(r.config.Limits, r.config.Region, r.config.Account, r.tables)
	}
	if r.mayRepeat() {
		r.contents.named(u.result.Name)
	}
	r.outcomes.begin(u)
	return u
}

// nameOfLogstash gives a unit the name of Logstash's that its input has. Two contents under
// one uuid would overwrite each other: the second is named by its content, like any other
// input.
func (r *run) nameOfLogstash(u *unit) {
	uuid, ok := source.LogstashName(u.inputs[0].Name)
	if !ok || r.config.Replay != nil {
		return
	}
	if f := fingerprintOf(uuid); !r.uuids[f] {
		r.uuids[f], u.uuid = true, uuid
	}
}

// mayRepeat reports whether the content of an input may be that of another, so that it is not
// written. Rejects of two inputs may be the same, and a stream of events gets what comes.
func (r *run) mayRepeat() bool { return r.config.Events == nil && r.config.Replay == nil }

func unitName(inputs []source.Input) string {
	if len(inputs) == 1 {
		return inputs[0].Name
	}
	return inputs[0].Name + " and the inputs merged with it"
}

func (r *run) keeper(kind, folder string) keeper {
	c := r.config
	return keeper{sink: c.Rejects, kind: kind, folder: folder, gzip: c.GzipRejects, partBytes: c.RejectBytes}
}

// named names what a unit writes. It looks the unit up in the ledger.
func (r *run) named(ctx context.Context, u *unit, identity string) (n lake.Named, err error) {
	if n.Entry, err = r.enter(ctx, u, identity); err == nil {
		n.Namer = r.namer(u, n.Entry, identity)
	}
	return n, err
}

func (r *run) namer(u *unit, e *lake.Entry, identity string) lake.Namer {
	in := u.inputs[0]
	n := lake.Namer{Identity: identity, UUID: u.uuid, Settings: r.settings, Manifest: lake.ManifestID(identity, r.to),
		Day: in.Modified.UTC().Format("20060102"), Origin: in.Name}
	if e != nil {
		n.UUID, n.Generation, n.Series = e.UUID(), e.Generation(), e.Series()
	}
	if u.replay != nil {
		// The rejects that are read are part of the name: what a later replay makes of
		// those that stay must not overwrite what this one makes of the others.
		n.Identity, n.UUID, n.Manifest = lake.Digest("replay", u.replay.ID, identity), "", u.replay.ID
	}
	return n
}

// identity returns the identity of a unit that was read, "" if that failed.
func (u *unit) identity() string {
	switch {
	case u.failed != nil:
		return ""
	case u.early != "":
		return u.early
	}
	return joined(u.known.all())
}

// abort discards what the unit has not committed, and notes what it has.
func (u *unit) abort() error {
	var err error
	if u.store != nil {
		err = u.store.Abort()
		u.result.Objects = u.store.Committed()
	}
	return errors.Join(err, u.rejects.abort(), u.unmatched.abort())
}
