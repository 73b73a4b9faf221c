package memory

import (
	"cmp"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
)

const (
	// DefaultLimit is what a process without a limit of its own aims to stay under, in
	// bytes, with everything that Go's runtime manages.
	DefaultLimit = 132 << 20
	// base is what the program, its mappings and its libraries take of a limit.
	base = 32 << 20
	// least keeps a very small limit from stopping every run.
	least = 16 << 20
)

// Of returns the bytes that runs may hold where the memory of Go's runtime is limited:
// a quarter of the limit stays free, so that the garbage between two collections fits,
// and collections stay rare.
func Of(limit int64) int64 {
	if limit <= 0 || limit == math.MaxInt64 {
		limit = DefaultLimit
	}
	return max(limit/4*3-base, least)
}

// Account is a number of bytes that runs share. Its methods, and those of its Shares,
// may be called by any goroutine.
type Account struct {
	total int64
	hard  bool

	mu      sync.Mutex
	shares  []*Share      // that are open
	changed chan struct{} // closed when a Share may get what it did not get before
	asked   bool          // somebody waits for changed
	peak    int64
}

const (
	// usual is what the program takes with a small mapping, compiled.
	usual = 4 << 20
	// small is what it takes with the garbage of compiling a small mapping.
	small = 16 << 20
	// worker is what a worker of large mappings remembers of their results and values, and the
	// batches that it fills: see recalledBytes in engine/plan, knownBytes in engine/alert and idleBytes
	// in runtime/pipeline.
	worker = 10 << 20
)

// Room returns how many bytes more than its limit says the runtime should have where
// mappings, which are compiled by now, take more than a small one. Each worker remembers
// results of its own, the more of them the larger the mappings are, and a collector without
// room, which looks through all of that, would never rest. It may collect garbage.
func Room(workers int) int64 {
	return min(int64(8+2*workers)*beyond(), int64(3+workers)<<25)
}

// Within is Of for a limit that holds whatever the mappings take, which are compiled by now:
// what these take more than a small one, and their workers with them, is not for runs. It
// may collect garbage.
func Within(limit int64, workers int) int64 {
	held := beyond()
	if held > 0 {
		held += int64(workers) * (held/4 + worker)
	}
	return max(Of(limit)-held, least)
}

// beyond is how many bytes of the heap are taken by what mappings take more than a small one.
func beyond() int64 {
	// Unlike ReadMemStats this does not stop the world, which a start would notice.
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	if heap[0].Value.Uint64() < small {
		return 0
	}
	runtime.GC()
	metrics.Read(heap)
	return max(int64(heap[1].Value.Uint64())-usual, 0)
}

// New returns an Account of total bytes. If hard is set, a run that needs more fails
// with a *TooLarge; otherwise it goes on alone, beyond the total, with as little at a
// time as it can.
func New(total int64, hard bool) *Account {
	return &Account{total: total, hard: hard, changed: make(chan struct{})}
}

// Total is the number of bytes of the Account.
func (a *Account) Total() int64 { return a.total }

// Peak is the most bytes that all Shares together ever held.
func (a *Account) Peak() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.peak
}

func (a *Account) used() (sum int64) {
	for _, s := range a.shares {
		sum += s.used()
	}
	return sum
}

// Open returns the Share of a run, which the run must Close. Most bounds what it asks
// for at a time, 0 for the whole Account. Weight orders runs that have not begun, the
// lightest first: the size of the input, for one.
func (a *Account) Open(most, weight int64) *Share {
	if most <= 0 || most > a.total {
		most = a.total
	}
	s := &Share{account: a, most: most, weight: weight}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shares = append(a.shares, s)
	return s
}

// wake lets all who wait ask again.
func (a *Account) wake() {
	if a.asked {
		close(a.changed)
		a.changed, a.asked = make(chan struct{}), false
	}
}

// grants reports whether a Share gets n bytes now, as far as the others matter.
func (a *Account) grants(s *Share, n int64) bool {
	if a.first(s) == s {
		return true
	}
	if a.used()+n > a.total || !a.safeWith(s, n) {
		return false
	}
	if s.used() == 0 && a.lighterWaits(s) {
		return false
	}
	return !a.othersWait(s) || s.used()+n <= a.total/int64(a.active(s))
}

// first is the Share that needs least to its end, of those that have begun; it never
// waits for others. If none has begun, it is the lightest of those that wait and
// the one that asks.
func (a *Account) first(asking *Share) (first *Share) {
	for _, s := range a.shares {
		if s.used() > 0 && (first == nil || s.needs() < first.needs()) {
			first = s
		}
	}
	if first != nil {
		return first
	}
	for _, s := range a.shares {
		if (s.waits || s == asking) && (first == nil || s.weight < first.weight) {
			first = s
		}
	}
	return first
}

// safeWith reports whether all runs can end one after another if a Share gets n more
// bytes: there is an order in which each finds free what it may still need.
func (a *Account) safeWith(with *Share, n int64) bool {
	type claim struct{ used, needs int64 }
	claims := make([]claim, 0, 16)
	free := a.total
	for _, s := range a.shares {
		used := s.used()
		if s == with {
			used += n
		}
		if used > 0 {
			claims = append(claims, claim{used, max(0, s.most-used)})
			free -= used
		}
	}
	slices.SortFunc(claims, func(x, y claim) int { return cmp.Compare(x.needs, y.needs) })
	for _, c := range claims {
		if c.needs > free {
			return false
		}
		free += c.used
	}
	return true
}

func (a *Account) lighterWaits(s *Share) bool {
	return slices.ContainsFunc(a.shares, func(o *Share) bool {
		return o != s && o.waits && o.used() == 0 && o.weight < s.weight
	})
}

func (a *Account) othersWait(s *Share) bool {
	return slices.ContainsFunc(a.shares, func(o *Share) bool { return o != s && o.waits })
}

// active is the number of Shares that hold bytes or wait for them, with s.
func (a *Account) active(s *Share) (n int) {
	for _, o := range a.shares {
		if o == s || o.waits || o.used() > 0 {
			n++
		}
	}
	return n
}
