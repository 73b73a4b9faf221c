//go:build unix

package cli_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/indexer/indexertest"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// Law: while alerts arrive at any rate, files are rotated, stores fail, and the processes
// that write and compact a lake are killed at any time, each alert and each other line
// gets into the lake or among the rejects once.
//
// `make soak` runs this test for long.
func TestSoak(t *testing.T) {
	t.Parallel()
	kills := soakSetting(t, "KILLS", 0)
	if kills == 0 && testing.Short() {
		t.Skip("takes seconds")
	}
	seed := uint64(soakSetting(t, "SEED", time.Now().UnixNano()))
	t.Logf("SLUICE_SOAK_SEED=%d", seed)
	for i, name := range []string{"follow, folder", "follow, bucket", "pull, folder", "pull, bucket"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &soak{t: t, random: rand.New(rand.NewPCG(seed, uint64(i))), kills: int(kills), rate: soakSetting(t, "RATE", 400),
				ends: time.Now().Add(time.Duration(soakSetting(t, "SECONDS", 7200)) * time.Second)}
			if kills == 0 {
				s.kills = 6
			}
			if strings.HasSuffix(name, "folder") {
				s.lake = newSoakFolder(s)
			} else {
				s.lake = newSoakBucket(s)
			}
			if strings.HasPrefix(name, "follow") {
				s.feed = &soakFile{alertsFile: newAlertsFile(t)}
			} else {
				s.feed = newSoakIndex(s)
			}
			s.run()
		})
	}
}

// soakSetting reads a variable of make soak.
func soakSetting(t *testing.T, name string, or int64) int64 {
	t.Helper()
	text := os.Getenv("SLUICE_SOAK_" + name)
	if text == "" {
		return or
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("SLUICE_SOAK_%s: %v", name, err)
	}
	return n
}

type soak struct {
	t      *testing.T
	random *rand.Rand
	lake   soakLake
	feed   soakFeed
	kills  int
	rate   int64
	ends   time.Time

	compactions, compacted int // calls of compact, and those that ended by themselves
}

// soakLake is where the alerts go.
type soakLake interface {
	// call returns the arguments and the environment of a process that writes the lake.
	call() (args, env []string)
	// compact is call for one that compacts it.
	compact() (args, env []string)
	// trouble lets the store fail, or heals it.
	trouble(healed bool)
	// files are those of the lake and of the rejects.
	files() map[string][]byte
}

// soakFeed is where alerts come from.
type soakFeed interface {
	// args are the command and its arguments.
	args() (args, env []string)
	// arrive lets alerts arrive, and whatever else happens to such a source.
	arrive(n int, random *rand.Rand)
	// settle ends what is half done, and returns how many alerts there were.
	settle() int
}

func (s *soak) start(args, env []string) *exec.Cmd {
	name := "sluice"
	if s.random.IntN(4) == 0 && len(args) > 0 && args[0] != "compact" { // a disk that is full after some KiB
		args = append([]string{"-c", fmt.Sprintf(`ulimit -f %d && exec sluice "$@"`, 4+s.random.IntN(60)), "sh"}, args...)
		name = "sh"
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	return cmd
}

func (s *soak) writer() *exec.Cmd {
	args, env := s.feed.args()
	more, also := s.lake.call()
	return s.start(append(args, more...), append(env, also...))
}

// run kills, and lets a last process do what is left.
func (s *soak) run() {
	began, killed := time.Now(), 0
	s.feed.arrive(1, rand.New(rand.NewPCG(0, 0))) // which rotates nothing
	first := s.healthy(s.feed.settle())           // the first start begins with the file as it is
	_ = errors.Join(first.Process.Kill(), first.Wait())
	for killed < s.kills && time.Now().Before(s.ends) {
		cmd := s.writer()
		compacting := s.compacting()
		for range 1 + s.random.IntN(40) {
			s.feed.arrive(s.random.IntN(2*int(s.rate)/50+1), s.random)
			if s.random.IntN(30) == 0 {
				s.lake.trouble(s.random.IntN(2) == 0)
			}
			time.Sleep(20 * time.Millisecond)
		}
		_ = errors.Join(cmd.Process.Kill(), cmd.Wait())
		killed++
		compacting()
	}
	s.lake.trouble(true)
	written := s.feed.settle()
	cmd := s.healthy(written)
	if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
		s.t.Errorf("it was asked to end, and says: %v", err)
	}
	s.settleCompaction()
	s.compare(written)
	s.verify()
	s.t.Logf("%d kills in %v; %d alerts and other lines; %d compactions, of which %d ended before they were killed",
		killed, time.Since(began).Round(time.Second), written, s.compactions, s.compacted)
}

// healthy starts a process that nothing is in the way of, and waits until that many alerts
// are in the lake.
func (s *soak) healthy(written int) *exec.Cmd {
	args, env := s.feed.args()
	more, also := s.lake.call()
	cmd := exec.Command("sluice", append(args, more...)...)
	cmd.Env = append(append(os.Environ(), env...), also...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for waited := time.Now(); time.Since(waited) < 2*time.Minute && len(foundIn(s.t, s.lake.files())) < written; {
		time.Sleep(200 * time.Millisecond)
	}
	return cmd
}

// compacting starts a compaction, or none, and returns what kills it.
func (s *soak) compacting() (kill func()) {
	if s.random.IntN(3) > 0 {
		return func() {}
	}
	cmd := s.start(s.lake.compact())
	s.compactions++
	return func() {
		if s.random.IntN(2) == 0 {
			time.Sleep(time.Duration(s.random.IntN(1000)) * time.Millisecond)
		}
		_ = cmd.Process.Kill()
		if cmd.Wait() == nil {
			s.compacted++
		}
	}
}

// settleCompaction lets a compaction end what others have begun.
func (s *soak) settleCompaction() {
	args, env := s.lake.compact()
	cmd := exec.Command("sluice", args...)
	cmd.Env = append(os.Environ(), env...)
	if text, err := cmd.CombinedOutput(); err != nil && !strings.Contains(string(text), "there are no manifests") {
		s.t.Errorf("the last compaction: %v\n%s", err, text)
	}
}

// verify lets the lake be judged.
func (s *soak) verify() {
	args, env := s.lake.compact()
	cmd := exec.Command("sluice", "verify", args[len(args)-1])
	cmd.Env = append(os.Environ(), env...)
	if text, err := cmd.CombinedOutput(); err != nil {
		s.t.Errorf("the lake is not as it must be: %v\n%s", err, text)
	}
}

// compare compares what arrived with what is in the lake.
func (s *soak) compare(written int) {
	times := foundIn(s.t, s.lake.files())
	lost, doubled := 0, 0
	for n := 1; n <= written; n++ {
		switch times[fmt.Sprint(n)] {
		case 0:
			lost++
		case 1:
		default:
			doubled++
		}
	}
	if lost+doubled > 0 || len(times) != written {
		s.t.Errorf("of %d alerts and other lines %d are lost and %d are there several times; %d are not of these", written, lost, doubled, len(times)+lost-written)
	}
}

// soakFile is a file that grows, with lines that are written in two parts.
type soakFile struct {
	*alertsFile
	rest string // of the last line
}

func (f *soakFile) args() (args, env []string) {
	return []string{"follow", "--every", "1s", f.path()}, nil
}

func (f *soakFile) arrive(n int, random *rand.Rand) {
	f.settle()
	f.append(n)
	if random.IntN(60) == 0 {
		f.rotate()
	}
	if random.IntN(5) == 0 {
		line := f.line()
		cut := random.IntN(len(line))
		f.write(line[:cut])
		f.rest = line[cut:]
	}
}

func (f *soakFile) settle() int {
	f.write(f.rest)
	f.rest = ""
	return f.next
}

// soakIndex is an index of three shards.
type soakIndex struct {
	*indexertest.Server
	next int
}

const soakIndexName = "wazuh-alerts-4.x-2026.03.14"

func newSoakIndex(s *soak) *soakIndex {
	x := &soakIndex{Server: indexertest.New(s.t)}
	x.Create(soakIndexName, 3)
	return x
}

func (x *soakIndex) args() (args, env []string) {
	return []string{"pull", "--indexer", x.URL, "--every", "1s", "wazuh-*"}, nil
}

func (x *soakIndex) arrive(n int, random *rand.Rand) {
	for range n {
		x.next++
		at := time.Date(2026, 3, 14, 0, 0, x.next, 0, time.UTC).UnixMilli()
		x.Put(soakIndexName, fmt.Sprintf("_%d", x.next), indexertest.Alert(fmt.Sprint(x.next), at), at)
	}
	for shard := range 3 {
		if most := x.Shard(soakIndexName, shard).Max; most >= 0 && random.IntN(2) == 0 {
			x.Replicate(soakIndexName, shard, most)
		}
	}
	if random.IntN(60) == 0 {
		x.Expire()
	}
}

func (x *soakIndex) settle() int {
	for shard := range 3 {
		x.Replicate(soakIndexName, shard, x.Shard(soakIndexName, shard).Max)
	}
	return x.next
}

// soakFolder is a lake in a folder.
type soakFolder struct{ root string }

func newSoakFolder(s *soak) *soakFolder { return &soakFolder{filepath.Join(s.t.TempDir(), "lake")} }

func (f *soakFolder) call() (args, env []string) { return []string{"-o", f.root}, nil }

func (f *soakFolder) compact() (args, env []string) {
	return []string{"compact", "--apply", "--older", "0s", f.root}, nil
}

// trouble does nothing: some of the processes are started with little room for files.
func (f *soakFolder) trouble(bool) {}

func (f *soakFolder) files() map[string][]byte { return treeOf(f.root) }

// soakBucket is a lake in a bucket behind a proxy that fails.
type soakBucket struct {
	s      *soak
	server *s3test.Server
	proxy  *s3test.Proxy
	state  string
}

func newSoakBucket(s *soak) *soakBucket {
	b := &soakBucket{s: s, server: s3test.New(s.t, "lake", "kept"), state: filepath.Join(s.t.TempDir(), "state")}
	b.proxy = s3test.NewProxy(s.t, b.server.URL)
	return b
}

func (b *soakBucket) env() []string {
	return append(s3test.Environ(b.proxy.URL), "AWS_MAX_ATTEMPTS=2", "AWS_CA_BUNDLE=", "SLUICE_REJECTS=s3://kept/r")
}

func (b *soakBucket) call() (args, env []string) {
	return []string{"-o", "s3://lake", "--state", b.state}, b.env()
}

func (b *soakBucket) compact() (args, env []string) {
	return []string{"compact", "--apply", "--older", "0s", "s3://lake"}, b.env()
}

func (b *soakBucket) trouble(healed bool) {
	weathers := []s3test.Weather{{Refuse: true}, {Latency: 100 * time.Millisecond}, {UpBytes: 1 + b.s.random.Int64N(8000)},
		{DownBytes: 1 + b.s.random.Int64N(2000)}, {Refuse: true, Times: 1 + b.s.random.Int64N(5)}}
	if healed {
		b.proxy.Set(s3test.Weather{})
		return
	}
	b.proxy.Set(weathers[b.s.random.IntN(len(weathers))])
}

func (b *soakBucket) files() map[string][]byte {
	all := b.server.Bodies("lake", "ext/")
	for key, body := range b.server.Bodies("kept", "r/") {
		if plain, ok := strings.CutSuffix(key, ".ndjson.gz"); ok {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err == nil {
				body, err = io.ReadAll(z)
			}
			if err != nil {
				b.s.t.Errorf("%s: %v", key, err)
			}
			all["rejects/"+plain+".ndjson"] = body
		}
	}
	return all
}
