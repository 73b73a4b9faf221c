package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/lake"
)

// The law of this file: for any order of runs, runs with other mappings, replays of
// rejects, compactions and crashes over the same contents, from whatever place they come, each alert's
// events are in the lake exactly once, as the last mapping made them, and every other
// line is among the rejects or the unmatched alerts exactly once.
//
// It is checked on a model. After a crash several states are possible until an operation
// succeeds; the store must have one of them.

// onceMapping takes alerts of all kinds but one; its number is the message of its events.
const onceMapping = `mapping: test/once
schema: 1.1.0
class: security_finding
when: =kind != "%s"
event:
  activity_id: 1
  state_id: 1
  severity_id: 1
  time: =%s
  message: "%d"
  finding: {uid: =id, title: t}
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}, version: 1.1.0}
`

// mappings differ in what they reject, in what they do not match, and in the days of
// their events.
var onceMappings = []struct{ when, time string }{{"x", "a"}, {"none", "a ?? b"}, {"y", "b"}, {"x", "b ?? a"}}

// Windows move with the clock. A run has a mapping and a window: its variant is the
// number of the mapping, and that of the window times the number of mappings.
var onceWindows = []*lake.Window{nil, {First: 20526, Last: 20527}, {First: 20527, Last: 20528}, {First: 20000, Last: 20526}}

func onceVariants() int { return len(onceMappings) * len(onceWindows) }

// onceLine is a line of a content: an alert, or none.
type onceLine struct {
	text, id, kind string
	a, b           string // days, "" if it has no such time
}

// outcome is what a variant makes of the line: "mapping@day", "reject" or "unmatched".
func (l onceLine) outcome(variant int) string {
	mapping := variant % len(onceMappings)
	m, window := onceMappings[mapping], onceWindows[variant/len(onceMappings)]
	day := map[string]string{"a": l.a, "b": l.b, "a ?? b": l.a + l.b, "b ?? a": l.b + l.a}[m.time]
	switch {
	case l.id == "":
		return "reject"
	case l.kind == m.when:
		return "unmatched"
	case day == "" || !window.Holds(int32(20526+strings.Index("45678", day[7:8]))):
		return "reject"
	}
	return fmt.Sprintf("%d@%s", mapping, day[:8])
}

func onceContent(c int) (lines []onceLine) {
	r := rand.New(rand.NewPCG(7, uint64(c)))
	days := []string{"20260314", "20260315", "20260316"}
	millis := map[string]int64{"20260314": 1773446400000, "20260315": 1773532800000, "20260316": 1773619200000}
	for i := range 40 {
		l := onceLine{id: fmt.Sprintf("%d-%d", c, i), kind: []string{"x", "y", "z", "z", "z"}[r.IntN(5)]}
		if i%9 == 4 {
			lines = append(lines, onceLine{text: "torn " + l.id + " {"})
			continue
		}
		text := fmt.Sprintf(`{"id":%q,"kind":%q`, l.id, l.kind)
		if r.IntN(3) > 0 {
			l.a = days[r.IntN(2)]
			text += fmt.Sprintf(`,"a":%d`, millis[l.a]+int64(i))
		}
		if r.IntN(3) > 0 {
			l.b = days[1+r.IntN(2)]
			text += fmt.Sprintf(`,"b":%d`, millis[l.b]+int64(i))
		}
		l.text = text + "}"
		lines = append(lines, l)
	}
	return lines
}

// onceState is what the store may have of one content.
type onceState struct {
	outcomes string // of its lines, joined by spaces; "" if it was never run
	// broken is "" for a state that is whole, else the operation that crashed.
	broken string
}

type onceModel struct {
	contents [3][]onceLine
	may      [3]map[onceState]bool
	// compacting is true after a compaction that crashed, compacted after any.
	compacting, compacted bool
}

func newOnceModel() *onceModel {
	m := &onceModel{}
	for c := range m.contents {
		m.contents[c] = onceContent(c)
		m.may[c] = map[onceState]bool{{}: true}
	}
	return m
}

// run is a run of a content with a variant, which may have crashed.
func (m *onceModel) run(c, variant int, crashed bool) {
	var all []string
	for _, l := range m.contents[c] {
		all = append(all, l.outcome(variant))
	}
	done := onceState{outcomes: strings.Join(all, " ")}
	if !crashed {
		m.may[c] = map[onceState]bool{}
	} else {
		for s := range maps.Clone(m.may[c]) {
			m.may[c][onceState{s.outcomes, "run"}] = true
		}
	}
	m.may[c][done] = true
}

// replay is a replay of all contents with a variant.
func (m *onceModel) replay(variant int, unmatched, crashed bool) {
	for c := range m.contents {
		next := map[onceState]bool{}
		for s := range m.may[c] {
			if s.outcomes == "" || s.broken == "run" {
				next[s] = true // it is not replayed
				continue
			}
			if crashed {
				next[s], next[onceState{s.outcomes, "replay"}] = true, true
			}
			all := strings.Split(s.outcomes, " ")
			for i, l := range m.contents[c] {
				if all[i] == "reject" || unmatched && all[i] == "unmatched" {
					all[i] = l.outcome(variant)
				}
			}
			done := onceState{outcomes: strings.Join(all, " ")}
			next[done] = true
		}
		m.may[c] = next
	}
}

// whole reports whether all possible states of a content are whole.
func (m *onceModel) whole(c int) bool {
	for s := range m.may[c] {
		if s.broken != "" {
			return false
		}
	}
	return true
}

// check compares the lines of the contents in the store with what they may be. Those that
// are found are then the only ones possible.
func (m *onceModel) check(found map[string][]string) error {
	for c, lines := range m.contents {
		if !m.whole(c) {
			continue
		}
		var got []string
		for _, l := range lines {
			got = append(got, strings.Join(found[cmp.Or(l.id, l.text)], "+"))
		}
		state := onceState{outcomes: strings.Join(got, " ")}
		if strings.Trim(state.outcomes, " ") == "" {
			state = onceState{}
		}
		if !m.may[c][state] {
			var want []string
			for s := range m.may[c] {
				want = append(want, s.outcomes)
			}
			return fmt.Errorf("content %d is not in any of the %d possible states, such as (-want +got):\n%s", c, len(want),
				gocmp.Diff(numbered(lines, strings.Split(want[0], " ")), numbered(lines, got)))
		}
		m.may[c] = map[onceState]bool{state: true}
	}
	return nil
}

func numbered(lines []onceLine, outcomes []string) (all []string) {
	for i, o := range outcomes {
		all = append(all, fmt.Sprintf("%s%s: %s", lines[i].id, lines[i].text, o))
	}
	return all
}

// onceSeeds is how many sequences of operations each store gets; SLUICE_ONCE_SEQUENCES
// asks for more, SLUICE_ONCE_SEED for one.
func onceSeeds(t *testing.T) (first, number uint64) {
	if text := os.Getenv("SLUICE_ONCE_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return seed, 1
	}
	number = 8
	if testing.Short() {
		number = 3
	}
	if text := os.Getenv("SLUICE_ONCE_SEQUENCES"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		number = n
	}
	return rand.Uint64N(1 << 40), number
}

func TestEachAlertIsInTheLakeOnce(t *testing.T) {
	var engines []*engine.Engine
	for i, m := range onceMappings {
		engines = append(engines, enginetest.Compile(t, engine.Options{}, fmt.Sprintf(onceMapping, m.when, m.time, i)))
	}
	for name, open := range map[string]func(*testing.T) onceStore{
		"folder":                             onceFolder,
		"bucket":                             func(t *testing.T) onceStore { return onceBucket(t, true) },
		"bucket without the right to delete": func(t *testing.T) onceStore { return onceBucket(t, false) },
	} {
		t.Run(name, func(t *testing.T) {
			first, number := onceSeeds(t)
			raw := onceBucket(t, true)
			t.Logf("SLUICE_ONCE_SEED=%d and the %d after it", first, number-1)
			for seed := first; seed < first+number; seed++ {
				w := &onceWorld{t: t, random: rand.New(rand.NewPCG(seed, 1)), store: open(t), raw: raw, model: newOnceModel(), engines: engines}
				if err := w.sequence(10); err != nil {
					t.Fatalf("SLUICE_ONCE_SEED=%d: %v\nafter %s", seed, err, strings.Join(w.history, "\n      "))
				}
			}
		})
	}
}

// Every point of a run and of a replay is survived: with another mapping, the same one, or a
// replay as the next operation.
func TestEveryCrashIsMadeGood(t *testing.T) {
	var engines []*engine.Engine
	for i, m := range onceMappings {
		engines = append(engines, enginetest.Compile(t, engine.Options{}, fmt.Sprintf(onceMapping, m.when, m.time, i)))
	}
	raw := onceBucket(t, true)
	for name, open := range map[string]func(*testing.T) onceStore{
		"folder":                             onceFolder,
		"bucket without the right to delete": func(t *testing.T) onceStore { return onceBucket(t, false) },
	} {
		for _, crashed := range []string{"run", "replay", "compact", "undo"} {
			if (crashed == "compact" || crashed == "undo") && name != "folder" {
				continue // it joins nothing
			}
			points, step := int64(1), int64(1)
			if testing.Short() && crashed == "undo" {
				step = 5
			}
			for at := int64(1); at <= points; at += step {
				w := &onceWorld{t: t, random: rand.New(rand.NewPCG(uint64(at), 2)), store: open(t), raw: raw, model: newOnceModel(), engines: engines}
				kill := &crash{at: at, after: at%2 == 0}
				steps := []func() error{
					func() error { return w.run([]int{0}, 0, &crash{}) },
					func() error { return w.run([]int{0}, 2, kill) },
					func() error { return w.replay(3, false, &crash{}) },
					func() error { return w.run([]int{0}, int(at)%onceVariants(), &crash{}) },
				}
				switch crashed {
				case "replay":
					steps[1] = func() error { return w.replay(1, at%3 == 0, kill) }
				case "compact":
					steps = append([]func() error{func() error { return w.run([]int{1, 2}, 0, &crash{}) }}, steps...)
					steps[2] = func() error { return w.compact(kill) }
					steps = append(steps, func() error { return w.compact(&crash{}) })
				case "undo":
					both := func() error { return w.run([]int{1, 2}, 0, &crash{}) }
					join := func() error { return w.compact(&crash{}) }
					again := steps[0] // the same as before the compaction
					if at%5 == 0 {
						again = steps[3]
					}
					steps = []func() error{both, steps[0], join, steps[1], again, join}
					w.healing = true // overwrites nothing
				}
				for _, step := range steps {
					if err := errors.Join(step(), w.check()); err != nil {
						t.Fatalf("%s, a %s that is killed at point %d: %v\nafter %s", name, crashed, at, err, strings.Join(w.history, "\n      "))
					}
				}
				if kill.points.Load() >= at {
					points = at + step // there may be another
				}
			}
			if points < 5 {
				t.Errorf("%s: a %s has only %d points", name, crashed, points-1)
			}
			t.Logf("%s: %d points of a %s", name, points-1, crashed)
		}
	}
}
