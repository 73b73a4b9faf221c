package source

import "sync"

// readAbreast is the most inputs that are looked at or hashed at the same time: enough
// to hide the latency of a disk or a bucket.
const readAbreast = 8

// abreast calls do for 0 to n-1, several at the same time, and returns when all have
// returned.
func abreast(n int, do func(i int)) {
	var next sync.Mutex
	var all sync.WaitGroup
	at := 0
	take := func() int {
		next.Lock()
		defer next.Unlock()
		at++
		return at - 1
	}
	for range min(n, readAbreast) {
		all.Go(func() {
			for i := take(); i < n; i = take() {
				do(i)
			}
		})
	}
	all.Wait()
}
