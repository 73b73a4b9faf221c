package feed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// foreign packs a file in a way that cannot be read here.
func (m *manager) foreign(path, end string) {
	info, err := os.Stat(path)
	must(m.t, err)
	body := fmt.Sprintf("\xFD7zXZ\x00 %s\n%s", path, strings.Repeat("\x01\x02", 700))
	must(m.t, errors.Join(os.WriteFile(path+end, []byte(body), 0o640), os.Chtimes(path+end, info.ModTime(), info.ModTime()), os.Remove(path)))
}

// following is a follower whose rounds a test counts.
type following struct {
	*Follower
	t    *testing.T
	lake lake
	away bool
	lost []string // what was reported as lost
}

func follow(t *testing.T, m *manager, store *kept, l lake) *following {
	f := &following{t: t, lake: l}
	var err error
	f.Follower, err = NewFollower(t.Context(), Config{
		Store: store, Every: time.Hour, Poll: time.Nanosecond,
		Write: func(_ context.Context, r *Range) error {
			if f.away {
				return errors.New("the lake is away")
			}
			return f.lake.write(r)
		},
		Report: func(e Event) {
			if e.Kind == "lost" {
				f.lost = append(f.lost, e.Message)
			}
		},
	}, Files{Paths: []string{m.path()}})
	must(t, err)
	f.ending = true // no try waits
	return f
}

func (f *following) rounds() {
	for range 12 {
		must(f.t, f.round(f.t.Context(), true))
		time.Sleep(time.Microsecond)
	}
}

// lines are the ids of the alerts in the lake.
func (l lake) lines() (all []string) {
	for _, text := range l {
		for line := range strings.Lines(text) {
			id, _, _ := strings.Cut(strings.TrimPrefix(line, `{"id":"`), `"`)
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}

// Of what was rotated while the lake was away, and packed in a way that cannot be read, nothing
// is left out silently: it is lost, counted once, and named. The others are there once.
func TestFilesThatCannotBeUnpacked(t *testing.T) {
	for _, end := range []string{".xz", ".zst", ".bz2"} {
		for _, how := range []rotation{linked, renamed, shifted} {
			for _, restarts := range []bool{false, true} {
				name := fmt.Sprint(end, " ", how, " ", restarts)
				m, store, l := newManager(t, how), new(kept), lake{} // alert 1
				f := follow(t, m, store, l)
				f.rounds()
				f.away = true
				m.write(1, false)
				f.rounds()
				m.rotate(false) // 2 is in the first file, 3 in the second
				m.rotate(false) // 4 in the third
				m.rotate(true)  // 5 in the followed one; that with 4 is packed with gzip
				second := m.dated(firstDay.AddDate(0, 0, 1))
				switch how {
				case renamed:
					second = m.path() + "-" + firstDay.AddDate(0, 0, 1).Format("20060102")
				case shifted:
					second = m.path() + ".2"
				}
				m.foreign(second, end)
				if restarts {
					f.close()
					lost := f.lost
					f = follow(t, m, store, l)
					f.lost = lost
				}
				f.away = false
				f.rounds()
				f.close()
				if got := l.lines(); !slices.Equal(got, []string{"1", "2", "4", "5"}) {
					t.Errorf("%s: the lake has %v", name, got)
				}
				if len(f.lost) != 1 || !strings.Contains(f.lost[0], second+end) || f.state.Files[m.path()].Lost != 1 {
					t.Errorf("%s: lost are %v, and %d", name, f.lost, f.state.Files[m.path()].Lost)
				}
			}
		}
	}
}

// The file that is being read may be removed, or packed in a way that cannot be read: what
// was rotated after it comes next, and not the newest.
func TestTheOpenFileIsRemoved(t *testing.T) {
	for _, end := range []string{"", ".xz"} {
		for _, how := range []rotation{renamed, shifted} {
			m, store, l := newManager(t, how), new(kept), lake{}
			f := follow(t, m, store, l)
			f.rounds()
			f.away = true
			m.write(1, false)
			f.rounds()
			m.rotate(false)
			m.rotate(false)
			m.rotate(true)
			first := m.path() + "-" + firstDay.Format("20060102")
			if how == shifted {
				first = m.path() + ".3"
			}
			if end == "" {
				must(t, os.Remove(first))
			} else {
				m.foreign(first, end)
			}
			f.away = false
			f.rounds()
			f.close()
			if got := l.lines(); !slices.Equal(got, []string{"1", "2", "3", "4", "5"}) || len(f.lost) != 0 {
				t.Errorf("%q, %d: the lake has %v; lost are %v", end, how, got, f.lost)
			}
		}
	}
}

// After a start, what was being read is lost if it cannot be read any more: that is said, with
// the name of the file that it may be.
func TestTheFileThatWasReadCannotBeUnpacked(t *testing.T) {
	for _, how := range []rotation{linked, renamed, shifted} {
		m, store, l := newManager(t, how), new(kept), lake{}
		f := follow(t, m, store, l)
		f.rounds()
		f.close()
		m.write(1, false)
		first := m.path() + "-" + firstDay.Format("20060102")
		switch how {
		case linked:
			first = m.dated(firstDay)
		case shifted:
			first = m.path() + ".1"
		}
		m.rotate(false)
		m.foreign(first, ".xz")
		f = follow(t, m, store, l)
		f.rounds()
		f.close()
		if got := l.lines(); !slices.Equal(got, []string{"1", "3"}) {
			t.Errorf("%d: the lake has %v", how, got)
		}
		if len(f.lost) != 1 || !strings.Contains(f.lost[0], first+".xz") || f.state.Files[m.path()].Lost != 1 {
			t.Errorf("%d: lost are %v", how, f.lost)
		}
	}
}

// A file that is begun anew without a copy is lost as far as it was known and not read.
func TestAFileThatIsBegunAnew(t *testing.T) {
	for _, known := range []bool{false, true} {
		m, store, l := newManager(t, copied), new(kept), lake{}
		f := follow(t, m, store, l)
		f.rounds()
		if known {
			f.away = true
			m.write(1, false)
			f.rounds()
			f.away = false
		}
		must(t, os.Truncate(m.path(), 0))
		m.next = 9
		m.write(1, false)
		f.rounds()
		f.close()
		if got := l.lines(); !slices.Equal(got, []string{"1", "10"}) || (len(f.lost) == 1) != known {
			t.Errorf("%v: the lake has %v; lost are %v", known, got, f.lost)
		}
	}
}

// A copy that is written over the file makes it shorter for a while, and is the same file; so is
// one whose end is cut off for good. Of neither is anything read twice.
func TestAFileThatGetsShorter(t *testing.T) {
	for _, size := range []int64{0, 100, 1500} {
		m, store, l := newManager(t, copied), new(kept), lake{}
		m.write(60, false)
		f := follow(t, m, store, l)
		f.rounds()
		text, err := os.ReadFile(m.path())
		must(t, err)
		f.config.Poll = time.Hour // a copy that takes its time
		must(t, os.Truncate(m.path(), 0))
		f.rounds()
		must(t, os.WriteFile(m.path(), text[:size], 0o640))
		f.rounds()
		must(t, os.WriteFile(m.path(), text, 0o640))
		m.write(1, false)
		f.rounds()
		f.close()
		l.check(m, size)
		if len(f.lost) != 0 {
			t.Errorf("%d: lost are %v", size, f.lost)
		}
	}
	m, store, l := newManager(t, copied), new(kept), lake{}
	m.write(60, false)
	f := follow(t, m, store, l)
	f.rounds()
	must(t, os.Truncate(m.path(), 2<<10))
	f.rounds()
	m.write(0, false)
	_, err := m.file.WriteString("\n")
	must(t, err)
	m.write(1, false)
	f.rounds()
	f.close()
	all := l.lines()
	if n := len(slices.Compact(slices.Clone(all))); n != len(all) || !slices.Contains(all, "62") {
		t.Errorf("the lake has %v", all)
	}
}
