package lake

import "sync"

// atOnce is the most objects that are closed and committed at the same time: enough to
// hide the latency of a disk's flush or of a request.
const atOnce = 8

// closers ends objects while others are written. Run and wait belong to one goroutine.
type closers struct {
	busy chan struct{}
	wg   sync.WaitGroup
	mu   sync.Mutex
	err  error // the first
}

// run does the work in a goroutine of its own, as soon as fewer than atOnce are busy.
func (c *closers) run(work func() error) {
	if c.busy == nil {
		c.busy = make(chan struct{}, atOnce)
	}
	c.busy <- struct{}{}
	c.wg.Go(func() {
		defer func() { <-c.busy }()
		if err := work(); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.err == nil {
				c.err = err
			}
		}
	})
}

func (c *closers) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *closers) wait() error {
	c.wg.Wait()
	return c.failed()
}
