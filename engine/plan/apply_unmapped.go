package plan

import (
	"encoding/base64"
	"strconv"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// originalKey is where `$rest` keeps a line that was repaired, in base64.
const originalKey = "_line_base64"

// pairBytes is the memory that a leaf takes besides its texts, until the alert after it.
const pairBytes = 96

// open runs a step on an open object.
func (w *Worker) open(s *step, rec *ocsf.Record) bool {
	c := &rec.Cells[s.field.Cell]
	before := len(c.Pairs)
	switch s.op {
	case opPairs:
		w.entries(s, c)
	case opRest:
		w.rest(c)
	case opKept:
		w.originals(c)
	}
	c.Set = len(c.Pairs) > 0
	w.trace.opened(s, c.Pairs[before:])
	return len(c.Pairs) > before
}

// entries adds the leaves of a value under the step's key.
func (w *Worker) entries(s *step, c *ocsf.Cell) {
	if s.program == nil {
		w.machine.Work += stepEntry
		c.Pairs = append(c.Pairs, ocsf.Pair{Key: s.key, Value: s.constant.Text})
		return
	}
	v, err := w.run(s.program)
	if err != nil {
		w.fail(failure{target: s.target, err: err})
		return
	}
	if !w.grow(s, 0) {
		return
	}
	before := len(c.Pairs)
	w.addLeaves(c, s.key, v.Decoded()) // decoded in one pass, at any depth
	for _, p := range c.Pairs[before:] {
		w.growth.bytes += stepBytes + len(p.Key) + len(p.Value)
	}
	w.origins.Write(&v)
}

// addLeaves adds the leaves of a value under a key, and returns the bytes of their keys. A
// list or object whose leaves would have more than alert.PathBytes is one leaf.
func (w *Worker) addLeaves(c *ocsf.Cell, key string, v alert.Value) (keys int) {
	before := len(c.Pairs)
	switch v.Kind {
	case alert.List:
		n := 0
		for it := v.Items(); keys <= alert.PathBytes && it.Next(); n++ {
			keys += w.addLeaves(c, key+"."+strconv.Itoa(n), it.Value())
		}
	case alert.Object:
		for _, m := range v.Members() {
			if keys <= alert.PathBytes {
				keys += w.addLeaves(c, appendName(key, m.Name), m.Value)
			}
		}
	default:
		if t, _ := text(v, w.machine.Arena); t != "" {
			c.Pairs = append(c.Pairs, ocsf.Pair{Key: key, Value: t})
			keys = len(key)
		}
	}
	if keys > alert.PathBytes && v.Kind >= alert.List {
		c.Pairs = append(c.Pairs[:before], ocsf.Pair{Key: key, Value: v.JSON()})
		w.joined, keys = true, len(key)
	}
	return keys
}

// Degraded reports whether `unmapped` has a list or object of the last alert as one text,
// because its leaves would have too long keys, or its event lacks what would make it too
// large, or too much work.
func (w *Worker) Degraded() bool {
	return w.joined || w.alert.Joined() || w.growth.refused || w.spent
}

// Bytes returns how many bytes rules have added to the event of the last alert, and how many
// the leaves take that `$rest` keeps.
func (w *Worker) Bytes() (made, kept int) { return w.growth.bytes, w.rested }

// rest adds every leaf of the alert that reached no attribute. If an entry of the
// mapping has the same key, the key of the leaf is prefixed with `alert.`.
func (w *Worker) rest(c *ocsf.Cell) {
	stated, before := keysOf(c.Pairs), len(c.Pairs)
	c.Pairs = w.alert.AppendUnwritten(w.alert.AppendRest(c.Pairs), &w.origins)
	if before > 0 || w.Original != "" || w.trace != nil { // keys are looked at
		w.leaves = alert.AppendSingly(w.leaves[:0], c.Pairs[before:])
		c.Pairs = append(c.Pairs[:before], w.leaves...)
	}
	added := c.Pairs[before:]
	if before > 0 {
		stated.giveWay(added)
	}
	for i := range added {
		if g := added[i].Group; g != nil {
			w.rested += pairBytes*len(g.Leaves) + g.Bytes
		} else {
			w.rested += pairBytes + len(added[i].Key) + len(added[i].Value)
		}
	}
	if w.Original != "" && !hasKey(c.Pairs, originalKey) {
		c.Pairs = append(c.Pairs, ocsf.Pair{Key: originalKey, Value: base64.StdEncoding.EncodeToString([]byte(w.Original))})
	}
}

// originals adds the leaves that failed conversions read, each once, if there is
// no `$rest`. It leaves the entries of the mapping unchanged.
func (w *Worker) originals(c *ocsf.Cell) {
	if !w.anyKept {
		return
	}
	w.leaves = w.leaves[:0]
	for i, kept := range w.kept {
		if kept {
			w.leaves = w.alert.AppendLeaves(w.leaves, i)
		}
	}
	added := make(map[string]bool, len(w.leaves))
	for _, p := range c.Pairs {
		added[p.Key] = true
	}
	for _, l := range w.leaves {
		if !added[l.Key] {
			added[l.Key] = true
			c.Pairs = append(c.Pairs, l)
		}
	}
}

// entryKeys are the keys of entries.
type entryKeys struct {
	few  []ocsf.Pair
	many map[string]bool
}

// fewEntries are compared one by one.
const fewEntries = 32

func keysOf(pairs []ocsf.Pair) entryKeys {
	if len(pairs) <= fewEntries {
		return entryKeys{few: pairs}
	}
	many := make(map[string]bool, len(pairs))
	for i := range pairs {
		many[pairs[i].Key] = true
	}
	return entryKeys{many: many}
}

// giveWay prefixes the keys of other entries that are among these.
func (k *entryKeys) giveWay(pairs []ocsf.Pair) {
	for i := range pairs {
		for k.has(pairs[i].Key) {
			pairs[i].Key = "alert." + pairs[i].Key
		}
	}
}

func (k *entryKeys) has(key string) bool { return hasKey(k.few, key) || k.many[key] }

func hasKey(pairs []ocsf.Pair, key string) bool {
	for i := range pairs {
		if pairs[i].Key == key {
			return true
		}
	}
	return false
}
