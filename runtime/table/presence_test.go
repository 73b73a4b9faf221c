package table

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzPresence compares a presence with a slice of what is there.
func FuzzPresence(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed, uint16(seed*11))
	}
	f.Fuzz(func(t *testing.T, seed uint64, entries uint16) {
		m := rand.New(rand.NewPCG(seed, 3))
		n := 1 + int(entries%700)
		there, p := someEntries(m, n), presence{}
		for i, is := range there {
			if is {
				p.add(i)
			}
		}
		if runs := inRuns(there); !slices.Equal(runs, p) {
			t.Fatalf("%v: added in runs %v, and one by one %v", there, runs, p)
		}
		before := 0
		for i, is := range there {
			if p.has(i) != is || p.rank(i) != before {
				t.Fatalf("entry %d of %v: has %v, rank %d", i, there, p.has(i), p.rank(i))
			}
			if is {
				before++
			}
		}
		if beyond := n + m.IntN(200); p.count() != before || p.has(beyond) || p.rank(beyond) != before {
			t.Fatalf("%v: %d, and behind them %v, %d", there, p.count(), p.has(beyond), p.rank(beyond))
		}
		from := m.IntN(n)
		to := from + m.IntN(n-from+1)
		copied, at := slices.Clone(p), n+m.IntN(100)
		copied.copy(at, p, from, to)
		for i := range to - from {
			if copied.has(at+i) != there[from+i] {
				t.Fatalf("entry %d of %v, copied to %d, is another", from+i, there, at+i)
			}
		}
		marked(t, p, there, somePlaces(m, from, to))
	})
}

// inRuns adds neighbouring entries together.
func inRuns(there []bool) presence {
	p := presence{}
	for from, i := 0, 0; i <= len(there); i++ {
		if i == len(there) || !there[i] {
			p.addAll(from, i)
			from = i + 1
		}
	}
	return p
}

// someEntries are all, none, or some of them, with long runs now and then.
func someEntries(m *rand.Rand, n int) []bool {
	there, one, run := make([]bool, n), 1+m.IntN(20), 1+m.IntN(150)*m.IntN(2)
	for i := 0; i < n; {
		is := one == 1 || m.IntN(one) == 0 && one < 20
		for k := 1 + m.IntN(run); k > 0 && i < n; k-- {
			there[i] = is
			i++
		}
	}
	return there
}

// somePlaces are entries [from, to): all, or some in another order.
func somePlaces(m *rand.Rand, from, to int) *places {
	p := &places{from: from, to: from, all: true}
	order := []int{}
	for i := from; i < to; i++ {
		order = append(order, i)
	}
	if m.IntN(2) == 0 {
		m.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		order = order[:m.IntN(len(order)+1)]
	}
	for i, at := range order {
		if i == 0 {
			*p = places{from: at, to: at, all: true}
		}
		p.add(at)
	}
	return p
}

func marked(t *testing.T, p presence, there []bool, at *places) {
	t.Helper()
	defs := make([]uint8, at.count())
	p.mark(at, defs, 3)
	for i, def := range defs {
		if (def == 3) != there[at.at(i)] {
			t.Fatalf("place %d of %v in %v has level %d", at.at(i), at, there, def)
		}
	}
}
