package plan

import "github.com/sluice-lake/sluice/engine/alert"

const (
	// After a trial of that many alerts, a unit is given up whose values are nearly always
	// new, until a pause of that many is over.
	recallTrial = 256
	recallPause = 64 * recallTrial
)

// look finds what a unit gave for the values of the alert. If it finds nothing, learn
// says whether its result is worth remembering under w.key.
func (w *Worker) look(m *recall) (known *recalled, learn bool) {
	if m.pause > 0 {
		m.pause--
		return nil, false
	}
	m.looked++
	named := w.keyOf(m)
	if named {
		if at := w.findKey(&m.keys); at >= 0 {
			return m.use(at), false
		}
	}
	m.fresh++
	if m.looked >= recallTrial && m.fresh*8 > m.looked*7 {
		w.giveUp(m)
		return nil, false
	}
	return nil, named && w.memory.once.again(w.number+uint32(m.unit.number), w.key.hash)
}

// key is what a unit follows from in the current alert: the numbers of its values.
type key struct {
	numbers [mostReads]uint32
	size    int
	hash    uint32
}

func (k *key) list() []uint32 { return k.numbers[:k.size] }

// findKey returns the number of w.key, or -1, with which its hash is set. Alerts that follow each
// other often have the same.
func (w *Worker) findKey(k *keys) int {
	key := w.key.list()
	if k.last < k.count && equal(k.at(k.last, len(key)), key) {
		return k.last
	}
	w.key.hash = hashOf(key)
	at := k.find(key, w.key.hash)
	if at >= 0 {
		k.last = at
	}
	return at
}

// keyOf sets w.key. It returns false if one of the values has no number.
func (w *Worker) keyOf(m *recall) bool {
	if m.rare < len(m.wants) && w.alert.Known(m.wants[m.rare]) == alert.Unique {
		return false
	}
	k := &w.key
	k.size = len(m.wants) + len(m.asked)
	for at, i := range m.wants {
		n := w.alert.Known(i)
		if n == alert.Unique {
			m.rare = at // the others need no number the next time
			return false
		}
		k.numbers[at] = n
	}
	for at, i := range m.asked {
		k.numbers[len(m.wants)+at] = w.existence(i)
	}
	return true
}

// Numbers that stand for all values that are there, where their contents do not count.
const (
	emptyText = alert.Missing + 1 // is not nil, and `??` takes its right side
	somewhat  = alert.Missing + 2
)

// existence is the number in a key of a wanted value of which only the existence counts.
func (w *Worker) existence(i int) uint32 {
	switch kind, text := w.alert.KindOf(i); {
	case kind == alert.Nil:
		return alert.Missing
	case kind != alert.Text:
		return somewhat
	case text == "":
		return emptyText
	case w.plan.absent != nil && w.plan.absent.Has(text):
		return alert.Missing
	}
	return somewhat
}

func (w *Worker) giveUp(m *recall) {
	w.takeMemory(-m.forget())
	m.looked, m.fresh, m.pause = 0, 0, recallPause
}
