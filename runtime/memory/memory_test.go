package memory

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// work is a run as the pipeline is one: a reader asks for bytes, they are mapped to
// others, some are held until there are more or the run ends, and the rest is written.
// The mapper may have to pass on parts, and waits between them.
type work struct {
	share       *Share
	chunks      int
	chunk, rows int64 // bytes of a chunk, and of what becomes of it
	holds       int64 // most bytes that are held
}

func (w *work) run(ctx context.Context) error {
	defer w.share.Close()
	mapping, writing := make(chan int64, 4), make(chan int64, 4)
	var all sync.WaitGroup
	var failed error
	all.Go(func() {
		for n := range writing {
			w.share.Add(Writing, -n)
		}
	})
	all.Go(func() {
		defer close(writing)
		held := int64(0)
		for n := range mapping {
			w.share.Move(Mapping, w.rows-n, Mapping, 0)
			w.share.Move(Mapping, -w.rows, Reading, w.rows)
			if held += w.rows; held > w.holds {
				w.share.Move(Reading, -held, Writing, held)
				writing <- held
				held = 0
			}
			if failed == nil {
				failed = w.share.Take(ctx, Mapping, 0)
			}
		}
		w.share.Move(Reading, -held, Writing, held)
		writing <- held
	})
	var err error
	for range w.chunks {
		if err = w.share.Take(ctx, Reading, w.chunk); err != nil {
			break
		}
		w.share.Move(Reading, -w.chunk, Mapping, w.chunk)
		mapping <- w.chunk
	}
	close(mapping)
	all.Wait()
	return errors.Join(err, failed)
}

// Whatever runs ask for, hold and become, each ends: no run waits for good, alone or
// beside others, within its claim or beyond it.
func TestNobodyWaitsForGood(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		a := New(1+r.Int64N(400), false)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		var all sync.WaitGroup
		for range 1 + r.IntN(12) {
			w := &work{share: a.Open(r.Int64N(500), r.Int64N(100)), chunks: 1 + r.IntN(30),
				chunk: 1 + r.Int64N(40), rows: r.Int64N(120), holds: r.Int64N(200)}
			all.Go(func() {
				if err := w.run(ctx); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		all.Wait()
		cancel()
		if t.Failed() {
			return
		}
		if n := a.used(); n != 0 || len(a.shares) != 0 {
			t.Fatalf("round %d: %d bytes of %d shares are left", round, n, len(a.shares))
		}
	}
}

// Runs that keep what they claim never hold more than there is together, however many
// there are.
func TestTotalIsKept(t *testing.T) {
	a := New(1000, true)
	var all sync.WaitGroup
	for i := range 20 {
		w := &work{share: a.Open(400, int64(i)), chunks: 50, chunk: 20, rows: 20, holds: 200}
		all.Go(func() {
			if err := w.run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if a.Peak() > a.Total() {
		t.Errorf("%d bytes were held at a time, of %d", a.Peak(), a.Total())
	}
	if a.Peak() < 400 {
		t.Errorf("only %d bytes were held at a time: runs did not share", a.Peak())
	}
}

// Of runs that have not begun, the lightest is next. While others wait, nobody but the
// run that is nearest to its end gets more than an equal share.
func TestLightestFirstAndEqualShares(t *testing.T) {
	a := New(100, false)
	first, heavy, light := a.Open(60, 5), a.Open(60, 9), a.Open(60, 1)
	take := func(s *Share, n int64) bool {
		changed, err := s.Ask(Reading, n)
		return err == nil && changed == nil
	}
	if !take(first, 50) || take(heavy, 60) {
		t.Fatal("a run got bytes without which another could not end")
	}
	if take(light, 41) {
		t.Fatal("41 bytes are not safe: 10 of the first are not taken yet")
	}
	if take(heavy, 10) {
		t.Error("a heavy run began before a light one that waits")
	}
	if !take(light, 10) || !take(heavy, 10) {
		t.Fatal("10 bytes leave what the first run still needs, and were not given")
	}
	third := a.Open(60, 3)
	if take(third, 60) || take(light, 20) {
		t.Error("a run got more than a quarter while another waits")
	}
	first.Close()
	if !take(light, 20) {
		t.Error("nobody else may end first, and the run has to wait")
	}
}

// A run that needs more than there is fails if the account is hard, instead of being
// killed; otherwise it goes on alone.
func TestTooLarge(t *testing.T) {
	var large *TooLarge
	if err := New(100, true).Open(0, 0).Take(t.Context(), Reading, 101); !errors.As(err, &large) || large.Total != 100 || large.Needed != 101 {
		t.Errorf("got %v", err)
	}
	s := New(100, false).Open(0, 0)
	if err := s.Take(t.Context(), Reading, 101); err != nil {
		t.Error(err)
	}
	if s.Try(Reading, 1) {
		t.Error("there was space beyond the total")
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	a := New(100, false)
	s := a.Open(0, 0)
	s.Add(Writing, 100)
	why := errors.New("over")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := s.Take(ctx, Reading, 1); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

// What is kept for reuse counts, and makes room for what is needed.
func TestIdleMakesRoom(t *testing.T) {
	a := New(100, false)
	s := a.Open(0, 0)
	dropped := make(chan struct{}, 1)
	s.Drop(func() { dropped <- struct{}{} })
	other := a.Open(0, 0)
	if other.Add(Writing, 30); s.Keep(71) {
		t.Fatal("beside 30 of another run 70 of 100 bytes can be kept, and no more")
	}
	other.Close()
	s.Add(Mapping, 40)
	if !s.Keep(60) || s.Keep(1) {
		t.Fatal("beside 40 of 100 bytes 60 can be kept, and no more")
	}
	s.Add(Mapping, -40)
	s.Reuse(20)
	if err := s.Take(t.Context(), Reading, 60); err != nil {
		t.Fatal(err)
	}
	if s.idle != 40 {
		t.Fatalf("%d bytes are idle: 40 and 60 used bytes fit", s.idle)
	}
	if err := s.Take(t.Context(), Reading, 1); err != nil {
		t.Fatal(err)
	}
	<-dropped
}

func TestOf(t *testing.T) {
	for limit, want := range map[int64]int64{0: Of(DefaultLimit), 341 << 20: 341<<20/4*3 - base, 1: least} {
		if got := Of(limit); got != want {
			t.Errorf("of a limit of %d: %d, want %d", limit, got, want)
		}
	}
}

// What is there before a run, beyond the usual, gets room; what is garbage does not, and
// there is a bound.
func TestRoom(t *testing.T) {
	large := make([]byte, 24<<20)
	large[0] = 1
	with := Room(2)
	runtime.KeepAlive(large)
	large = nil
	if without := Room(2); with < 150<<20 || with > 160<<20 || without > 100<<20 {
		t.Errorf("with 24 MiB in use the room is %d MiB, and %d MiB when they are garbage", with>>20, without>>20)
	}
	larger := make([]byte, 160<<20)
	larger[0] = 1
	if two, eight := Room(2), Room(8); two != 160<<20 || eight != 352<<20 {
		t.Errorf("with 160 MiB in use the room is %d MiB for two workers, and %d MiB for eight", two>>20, eight>>20)
	}
	runtime.KeepAlive(larger)
}

// What mappings take of a limit that is given is not for runs, nor what their workers
// remember, the more of it the more workers there are.
func TestWithin(t *testing.T) {
	large := make([]byte, 24<<20)
	large[0] = 1
	of := Of(256 << 20)
	if two, eight := of-Within(256<<20, 2), of-Within(256<<20, 8); two < 24<<20+2*worker || two > 60<<20 || eight < two+6*worker {
		t.Errorf("with 24 MiB in use two workers take %d MiB off what runs may hold, eight %d MiB", two>>20, eight>>20)
	}
	if got := Within(1, 8); got != least {
		t.Errorf("of nothing runs may hold %d bytes, not the least", got)
	}
	runtime.KeepAlive(large)
}
