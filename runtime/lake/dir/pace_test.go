package dir

import (
	"testing"
	"testing/synctest"
	"time"
)

// Law: after a while nearly all files are flushed in the way that pays now, and a few in the other,
// so that a change is noticed.
func TestPaceFollowsTheDisk(t *testing.T) {
	var p pace
	for _, disk := range []struct {
		each, ofAll time.Duration // what a flush takes
		together    bool
	}{{1000, 1500, true}, {1000, 5000, false}, {1000, 1000, true}, {10, 1000, false}, {400, 500, true}} {
		with := 0
		for i := range 4000 {
			together, all := p.next()
			if all && !together {
				t.Fatal("a flush of all without others")
			}
			took, kind := disk.each, &p.each
			if together {
				took, kind = disk.ofAll, &p.ofAll
			}
			p.add(kind, took)
			if i >= 3000 && together {
				with++
			}
		}
		if most := with > 500; most != disk.together || with == 0 || with == 1000 || min(with, 1000-with) > 50 {
			t.Errorf("%d of 1000 files were flushed together where that takes %d, and %d alone", with, disk.ofAll, disk.each)
		}
		if p.prefersAll() != disk.together {
			t.Errorf("where a flush of all takes %d, and %d alone, it prefers all: %v", disk.ofAll, disk.each, !disk.together)
		}
	}
}

// Law: a flush that waited once for what others had written, the first one or any other, decides
// for no more files than until the next try.
func TestPaceForgetsAWait(t *testing.T) {
	for _, slow := range []int{0, 1, 40, 1000} {
		var p pace
		alone, flushes := 0, 0
		for range 3000 {
			together, _ := p.next()
			if !together {
				alone++
				p.add(&p.each, 1000)
				continue
			}
			took := time.Duration(1500)
			if flushes == slow {
				took = 1000 * 1000
			}
			flushes++
			p.add(&p.ofAll, took)
		}
		if most := 3000/probeEvery + 2*probeEvery; alone > most {
			t.Errorf("%d of 3000 files were flushed alone since flush %d of all took long", alone, slow)
		}
	}
}

// A flush of all counts for each of the calls that wait for it.
func TestPaceCountsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pace
		for range 100 {
			if err := p.measure(&p.ofAll, 20, func() error { time.Sleep(20 * time.Millisecond); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if p.ofAll.usual != time.Millisecond {
			t.Errorf("a flush of 20 ms for 20 calls counts as %v", p.ofAll.usual)
		}
	})
}
