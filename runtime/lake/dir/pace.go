package dir

import (
	"slices"
	"sync"
	"time"
)

// pace learns which flush of small files takes less time: one of all files, which waits for
// whatever else is written to the file system, or one of each.
type pace struct {
	mu          sync.Mutex
	calls       int
	each, ofAll recent
}

const (
	// probeEvery is after how many flushes of one kind the other is tried.
	probeEvery = 64
	// worthWaiting is how much longer than that of one file a flush of all may take: it takes
	// less of a processor.
	worthWaiting = 2
	lastFew      = 5
)

// recent is what the last few flushes of a kind took. The zero value has none.
type recent struct {
	took  [lastFew]time.Duration
	count int
	usual time.Duration // their median, the lower one of two
}

// add takes another one. One that waited for what had been written before, as the first flush of all
// does behind a large download, says little about those that follow.
func (r *recent) add(took time.Duration) {
	r.took[r.count%lastFew] = max(1, took)
	r.count++
	sorted := r.took
	few := sorted[:min(r.count, lastFew)]
	slices.Sort(few)
	r.usual = few[(len(few)-1)/2]
}

// next returns whether the next file is flushed together with others, and whether that must be a
// flush of all even if there are no others.
func (p *pace) next() (together, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	probe := p.calls%probeEvery == 0
	switch {
	case p.each.count == 0:
		return false, false
	case p.ofAll.usual > worthWaiting*p.each.usual:
		return probe, probe
	}
	return !probe, false
}

// prefersAll reports whether a flush of all files has paid lately.
func (p *pace) prefersAll() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ofAll.usual <= worthWaiting*p.each.usual
}

// measure flushes, and takes the time that each of the calls has of it for one of the kinds.
func (p *pace) measure(kind *recent, calls int, flush func() error) error {
	began := time.Now()
	err := flush()
	p.add(kind, time.Since(began)/time.Duration(calls))
	return err
}

func (p *pace) add(kind *recent, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind.add(took)
}
