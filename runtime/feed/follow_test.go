package feed

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// manager writes alerts.json as Wazuh's manager does, and rotates it in one of three ways.
type manager struct {
	t       *testing.T
	how     rotation
	dir     string
	day     time.Time
	file    *os.File
	empty   bool // new files are
	next    int  // id of the next alert
	partial string
	left    string // what the file is called while it was left and there is no new one
}

type rotation int

const (
	linked   rotation = iota // as Wazuh does: a new file, the old one stays in a dated folder
	renamed                  // a new file, the old one stays beside it
	copied                   // the same file, begun anew
	shifted                  // renamed to alerts.json.1, and what had that name to alerts.json.2
	recopied                 // copied to alerts.json.1, in the same way
	synced                   // never, but brought there anew whenever there is more, as rsync does
	rotations
)

var firstDay = time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC)

func newManager(t *testing.T, how rotation) *manager {
	m := &manager{t: t, how: how, dir: t.TempDir(), day: firstDay}
	m.begin()
	return m
}

func (m *manager) path() string { return filepath.Join(m.dir, "alerts.json") }

func (m *manager) dated(day time.Time) string {
	return filepath.Join(m.dir, day.Format("2006/Jan"), "ossec-alerts-"+day.Format("02")+".json")
}

// begin begins a file, with one alert unless it may be empty: what was empty when it was copied
// and begun anew, nobody can know.
func (m *manager) begin() {
	must(m.t, os.RemoveAll(m.path()))
	f, err := os.OpenFile(m.path(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	must(m.t, err)
	m.file = f
	if m.how == linked {
		must(m.t, os.MkdirAll(filepath.Dir(m.dated(m.day)), 0o750))
		must(m.t, os.Link(m.path(), m.dated(m.day)))
	}
	if m.empty {
		return
	}
	m.write(1, false)
}

// write appends alerts. The last may be cut, and is completed by the next write.
func (m *manager) write(n int, cut bool) {
	text := m.partial
	for range n {
		text += m.line()
	}
	m.partial = ""
	if cut {
		line := m.line()
		text, m.partial = text+line[:5], line[5:]
	}
	if m.how == synced {
		m.sync(text)
		return
	}
	_, err := m.file.WriteString(text)
	must(m.t, err)
}

// sync puts a file with more text in the place of the file.
func (m *manager) sync(text string) {
	before, err := os.ReadFile(m.path())
	must(m.t, err)
	must(m.t, os.WriteFile(m.path()+".part", append(before, text...), 0o640))
	must(m.t, os.Rename(m.path()+".part", m.path()))
}

func (m *manager) line() string {
	m.next++
	return fmt.Sprintf("{\"id\":\"%d\",\"pad\":%q}\n", m.next, strings.Repeat("x", m.next%90))
}

// act writes or rotates.
func (m *manager) act(random *rand.Rand) {
	switch op := random.IntN(8); {
	case m.how == synced:
		m.write(random.IntN(40), random.IntN(2) == 0)
	case op == 0 && m.left == "":
		m.leave()
	case op == 1 && m.left != "":
		m.anew(random.IntN(2) == 0)
	case op == 2 && m.left == "":
		m.rotate(random.IntN(2) == 0)
		for _, other := range []string{".state", ".bak", ".2026.lock", "x"} {
			must(m.t, os.WriteFile(m.path()+other, []byte("no alert\n"), 0o640))
		}
	default:
		m.write(random.IntN(40), random.IntN(2) == 0)
	}
}

// rotate goes on in a new file, as at midnight, or in the same from its beginning.
func (m *manager) rotate(pack bool) {
	m.leave()
	m.anew(pack)
}

// leave gives the file to the past. If it was renamed, it is appended to until anew.
func (m *manager) leave() {
	m.left = m.path() + "-" + m.day.Format("20060102")
	if m.how == shifted || m.how == recopied {
		m.left = m.path() + ".1"
		m.shift()
	}
	switch m.how {
	case linked:
		m.left = m.dated(m.day)
	case renamed, shifted:
		must(m.t, os.Rename(m.path(), m.left))
	}
}

func (m *manager) anew(pack bool) {
	m.write(0, false)
	old := m.left
	m.left = ""
	if m.how == copied || m.how == recopied {
		text, err := os.ReadFile(m.path())
		must(m.t, err)
		must(m.t, os.WriteFile(old, text, 0o640))
	}
	must(m.t, os.Chtimes(old, m.day, m.day)) // a file system's clock may be slower than this test
	m.day = m.day.AddDate(0, 0, 1)
	if m.how == copied || m.how == recopied {
		must(m.t, os.Truncate(m.path(), 0))
		m.write(1, false)
	} else {
		must(m.t, m.file.Close())
		m.begin()
	}
	if pack {
		m.pack(old)
	}
}

// shift makes room for alerts.json.1, as logrotate does.
func (m *manager) shift() {
	for n := m.days(); n > 0; n-- {
		for _, packed := range []string{"", ".gz"} {
			err := os.Rename(fmt.Sprintf("%s.%d%s", m.path(), n, packed), fmt.Sprintf("%s.%d%s", m.path(), n+1, packed))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				m.t.Fatal(err)
			}
		}
	}
}

// days is how often the file was rotated.
func (m *manager) days() int { return int(m.day.Sub(firstDay).Hours() / 24) }

// pack packs a file, which keeps its time, as gzip does.
func (m *manager) pack(path string) {
	text, err := os.ReadFile(path)
	must(m.t, err)
	info, err := os.Stat(path)
	must(m.t, err)
	f, err := os.Create(path + ".gz")
	must(m.t, err)
	z := gzip.NewWriter(f)
	_, err = z.Write(text)
	must(m.t, errors.Join(err, z.Close(), f.Close(), os.Chtimes(path+".gz", info.ModTime(), info.ModTime()), os.Remove(path)))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kept is a Store in memory, which outlives those who use it.
type kept struct {
	text  []byte
	fails func() (stores, answers bool) // nil for a Store that never fails
}

func (k *kept) Load(context.Context) ([]byte, error) { return k.text, nil }

func (k *kept) Save(_ context.Context, text []byte) error {
	stores, answers := true, true
	if k.fails != nil {
		stores, answers = k.fails()
	}
	if stores {
		k.text = text
	}
	if !stores || !answers {
		return errors.New("the store is away")
	}
	return nil
}

// failing makes it fail at random, or not at all.
func (k *kept) failing(random *rand.Rand, fails bool) {
	k.fails = nil
	if fails {
		k.fails = func() (bool, bool) { return random.IntN(10) > 0, random.IntN(10) > 0 }
	}
}

// lake keeps what ranges wrote by their identities, as objects of the same name replace
// each other.
type lake map[string]string

func (l lake) write(r *Range) error {
	in := r.Input()
	from, err := in.Open(context.Background())
	if err != nil {
		return err
	}
	defer from.Close()
	text, err := io.ReadAll(from)
	if err == nil {
		l[r.Identity] = string(text)
	}
	return err
}

// check fails unless every alert is there once.
func (l lake) check(m *manager, seed any) {
	m.t.Helper()
	times := map[string]int{}
	for _, text := range l {
		for line := range strings.Lines(text) {
			times[line]++
		}
	}
	n := m.next
	m.next = 0
	for range n {
		if line := m.line(); times[line] != 1 {
			m.t.Fatalf("seed %v: alert %d is there %d times", seed, m.next, times[line])
		}
	}
	if len(times) != n {
		m.t.Fatalf("seed %v: %d different lines, not %d", seed, len(times), n)
	}
}

var errCrash = errors.New("killed")

// once follows until everything that is complete is written, or until it is killed. With
// kills the manager goes on meanwhile.
func once(t *testing.T, m *manager, store *kept, l lake, random *rand.Rand, kills bool) {
	store.failing(random, kills)
	ctx, cancel := context.WithCancel(context.Background())
	away := 0 // rounds for which the lake is away
	f, err := NewFollower(ctx, Config{
		Store: store, Every: time.Hour, Poll: time.Nanosecond,
		Write: func(_ context.Context, r *Range) error {
			if away--; away >= 0 || kills && random.IntN(4) == 0 {
				return errors.New("the lake is away")
			}
			err := l.write(r)
			if kills && random.IntN(8) == 0 {
				return errors.New("the answer was lost")
			}
			return err
		},
		At: func(string) error {
			if kills && random.IntN(6) == 0 {
				return errCrash
			}
			return nil
		},
		Report: func(e Event) {
			t.Log(e.Kind, e.Message, e.Range)
			if e.Kind == "lost" {
				t.Error(e.Message)
			}
		},
	}, Files{Paths: []string{m.path()}, Most: 1 + random.Int64N(600)})
	must(t, err)
	defer f.close()
	f.ending = true // no try waits
	rounds := 4     // a rotation is believed at the second look
	if !kills {
		rounds = 100
	}
	if kills && random.IntN(2) == 0 {
		rounds, away = 12, random.IntN(6)
	}
	for range rounds {
		if err := f.round(ctx, true); err != nil {
			if !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
			break
		}
		if rounds == 12 {
			m.act(random)
		}
		time.Sleep(time.Microsecond)
	}
	cancel()
}

// Law: whatever the manager does to its file, and wherever the follower is killed, each
// alert is in the lake once.
func FuzzFollow(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		m, l := newManager(t, rotation(random.IntN(int(rotations)))), lake{}
		store := new(kept)
		once(t, m, store, l, random, false)
		m.empty = m.how == linked && seed%2 == 0
		for range 30 {
			op := random.IntN(8)
			t.Log("op", op, m.next)
			switch op {
			case 0, 1, 2, 3:
				m.act(random)
			default:
				once(t, m, store, l, random, true)
			}
		}
		if m.left != "" {
			m.anew(false)
		}
		m.write(1, false)
		once(t, m, store, l, random, false)
		l.check(m, seed)
	})
}

func TestOneHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	first, err := OpenStateFile(path)
	must(t, err)
	if _, err := OpenStateFile(path); err == nil || !strings.Contains(err.Error(), "another process uses the state") {
		t.Fatalf("the second holder got %v", err)
	}
	must(t, first.Close())
	second, err := OpenStateFile(path)
	must(t, err)
	must(t, second.Close())
}

// What is away is asked less and less often, however often alerts are due, and at the end
// once more. What was due in the meantime does not wait for its turn again.
func TestFailuresWaitLonger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.json")
	must(t, os.WriteFile(path, []byte("{}\n"), 0o600))
	away, tries := true, 0
	store := &kept{}
	f, err := NewFollower(t.Context(), Config{Store: store, Every: time.Second,
		Write: func(context.Context, *Range) error {
			if tries++; away {
				return errors.New("the lake is away")
			}
			return nil
		}}, Files{Paths: []string{path}})
	must(t, err)
	defer f.close()
	l := f.tails[0].base()
	rounds := func(want int) {
		t.Helper()
		tries = 0
		for i := range 5 {
			must(t, f.round(t.Context(), i == 0))
		}
		if tries != want {
			t.Errorf("%d tries, want %d", tries, want)
		}
	}
	must(t, f.round(t.Context(), false)) // opens the file
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		rounds(1)
		rounds(0)
		if l.wait != wait {
			t.Errorf("the next try waits for %v, want %v", l.wait, wait)
		}
		l.retry = time.Now().Add(-time.Second)
	}
	away = false
	rounds(1)
	must(t, os.WriteFile(path, []byte("{}\n{}\n"), 0o600))
	f.origins.retry = time.Now().Add(time.Hour) // as when files cannot be listed
	must(t, f.round(t.Context(), true))
	f.origins.retry = time.Time{}
	tries = 0
	must(t, f.round(t.Context(), false))
	if tries != 1 {
		t.Errorf("what was due while nothing could be tried was tried %d times", tries)
	}
	away = true
	must(t, os.WriteFile(path, []byte("{}\n{}\n{}\n"), 0o600))
	rounds(1)
	f.ending = true
	tries = 0
	must(t, f.round(t.Context(), true))
	if tries != 1 {
		t.Errorf("at the end %d tries", tries)
	}
}

// A file that is not there is waited for, and that is said once.
func TestAFileThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.json")
	ctx, stop := context.WithCancel(t.Context())
	said, lines := 0, 0
	store, err := OpenStateFile(filepath.Join(t.TempDir(), "state"))
	must(t, err)
	defer store.Close()
	f, err := NewFollower(ctx, Config{Store: store, Every: 20 * time.Millisecond, Poll: 5 * time.Millisecond,
		Write: func(_ context.Context, r *Range) error {
			lines++
			stop()
			return nil
		},
		Report: func(e Event) {
			if e.Kind == "missing" {
				said++
				time.AfterFunc(60*time.Millisecond, func() { _ = os.WriteFile(path, []byte("{}\n"), 0o600) })
			}
		}}, Files{Paths: []string{path}})
	must(t, err)
	must(t, f.Run(ctx))
	if said != 1 || lines != 1 {
		t.Errorf("it was said %d times, and %d ranges were written", said, lines)
	}
}

// A new file that cannot be read is said, after the old one was read to its end, and read once
// it can be.
func TestANewFileThatCannotBeRead(t *testing.T) {
	path, l, said := filepath.Join(t.TempDir(), "alerts.json"), lake{}, []string{}
	must(t, os.WriteFile(path, []byte("{\"first\":1}\n"), 0o600))
	f, err := NewFollower(t.Context(), Config{Store: &kept{}, Every: time.Hour, Poll: time.Nanosecond,
		Write:  func(_ context.Context, r *Range) error { return l.write(r) },
		Report: func(e Event) { said = append(said, e.Kind+" "+e.Message) },
	}, Files{Paths: []string{path}})
	must(t, err)
	defer f.close()
	f.ending = true
	rounds := func() {
		for range 5 {
			must(t, f.round(t.Context(), true))
			time.Sleep(time.Microsecond)
		}
	}
	rounds()
	must(t, os.WriteFile(path, []byte("{\"first\":1}\n{\"more\":1}\n"), 0o600))
	must(t, os.Rename(path, path+".1"))
	must(t, os.Mkdir(path, 0o700))
	rounds()
	if len(l) != 2 {
		t.Errorf("%d ranges of the old file were written: %v", len(l), l)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "failed it cannot be read: "+path+" is not a regular file") {
		t.Errorf("it was not said that the new file is a folder:\n%s", all)
	}
	must(t, os.Remove(path))
	must(t, os.WriteFile(path, []byte("{\"second\":2}\n"), 0o600))
	rounds()
	if len(l) != 3 {
		t.Errorf("%d ranges were written: %v\n%s", len(l), l, strings.Join(said, "\n"))
	}
}
