package memory

import "testing"

// Try gives what is free of the run's claim and of the Account, to the byte, whatever
// stages the run's bytes are of. Nobody waits here, so no run is held to an equal share.
func TestTry(t *testing.T) {
	for stage := range Stage(stages) {
		a := New(100, false)
		light, heavy := a.Open(30, 0), a.Open(90, 0)
		light.Add(stage, 20)
		if light.Try(Mapping, 11) || !light.Try(Mapping, 10) {
			t.Errorf("stage %d: a run with 20 of 30 bytes gets other than 10", stage)
		}
		if heavy.Try(stage, 71) || !heavy.Try(stage, 70) {
			t.Errorf("stage %d: beside 30 of 100 bytes a run gets other than 70", stage)
		}
	}
}

// While another run waits, one that does not end first may have an equal share, and not
// a byte more.
func TestEqualShare(t *testing.T) {
	a := New(90, false)
	first, second, waiting := a.Open(20, 0), a.Open(90, 0), a.Open(10, 0)
	first.Add(Mapping, 20)
	if changed, err := waiting.Ask(Reading, 71); changed == nil || err != nil {
		t.Fatal("70 bytes are free, and a run got 71")
	}
	if second.Try(Reading, 31) || !second.Try(Reading, 30) {
		t.Error("a third of 90 bytes is 30")
	}
	second.Close()
	if changed, err := waiting.Ask(Reading, 10); changed != nil || err != nil {
		t.Fatal("a run does not get 10 of 70 bytes")
	}
	if !a.Open(60, 0).Try(Reading, 60) {
		t.Error("nobody waits any more, and a run does not get more than its share")
	}
}

// Spare gives what neither the run nor another one may still ask for; Return takes it back.
func TestSpare(t *testing.T) {
	for _, test := range []struct {
		name        string
		hard        bool
		takes, want int64 // what another run has, and what is spare
		waits       bool
	}{
		{"alone", false, 0, 40, false},
		{"hard: a third is for runs to come", true, 0, 10, false},
		{"beside one that needs nothing more", false, 15, 25, false},
		{"another one waits", false, 15, 0, true},
	} {
		a := New(90, test.hard)
		s, other := a.Open(50, 0), a.Open(15, 0)
		s.Add(Writing, 30)
		other.Add(Mapping, test.takes)
		if test.waits {
			if changed, _ := a.Open(90, 0).Ask(Reading, 61); changed == nil {
				t.Fatalf("%s: it got more than there is", test.name)
			}
		}
		if s.Spare(test.want + 1) {
			t.Errorf("%s: more than %d bytes are spare", test.name, test.want)
		}
		if test.want > 0 && !s.Spare(test.want) || s.used() != 30+test.want || s.needs() != 20 {
			t.Errorf("%s: %d bytes are not spare, or of those that the run may claim", test.name, test.want)
		}
		s.Return(test.want)
		if s.used() != 30 || s.needs() != 20 {
			t.Errorf("%s: after Return the run has %d bytes and needs %d", test.name, s.used(), s.needs())
		}
	}
}
