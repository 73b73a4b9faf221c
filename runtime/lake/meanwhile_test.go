package lake

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shelf is a Ledger that several runs share. Before is called once between the last look of
// a run and its manifest.
type shelf struct {
	notes
	kept   map[string][]byte
	before func()
}

func (s *shelf) Load(_ context.Context, id string) (*Manifest, error) {
	if text, ok := s.kept[id]; ok {
		return ParseManifest(text)
	}
	return nil, nil
}

func (s *shelf) Save(_ context.Context, m *Manifest) error {
	s.kept[m.ID] = m.Encode()
	return nil
}

// Intend hides the note, as a journal does.
func (s *shelf) Intend(context.Context, *Manifest) error { return nil }

func (s *shelf) SaveIf(ctx context.Context, m *Manifest, still func() (bool, error)) (bool, error) {
	if before := s.before; before != nil {
		s.before = nil
		before()
	}
	if ok, err := still(); !ok || err != nil {
		return false, err
	}
	return true, s.Save(ctx, m)
}

// plain is a shelf that cannot look last and shows notes, as a bucket does.
type plain struct{ Ledger }

func (p plain) Intend(ctx context.Context, m *Manifest) error { return p.Save(ctx, m) }

// contest is an input that several runs and replays write, with what is in the lake.
type contest struct {
	t            *testing.T
	shelf        *shelf
	ledger       Ledger
	out, rejects *memory
}

const contested = "m"

func newContest(t *testing.T, last bool) *contest {
	c := &contest{t, &shelf{notes: notes{texts: map[string][]byte{}}, kept: map[string][]byte{}}, nil, newMemory(), newMemory()}
	if c.ledger = c.shelf; !last {
		c.ledger = plain{c.shelf}
	}
	return c
}

func (c *contest) load() *Manifest {
	m, err := c.shelf.Load(c.t.Context(), contested)
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

func testKey(name string) string {
	return Partition{Source: "wazuh", Region: "r", Account: "a", Day: 20_000}.Key(name)
}

// begins begins a run, or with replay a replay, and returns what ends it: it has then written
// these objects, and these lines are rejects.
func (c *contest) begins(digest string, replay bool, objects, rejects []string) (ends func() error) {
	old, compacted := c.load(), NewCompacted(c.ledger)
	var e *Entry
	if replay {
		e = EnterReplay(compacted, old, digest, nil)
	} else {
		e = Enter(compacted, old, Manifest{ID: contested, Digest: digest}, false, nil)
	}
	return func() error {
		var keys []string
		for _, name := range objects {
			keys = append(keys, testKey(name))
		}
		if err := e.Intend(c.t.Context(), keys, rejects); err != nil {
			return err
		}
		for _, key := range keys {
			c.out.visible[key] = digest
		}
		for _, key := range rejects {
			c.rejects.visible[key] = digest
		}
		_, err := e.Finish(c.t.Context(), func(m *Manifest) {
			if !replay {
				m.Objects = nil
			}
			for _, key := range keys {
				m.Objects = append(m.Objects[:len(m.Objects):len(m.Objects)], ManifestObject{Key: key, Replay: replay})
			}
			m.Lines, m.Rejects = 5, rejects
		}, StoreConfig{Tables: []Table{testTable(c.t, "wazuh")}, Out: c.out}, c.rejects)
		return err
	}
}

// has checks what is in the lake, and that the manifest lists it.
func (c *contest) has(objects map[string]string, rejects ...string) {
	c.t.Helper()
	want := map[string]string{}
	for name, digest := range objects {
		want[testKey(name)] = digest
	}
	m := c.load()
	if diff := cmp.Diff(want, c.out.visible); diff != "" {
		c.t.Errorf("the lake: %s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), m.objectKeys()); diff != "" || m.Pending != nil {
		c.t.Errorf("the manifest, with %+v pending: %s", m.Pending, diff)
	}
	if diff := cmp.Diff(rejects, slices.Sorted(maps.Keys(c.rejects.visible))); diff != "" {
		c.t.Errorf("the rejects: %s", diff)
	}
}

func (c *contest) ends(ends func() error, want error) {
	c.t.Helper()
	if err := ends(); !errors.Is(err, want) {
		c.t.Fatalf("got %v, want %v", err, want)
	}
}

// Law: what a run or replay has written is listed when the last of those that went on at the
// same time has ended, or gone, or noted for the next run, which replaces it.
func TestRunsAndReplaysAtTheSameTime(t *testing.T) {
	for _, last := range []bool{false, true} {
		begun := func() *contest {
			c := newContest(t, last)
			c.ends(c.begins("one", false, []string{"a"}, []string{"r0"}), nil)
			c.has(map[string]string{"a": "one"}, "r0")
			return c
		}
		c := begun() // a replay ends within a run of another mapping
		run := c.begins("two", false, []string{"a", "b"}, nil)
		c.ends(c.begins("two", true, []string{"x"}, nil), nil)
		c.ends(run, nil)
		c.has(map[string]string{"a": "two", "b": "two"})

		c = begun() // and within one of the same
		run = c.begins("one", false, []string{"a"}, []string{"r0"})
		c.ends(c.begins("two", true, []string{"x"}, nil), nil)
		c.ends(run, nil)
		c.ends(c.begins("one", false, []string{"a"}, []string{"r0"}), nil)
		c.has(map[string]string{"a": "one"}, "r0")

		c = begun() // a run ends within a replay
		replay := c.begins("two", true, []string{"x"}, nil)
		c.ends(c.begins("two", false, []string{"a", "b"}, nil), nil)
		c.ends(replay, ErrOvertaken)
		c.ends(c.begins("two", false, []string{"a", "b"}, nil), nil)
		c.has(map[string]string{"a": "two", "b": "two"})

		c = begun() // two runs of different mappings
		run = c.begins("two", false, []string{"a", "b"}, nil)
		c.ends(c.begins("three", false, []string{"a", "c"}, []string{"r3"}), nil)
		c.ends(run, ErrOvertaken)
		c.ends(c.begins("three", false, []string{"a", "c"}, []string{"r3"}), nil)
		c.has(map[string]string{"a": "three", "c": "three"}, "r3")

		c = begun() // two of the same
		run = c.begins("two", false, []string{"a", "b"}, nil)
		c.ends(c.begins("two", false, []string{"a", "b"}, nil), nil)
		c.ends(run, nil)
		c.has(map[string]string{"a": "two", "b": "two"})
	}
}

// Law: so it is where the other one ends right before the manifest is written.
func TestTheLastLook(t *testing.T) {
	c := newContest(t, true)
	c.ends(c.begins("one", false, []string{"a"}, []string{"r0"}), nil)
	run := c.begins("two", false, []string{"a", "b"}, nil)
	replay := c.begins("two", true, []string{"x"}, nil)
	c.shelf.before = func() { c.ends(replay, nil) }
	c.ends(run, nil)
	c.has(map[string]string{"a": "two", "b": "two"})

	c = newContest(t, true) // also where nothing was there before
	run = c.begins("one", false, []string{"a"}, []string{"r0"})
	other := c.begins("one", false, []string{"a"}, []string{"r0"})
	c.shelf.before = func() {
		c.ends(other, nil)
		c.ends(c.begins("two", true, []string{"x"}, nil), nil)
	}
	c.ends(run, nil)
	c.ends(c.begins("one", false, []string{"a"}, []string{"r0"}), nil)
	c.has(map[string]string{"a": "one"}, "r0")
}

// seen is a shelf that shows notes and cannot look last, as a bucket. Other is called once, right
// before the look of this number.
type seen struct {
	Ledger
	looks, at int
	other     func()
}

func (l *seen) Load(ctx context.Context, id string) (*Manifest, error) {
	l.looks++
	if other := l.other; l.looks == l.at && other != nil {
		l.other = nil
		other()
	}
	m, err := l.Ledger.Load(ctx, id)
	if m != nil {
		m.Shows = true
	}
	return m, err
}

// Law: whatever ends right before any look of a run or replay, what is there then is listed, and the
// next run replaces it.
func TestLooksThatMeet(t *testing.T) {
	type op struct {
		digest  string
		replay  bool
		objects []string
		rejects []string
	}
	ops := []op{
		{"one", false, []string{"a"}, []string{"r0"}}, {"two", false, []string{"a", "b"}, nil}, {"three", false, []string{"a", "c"}, []string{"r3"}},
		{"two", true, []string{"x"}, nil}, {"three", true, []string{"y"}, []string{"r4"}},
	}
	for _, first := range ops {
		for _, second := range ops {
			for at, met := 1, true; met; at++ {
				c := newContest(t, false)
				c.ends(c.begins("one", false, []string{"a"}, []string{"r0"}), nil)
				l := &seen{Ledger: c.ledger, at: at}
				c.ledger, met = l, false
				ends := c.begins(first.digest, first.replay, first.objects, first.rejects)
				l.other = func() {
					met = true
					c.ends(c.begins(second.digest, second.replay, second.objects, second.rejects), nil)
				}
				l.looks = 0
				if err := ends(); err != nil && !errors.Is(err, ErrOvertaken) {
					t.Fatalf("%+v, then %+v before its look %d: %v", first, second, at, err)
				}
				l.other = nil
				for key := range c.out.visible {
					if !slices.Contains(c.load().objectKeys(), key) {
						t.Errorf("%s is not listed", key)
					}
				}
				for key := range c.rejects.visible {
					if !slices.Contains(c.load().keptKeys(), key) {
						t.Errorf("%s is not listed", key)
					}
				}
				c.ends(c.begins("four", false, []string{"a", "d"}, []string{"r5"}), nil)
				c.has(map[string]string{"a": "four", "d": "four"}, "r5")
				if t.Failed() {
					t.Fatalf("%+v, then %+v before its look %d", first, second, at)
				}
			}
		}
	}
}
