package arena

import "testing"

// What is lent is zero, and no two slices share memory.
func TestLends(t *testing.T) {
	var a Arena[int]
	for round := range 3 {
		var all [][]int
		for n := range 100 {
			s := a.Make(n)
			for i := range s {
				if s[i] != 0 {
					t.Fatalf("round %d: %d at %d of %d", round, s[i], i, n)
				}
				s[i] = n
			}
			all = append(all, s)
		}
		for n, s := range all {
			s = a.Append(s, n)
			for i := range s {
				if s[i] != n || len(s) != n+1 {
					t.Fatalf("round %d: %v at %d of %d", round, s[i], i, n)
				}
			}
		}
		a.Reset()
	}
}

// Once the memory is large enough nothing is allocated, and what is too large is not kept.
func TestAllocates(t *testing.T) {
	var a Arena[int64]
	use := func() {
		var list []int64
		for i := range 1000 {
			a.Make(3)
			list = a.Append(list, int64(i))
		}
		a.Reset()
	}
	for range 3 {
		use()
	}
	if n := testing.AllocsPerRun(100, use); n != 0 {
		t.Errorf("%v allocations", n)
	}
	a.Make(mostBytes)
	for range 1000 {
		a.Make(1000)
	}
	if kept := 8 * cap(a.memory); kept > mostBytes {
		t.Errorf("keeps %d bytes", kept)
	}
}

// A nil Arena lends memory that nothing takes back.
func TestNil(t *testing.T) {
	var a *Arena[string]
	s := a.Append(a.Make(2), "third")
	if len(s) != 3 || s[2] != "third" {
		t.Errorf("%q", s)
	}
}
