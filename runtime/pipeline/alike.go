package pipeline

import (
	"context"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table"
)

// Alerts of one kind read the same values by the same rules, and give the same attributes. With
// many rules, an alert of another kind displaces all this from the caches of the processor. So a
// worker maps alerts that are alike one after another, as long as nothing that counts depends on
// it: rows of equal time, rejects and days are in the order of the lines.
const (
	// alikeSteps is the number of steps of a set of mappings from which on it is worth it.
	alikeSteps = 512
	// mostAlike bounds the lines that are put in order at a time.
	mostAlike = 2 << 10
	// likeBytes is the length of the end of a line by which it is like others. Alerts of Wazuh
	// end with their location: the log, or the kind of source.
	likeBytes = 20
	// dayBytes is the length of the beginning, which says the day: {"timestamp":"2026-11-27.
	dayBytes = 24
	// leastAlike is how many lines must be alike on average.
	leastAlike = 4
)

// alike is neighbouring lines of an item in the order in which a worker maps them.
type alike struct {
	lines []source.Line
	early []uint64   // what the ends of lines are, and below it their indices
	late  []lateLine // in the order of the lines, when the early ones are mapped
	first uint32     // number in the item of the first line
	now   uint32     // that of the line that is mapped
	// rows are the numbers of the lines of which the rows of the batches came, by table.
	rows [][]uint32
}

// lateLine is a line whose outcome takes effect in the order of the lines.
type lateLine struct {
	at   int            // index into lines
	said *engine.Result // that it is a reject or unmatched; nil if it was not applied
}

// newAlike returns nil for a run that maps lines in their order.
func newAlike(c *Config, tables int) *alike {
	if !c.alike() {
		return nil
	}
	return &alike{rows: make([][]uint32, tables)}
}

// alike reports whether workers map lines that are alike one after another. A stream of events keeps
// the order of the lines, and so do guests, which may remember the alerts before and count each.
func (c *Config) alike() bool {
	return c.Events == nil && c.Engine.Steps() >= alikeSteps && !c.Engine.HasGuests()
}

// mapAlike maps the lines of a chunk.
func (w *worker) mapAlike(ctx context.Context, it *item, c *source.Chunk) error {
	a := w.alike
	if c == it.chunks[0] {
		a.first = 0
	}
	for line := range c.Lines() {
		if a.lines = append(a.lines, line); len(a.lines) < mostAlike {
			continue
		}
		if err := w.mapLines(ctx, it); err != nil {
			return err
		}
	}
	return w.mapLines(ctx, it)
}

// mapLines maps those that are put in order. The first ones go first, until one says of which day
// most of the others are, and as long as these could reach more partitions than they may.
func (w *worker) mapLines(ctx context.Context, it *item) error {
	a := w.alike
	defer a.next()
	for at := range a.lines {
		if err := w.mapLate(ctx, it, lateLine{at: at}); err != nil {
			return err
		}
		if (it.unit.days.most == 0 || w.dayOf == it) && w.spread.holds(len(w.batches)) {
			a.arrange(at)
			break
		}
	}
	for i, of := range a.early {
		if w.run.over.Load() {
			return nil // the chunks are no longer needed
		}
		if !w.mapEarly(it, int(uint32(of))) {
			a.leave(a.early[i:])
			break
		}
		if err := w.makeRoom(ctx, it); err != nil {
			return err
		}
	}
	slices.SortFunc(a.late, func(x, y lateLine) int { return x.at - y.at })
	for _, l := range a.late {
		if err := w.mapLate(ctx, it, l); err != nil {
			return err
		}
	}
	return nil
}

// mapEarly maps a line before others that come before it. It returns false, as if it had not, if the
// events are not of the day that was taken last: which days are taken follows from the lines in their
// order, and whether another day is taken by now from other workers.
func (w *worker) mapEarly(it *item, at int) bool {
	a, budget := w.alike, *w.budget
	a.now = a.first + uint32(at)
	res := w.engine.Apply(a.lines[at].Text)
	switch {
	case res.Outcome == engine.Dropped, res.Outcome == engine.Event && w.surelyTakes(it, res.Events):
		w.outcome(&it.out, a.lines[at], res)
	case res.Outcome == engine.Event:
		w.engine.Retract(res.Events)
		*w.budget = budget
		return false
	default:
		said := res // which is no longer valid after the next Apply
		said.Reason = strings.Clone(res.Reason)
		a.late = append(a.late, lateLine{at, &said})
	}
	return true
}

// surelyTakes reports whether events are of the day that was taken last.
func (w *worker) surelyTakes(it *item, events []engine.Mapped) bool {
	for _, m := range events {
		day := lake.DayOf(m.Event.Time())
		if !w.run.config.Window.Holds(day) || !w.tookLast(it, day) || !w.takePartition(m, day) {
			return false
		}
	}
	return true
}

// mapLate maps a line, or takes what is known to become of it, when all lines before it have taken
// effect.
func (w *worker) mapLate(ctx context.Context, it *item, l lateLine) error {
	if w.run.over.Load() {
		return nil
	}
	w.alike.now = w.alike.first + uint32(l.at)
	if line := w.alike.lines[l.at]; l.said != nil {
		w.settle(ctx, it, line, *l.said)
	} else {
		w.line(ctx, it, line)
	}
	return w.makeRoom(ctx, it)
}

// arrange puts those lines after a mapped one in order that begin as it does. All keep their order
// where few are alike.
func (a *alike) arrange(mapped int) {
	day := head(a.lines[mapped].Text)
	for at, line := range a.lines[mapped+1:] {
		at += mapped + 1
		if plain(line) && head(line.Text) == day {
			a.early = append(a.early, uint64(likeness(line.Text))<<32|uint64(at))
		} else {
			a.late = append(a.late, lateLine{at: at})
		}
	}
	slices.Sort(a.early)
	kinds := 0
	for i, of := range a.early {
		if i == 0 || of>>32 != a.early[i-1]>>32 {
			kinds++
		}
	}
	if len(a.early) < leastAlike*kinds {
		a.leave(a.early)
		a.early = a.early[:0]
	}
}

// leave has lines mapped late.
func (a *alike) leave(early []uint64) {
	for _, of := range early {
		a.late = append(a.late, lateLine{at: int(uint32(of))})
	}
}

// next begins the next lines. It lets go of the chunk of these.
func (a *alike) next() {
	a.first += uint32(len(a.lines))
	clear(a.lines)
	a.lines, a.early, a.late = a.lines[:0], a.early[:0], a.late[:0]
}

// note notes of which line the next row of a table comes.
func (a *alike) note(table int) {
	if a != nil {
		a.rows[table] = append(a.rows[table], a.now)
	}
}

// runs sorts the rows of a table.
func (w *worker) runs(table int, b *table.Batch) []lake.Run {
	if w.alike == nil {
		return lake.Runs(b)
	}
	lines := w.alike.rows[table]
	w.alike.rows[table] = lines[:0] // the next row is the first of another batch
	return lake.RunsOfLines(b, lines)
}

// plain reports whether a line is an alert as it came.
func plain(l source.Line) bool {
	return !l.Blank && l.Bad == nil && l.Long == nil && l.Torn == "" && l.Rejected == nil
}

func head(text string) string { return text[:min(len(text), dayBytes)] }

// likeness is equal for lines with the same end.
func likeness(text string) (hash uint32) {
	text = text[max(0, len(text)-likeBytes):]
	for i := range len(text) {
		hash = (hash ^ uint32(text[i])) * 0x01000193 // as FNV does
	}
	return hash
}
