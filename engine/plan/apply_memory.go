package plan

// recalledBytes bounds the memory of all results that the Workers of a set remember, as cells,
// texts and keys. Each Worker of a run has its own, and 8 MiB bring no more hits.
const recalledBytes = 4 << 20

// Memory is what the Workers of a set remember within one bound: results of units, and which
// keys came once. It belongs to their goroutine.
type Memory struct {
	workers []*Worker
	bytes   int // that their results take
	once    once
}

// NewMemory makes a Memory that is empty.
func NewMemory() *Memory { return &Memory{} }

// join adds a Worker. It returns a number that keeps its keys apart from those of the others.
func (m *Memory) join(w *Worker) (number uint32) {
	m.workers = append(m.workers, w)
	return uint32(len(m.workers)) << 16
}

// makeRoom lets the Worker that remembers most forget half of what its units gave, if all together
// remember too much. So a mapping that takes few alerts keeps the little that it needs.
func (m *Memory) makeRoom() {
	if m.bytes <= recalledBytes {
		return
	}
	most := m.workers[0]
	for _, w := range m.workers {
		if w.recalledBytes > most.recalledBytes {
			most = w
		}
	}
	most.forgetRare()
}

// takeMemory counts bytes that results of a Worker take, or give back.
func (w *Worker) takeMemory(bytes int) {
	w.recalledBytes += bytes
	w.memory.bytes += bytes
}
