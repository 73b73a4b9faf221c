package dir

import (
	"sync"
	"time"
)

// pace learns which flush of small files takes less time: one of all files, which waits for
// whatever else is written to the file system, or one of each.
type pace struct {
	mu          sync.Mutex
	calls       int
	each, ofAll time.Duration // on average, of the last few
}

const (
	// probeEvery is after how many flushes of one kind the other is tried.
	probeEvery = 64
	// worthWaiting is how much longer than that of one file a flush of all may take: it takes
	// less of a processor.
	worthWaiting = 2
	lastFew      = 8
)

// next returns whether the next file is flushed together with others, and whether that must be a
// flush of all even if there are no others.
func (p *pace) next() (together, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	probe := p.calls%probeEvery == 0
	switch {
	case p.each == 0:
		return false, false
	case p.ofAll > worthWaiting*p.each:
		return probe, probe
	}
	return !probe, false
}

// prefersAll reports whether a flush of all files has paid lately.
func (p *pace) prefersAll() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ofAll <= worthWaiting*p.each
}

// measure flushes, and takes the time that each of the calls has of it for one of the averages.
func (p *pace) measure(average *time.Duration, calls int, flush func() error) error {
	began := time.Now()
	err := flush()
	p.add(average, time.Since(began)/time.Duration(calls))
	return err
}

func (p *pace) add(average *time.Duration, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *average == 0 {
		*average = max(1, took)
	}
	*average += (took - *average) / lastFew
}
