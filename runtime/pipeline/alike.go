package pipeline

import (
	"context"
	"slices"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table"
)

// Alerts of one kind read the same values by the same rules, and give the same attributes. With
// many rules an alert of another kind displaces all this from the caches of the processor. So a
// worker maps alerts that are alike one after another. Nothing that counts depends on it: rows of
// equal time, rejects and days are in the order of the lines.
const (
	// alikeSteps is the number of steps of a set of mappings from which on it is worth it.
	alikeSteps = 512
	// mostAlike bounds the lines that are put in order at a time.
	mostAlike = 2 << 10
	// likeBytes is the length of the end of a line by which it is like others. Alerts of Wazuh
	// end with their location: the log, or the kind of source.
	likeBytes = 20
	// leastAlike is how many lines must be alike on average.
	leastAlike = 4
)

// alike is lines of an item in the order in which a worker maps them.
type alike struct {
	lines []source.Line
	order []uint64 // what their ends are, and below it indices into lines
	left  []leftLine
	first uint32 // number in the item of the first line
	now   uint32 // that of the line that is mapped
	// rows are the numbers of the lines of which the rows of the batches came, by table.
	rows [][]uint32
}

// leftLine is one whose outcome takes effect in the order of the lines.
type leftLine struct {
	at        int // index into lines
	unmatched bool
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

// mapLines maps those that are put in order. The first line goes first, because it says of which
// day most of the others are.
func (w *worker) mapLines(ctx context.Context, it *item) error {
	a := w.alike
	defer a.next()
	a.arrange()
	if len(a.order) > 0 {
		if err := w.mapInOrder(ctx, it, 0); err != nil {
			return err
		}
	}
	for _, of := range a.order {
		if w.run.over.Load() {
			return nil // the chunks are no longer needed
		}
		w.mapEarly(it, int(uint32(of)))
		if err := w.makeRoom(ctx, it); err != nil {
			return err
		}
	}
	slices.SortFunc(a.left, func(x, y leftLine) int { return x.at - y.at })
	for _, l := range a.left {
		if l.unmatched {
			w.outcome(&it.out, a.lines[l.at], engine.Result{Outcome: engine.Unmatched})
			continue
		}
		if err := w.mapInOrder(ctx, it, l.at); err != nil {
			return err
		}
	}
	return nil
}

// mapInOrder maps a line when all before it have taken effect.
func (w *worker) mapInOrder(ctx context.Context, it *item, at int) error {
	if w.run.over.Load() {
		return nil
	}
	w.alike.now = w.alike.first + uint32(at)
	w.line(ctx, it, w.alike.lines[at])
	return w.makeRoom(ctx, it)
}

// mapEarly maps a line before others that come before it. It leaves those for later whose outcome
// depends on these, or takes effect on more than rows.
func (w *worker) mapEarly(it *item, at int) {
	a, line := w.alike, w.alike.lines[at]
	if line.Bad != nil || line.Long != nil || line.Torn != "" || line.Rejected != nil {
		a.left = append(a.left, leftLine{at: at})
		return
	}
	a.now = a.first + uint32(at)
	switch res := w.engine.Apply(line.Text); {
	case res.Outcome == engine.Dropped, res.Outcome == engine.Event && w.surelyTakes(it, res.Events):
		w.outcome(&it.out, line, res)
	case res.Outcome == engine.Unmatched:
		a.left = append(a.left, leftLine{at, true})
	default:
		w.engine.Retract(res.Events)
		a.left = append(a.left, leftLine{at: at})
	}
}

// surelyTakes reports whether events are of the day that was taken last, which lines in their order
// decide. Whether another day was taken by now would depend on other workers.
func (w *worker) surelyTakes(it *item, events []engine.Mapped) bool {
	for _, m := range events {
		day := lake.DayOf(m.Event.Time())
		if !w.run.config.Window.Holds(day) || !w.tookLast(it, day) || !w.takePartition(m, day) {
			return false
		}
	}
	return true
}

// arrange puts the lines in order but for the first. Where few are alike it leaves all for later.
func (a *alike) arrange() {
	for i := 1; i < len(a.lines); i++ {
		a.order = append(a.order, uint64(likeness(a.lines[i].Text))<<32|uint64(i))
	}
	slices.Sort(a.order)
	kinds := 0
	for i, of := range a.order {
		if i == 0 || of>>32 != a.order[i-1]>>32 {
			kinds++
		}
	}
	if kinds > 0 && len(a.order) >= leastAlike*kinds {
		return
	}
	a.order = a.order[:0]
	for i := range a.lines {
		a.left = append(a.left, leftLine{at: i})
	}
}

// next begins the next lines. It lets go of the chunk of these.
func (a *alike) next() {
	a.first += uint32(len(a.lines))
	clear(a.lines)
	a.lines, a.order, a.left = a.lines[:0], a.order[:0], a.left[:0]
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

// likeness is equal for lines with the same end.
func likeness(text string) (hash uint32) {
	text = text[max(0, len(text)-likeBytes):]
	for i := range len(text) {
		hash = (hash ^ uint32(text[i])) * 0x01000193 // as FNV does
	}
	return hash
}
