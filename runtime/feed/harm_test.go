package feed

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// harms are what happens to a packed file, of which that many of ten lines can be unpacked then.
var harms = []struct {
	name  string
	harm  func(packed []byte) []byte
	lines func(n int) bool
}{
	{"empty", func([]byte) []byte { return nil }, func(n int) bool { return n == 0 }},
	{"no gzip", func([]byte) []byte { return []byte("this is another thing\n") }, func(n int) bool { return n == 0 }},
	{"cut in its head", func(b []byte) []byte { return b[:5] }, func(n int) bool { return n == 0 }},
	{"cut", func(b []byte) []byte { return b[:len(b)-len(b)/3] }, func(n int) bool { return n > 0 && n < 10 }},
	{"without its end", func(b []byte) []byte { return b[:len(b)-3] }, func(n int) bool { return n == 10 }},
	{"changed", func(b []byte) []byte {
		return append(append(slices.Clone(b[:len(b)/2]), 0xff, 0xff, 0xff, 0xff), b[len(b)/2+4:]...)
	}, func(n int) bool { return n < 10 }},
	{"another sum", func(b []byte) []byte { b[len(b)-8] ^= 1; return b }, func(n int) bool { return n == 10 }},
	{"something behind it", func(b []byte) []byte { return append(b, "something else"...) }, func(n int) bool { return n == 10 }},
}

// harmedManager has a packed file of ten alerts, 2 to 11, behind one that was read, and 12 and 13
// behind that.
func harmedManager(t *testing.T, how rotation, harm func([]byte) []byte, begin func(*manager)) (m *manager, packed string) {
	m = newManager(t, how)
	begin(m)
	m.rotate(true)
	m.write(9, false)
	packed = m.dated(m.day) + ".gz"
	if how == renamed {
		packed = m.path() + "-" + m.day.Format("20060102") + ".gz"
	}
	m.rotate(true)
	m.write(1, false)
	body, err := os.ReadFile(packed)
	must(t, err)
	info, err := os.Stat(packed)
	must(t, err)
	must(t, os.WriteFile(packed, harm(slices.Clone(body)), 0o640))
	must(t, os.Chtimes(packed, info.ModTime(), info.ModTime()))
	return m, packed
}

// Of a damaged file that rotation has packed, everything is read that can be unpacked, once; that
// the rest is lost is said, once; and what comes after it is read as well.
func TestDamagedFiles(t *testing.T) {
	for _, test := range harms {
		for _, how := range []rotation{linked, renamed} {
			for _, restarts := range []bool{false, true} {
				name := fmt.Sprint(test.name, " ", how, " ", restarts)
				store, l := new(kept), lake{}
				var f *following
				m, packed := harmedManager(t, how, test.harm, func(m *manager) {
					f = follow(t, m, store, l)
					f.rounds()
				})
				for range 3 {
					if restarts {
						f.close()
						lost := f.lost
						f = follow(t, m, store, l)
						f.lost = lost
						must(t, f.round(t.Context(), true))
					}
					f.rounds()
				}
				f.close()
				got := slices.DeleteFunc(l.lines(), func(id string) bool { return len(id) > 2 }) // the last may be torn
				rest := slices.DeleteFunc(slices.Clone(got), func(id string) bool { return id == "1" || id == "12" || id == "13" })
				if len(got)-len(rest) != 3 || len(slices.Compact(got)) != len(got) || !test.lines(len(rest)) {
					t.Errorf("%s: the lake has %v", name, got)
				}
				if len(f.lost) != 1 || !strings.Contains(f.lost[0], packed) || f.state.Files[m.path()].Lost != 1 {
					t.Errorf("%s: lost are %v, and %d", name, f.lost, f.state.Files[m.path()].Lost)
				}
			}
		}
	}
}

// A damaged file may be written still, or a whole one be put in its place: it is waited for.
func TestADamagedFileIsWaitedFor(t *testing.T) {
	for _, test := range harms[:6] {
		for _, anew := range []bool{false, true} {
			store, l := new(kept), lake{}
			var f *following
			var whole []byte
			m, packed := harmedManager(t, linked, func(b []byte) []byte { whole = slices.Clone(b); return test.harm(b) }, func(m *manager) {
				f = follow(t, m, store, l)
				f.rounds()
				f.close()
			})
			f = follow(t, m, store, l)
			f.config.Poll = time.Hour // a minute takes days
			f.rounds()
			if len(l) != 1 || len(f.lost) > 0 {
				t.Errorf("%s: it was not waited for: %v, %v", test.name, l.lines(), f.lost)
			}
			if anew {
				must(t, os.Rename(packed, packed+".damaged"))
			}
			must(t, os.WriteFile(packed, whole, 0o640))
			f.rounds()
			f.close()
			if got := l.lines(); len(got) != 13 || len(f.lost) > 0 {
				t.Errorf("%s, %v: the lake has %v; lost are %v", test.name, anew, got, f.lost)
			}
			l.check(m, test.name)
		}
	}
}

// A dated file that is a link which leads nowhere is no reason to go on without it, silently.
func TestADatedFileThatLeadsNowhere(t *testing.T) {
	store, l, said := new(kept), lake{}, []string{}
	var f *following
	m, packed := harmedManager(t, linked, func(b []byte) []byte { return b }, func(m *manager) {
		f = follow(t, m, store, l)
		f.rounds()
	})
	defer func() { f.close() }()
	f.config.Report = func(e Event) { said = append(said, e.Message) }
	must(t, os.Rename(packed, packed+".away"))
	must(t, os.Symlink(packed+".there", packed))
	f.rounds()
	if len(l) != 1 || len(said) == 0 || !strings.Contains(strings.Join(said, "\n"), packed+" is a link that leads nowhere") {
		t.Errorf("the lake has %v, and it said %q", l.lines(), said)
	}
	must(t, os.Rename(packed+".away", packed+".there"))
	f.rounds()
	l.check(m, "")
}

// A file that was empty when it was last looked at is found again however it was rotated and
// packed meanwhile, though the followed file has its inode by now, as file systems do.
func TestAnEmptyFileWhoseInodeIsAnothers(t *testing.T) {
	for _, how := range []rotation{linked, renamed, shifted} {
		store, l := new(kept), lake{}
		m := &manager{t: t, how: how, dir: t.TempDir(), day: time.Now().Add(time.Hour), empty: true}
		m.begin()
		f := follow(t, m, store, l)
		f.rounds()
		f.close()
		if f.state.Files[m.path()].File.Born == 0 {
			t.Log("this file system does not know when files were made")
			if how != linked {
				continue
			}
		}
		m.empty = false
		m.write(2, false)
		m.rotate(true)
		m.rotate(true)
		info, err := os.Stat(m.path())
		must(t, err)
		state, err := ParseState(store.text)
		must(t, err)
		c := state.Files[m.path()]
		c.File.Device, c.File.Inode = nodeOf(info)
		store.text, err = json.Marshal(state)
		must(t, err)
		f = follow(t, m, store, l)
		f.rounds()
		f.close()
		if len(f.lost) > 0 {
			t.Errorf("%d: lost are %v", how, f.lost)
		}
		l.check(m, how)
	}
}
