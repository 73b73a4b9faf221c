package lake

import "sync"

// Abreast is the most objects that are read or removed at the same time.
const Abreast = 16

// Each calls do for 0 to n-1, up to Abreast at a time, and returns the first error. After an
// error it begins no more.
func Each(n int, do func(i int) error) error {
	var (
		mu    sync.Mutex
		wait  sync.WaitGroup
		first error
		next  int
	)
	work := func() {
		for {
			mu.Lock()
			i := next
			next++
			stop := first != nil || i >= n
			mu.Unlock()
			if stop {
				return
			}
			if err := do(i); err != nil {
				mu.Lock()
				if first == nil {
					first = err
				}
				mu.Unlock()
			}
		}
	}
	for range min(n, Abreast) {
		wait.Go(work)
	}
	wait.Wait()
	return first
}
