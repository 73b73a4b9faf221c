package lambda_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/mappings"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// mappingBench is a server with an object, a mapping in a folder of a bucket, and a
// function that has applied it.
type mappingBench struct {
	*s3test.Server
	t     testing.TB
	env   []string
	event string
	fn    *host
}

func newMappingBench(t *testing.T) *mappingBench {
	t.Helper()
	server := s3test.New(t, "raw", "lake", "rules")
	server.Put("raw", "k.txt", many(50))
	server.Put("rules", "m/one.yaml", []byte(shipped(t)))
	b := &mappingBench{Server: server, t: t, event: sqsEvent("", s3Event("raw", "k.txt")), env: guide(server.URL, "SLUICE_MAPPING=s3://rules/m/", "SLUICE_MAPPING_RELOAD=0")}
	b.fn = start(t, b.env...)
	b.converts("at first", b.fn, 49)
	return b
}

// converts lets a function work on the object.
func (b *mappingBench) converts(what string, fn *host, events int64) {
	b.t.Helper()
	if s := fn.must(b.event); s.failures() != "" || s.Events != events {
		b.t.Errorf("%s: %+v", what, s)
	}
}

// faultsOf gives how often a function counted a fault of the mapping, and its log.
func faultsOf(fn *host) (int, string) {
	log, metrics := fn.said()
	return strings.Count(metrics, `"MappingFailures":1`), log
}

// putDetection puts a mapping of another class into a folder.
func putDetection(t testing.TB, server *s3test.Server, folder string) {
	t.Helper()
	included := regexp.MustCompile(`^wazuh/(detection_finding|shared/(activity|values|alert|finding|entities|sources/.*))\.yaml$|\.json$`)
	err := fs.WalkDir(mappings.FS, "wazuh", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !included.MatchString(name) {
			return err
		}
		text, err := mappings.FS.ReadFile(name)
		server.Put("rules", folder+strings.Replace(strings.TrimPrefix(name, "wazuh/"), "detection_finding.yaml", "one.yaml", 1), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever becomes of the mapping in the bucket, warm and cold functions go on with the
// last good one, and count what is its own fault.
func TestNoMappingInTheBucketStopsTheFunction(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*mappingBench)
		faults  int // of a function with one invocation
		logSays string
	}{
		"broken":                    {func(b *mappingBench) { b.Put("rules", "m/one.yaml", []byte("mapping: [broken")) }, 1, "one.yaml:1"},
		"deleted":                   {func(b *mappingBench) { b.Delete("rules", "m/one.yaml") }, 1, "has no mapping"},
		"of another class":          {func(b *mappingBench) { putDetection(b.t, b.Server, "m/") }, 1, "has the class security_finding"},
		"an unreadable second file": {func(b *mappingBench) { b.Put("rules", "m/two.yaml", []byte("x: [")) }, 1, "two.yaml:1"},
		"a storm": {func(b *mappingBench) {
			b.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
				if r.Bucket != "rules" {
					return false
				}
				s3test.Fail(w, 503, "SlowDown")
				return true
			}
		}, 0, "could not be looked at"},
		"silence": {func(b *mappingBench) {
			b.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
				if r.Bucket == "rules" {
					time.Sleep(11 * time.Second)
				}
				return false
			}
		}, 0, "could not be looked at"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name == "silence" {
				t.Skip("takes seconds")
			}
			b := newMappingBench(t)
			test.change(b)
			b.converts("warm", b.fn, 49)
			cold := start(t, b.env...)
			b.converts("cold", cold, 49)
			for what, fn := range map[string]*host{"warm": b.fn, "cold": cold} {
				if n, log := faultsOf(fn); n != test.faults || !strings.Contains(log, test.logSays) || what == "cold" && !strings.Contains(log, "the last good one") {
					t.Errorf("%s: %d faults are counted, want %d:\n%s", what, n, test.faults, log)
				}
			}
			b.Intercept = nil
			b.Put("rules", "m/one.yaml", []byte(onlyRootkits(t)))
			for key := range b.Objects("rules") {
				if key != "m/one.yaml" {
					b.Delete("rules", key)
				}
			}
			b.converts("mended", start(t, b.env...), 0)
		})
	}
}

// Without a last good mapping a function starts with that of the package, if it may, and
// else its objects wait.
func TestAMappingToFallBackOn(t *testing.T) {
	for fallback, fails := range map[string]string{"": "m0", "wazuh/security_finding": ""} {
		server := s3test.New(t, "raw", "lake", "rules")
		server.Put("raw", "k.txt", many(50))
		server.Put("rules", "m/one.yaml", []byte("x: ["))
		fn := start(t, guide(server.URL, "SLUICE_MAPPING=s3://rules/m/", "SLUICE_MAPPING_RELOAD=0", "SLUICE_MAPPING_FALLBACK="+fallback)...)
		if s := fn.must(sqsEvent("", s3Event("raw", "k.txt"))); s.failures() != fails {
			t.Errorf("with %q to fall back on: %+v", fallback, s)
		}
		if task := fn.invoke(batchTasks("2.0", "raw", "k.txt")); strings.Contains(task.body, "Permanent") {
			t.Errorf("without a mapping an object fails for good: %+v", task)
		}
		putDetection(t, server, "m/") // agrees with nothing that was kept
		fn.must(sqsEvent("", s3Event("raw", "k.txt")))
		if s := fn.must(sqsEvent("", s3Event("raw", "k.txt"))); s.failures() != "" || s.Events != 49 {
			t.Errorf("with %q, mended: %+v", fallback, s)
		}
	}
}

// No object waits for a look at the mapping: it is written while the look waits for its
// answer. A look takes two seconds at most, in which a busy machine may not write the object:
// then there is another one.
func TestTheLookIsBesideTheWork(t *testing.T) {
	b := newMappingBench(t)
	b.Put("rules", "m/one.yaml", []byte(onlyRootkits(t)))
	for try := range 5 {
		wrote := make(chan struct{})
		write := sync.OnceFunc(func() { close(wrote) })
		var tooLate atomic.Bool
		b.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
			switch {
			case r.Bucket == "rules":
				select {
				case <-wrote:
				case <-r.Gone:
					tooLate.Store(true)
				}
			case r.Method == http.MethodPut && r.Bucket == "lake":
				write()
			}
			return false
		}
		b.Put("raw", "k.txt", many(60+try))
		b.converts("while it looks", b.fn, int64(59+try))
		if tooLate.Load() {
			continue
		}
		b.converts("after the look", b.fn, 0)
		return
	}
	t.Error("the object is never written while the look waits")
}

// A folder that changes while it is read is read again: its files are applied together.
func TestAFolderThatChangesWhileItIsRead(t *testing.T) {
	b := newMappingBench(t)
	b.Put("rules", "m/one.yaml", []byte(strings.Replace(shipped(t), "\ntables:\n", "\ntables:\n  taken: {file: taken.csv, key: id, value: taken}\n", 1)))
	var once atomic.Bool
	b.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if r.Key == "m/one.yaml" && !once.Swap(true) {
			b.Put("rules", "m/taken.csv", []byte("id,taken\n0,yes\n"))
		}
		return false
	}
	b.converts("while it changes", b.fn, 49)
	b.converts("after that", b.fn, 49)
	if n, log := faultsOf(b.fn); n != 0 || !once.Load() {
		t.Errorf("%d faults:\n%s", n, log)
	}
}

// Copies that an editor keeps in a hidden folder come along when a folder is uploaded.
func TestHiddenFoldersInTheBucket(t *testing.T) {
	b := newMappingBench(t)
	b.Put("rules", "m/.history/one.yaml", []byte(onlyRootkits(t)))
	b.Put("rules", "m/more/.git/two.yaml", []byte("not a mapping: ["))
	b.Put("rules", "m/one.yaml", []byte(onlyRootkits(t)))
	b.converts("before it is found", b.fn, 49)
	b.converts("with hidden folders", b.fn, 0)
	if n, log := faultsOf(b.fn); n != 0 {
		t.Errorf("%d faults:\n%s", n, log)
	}
}

func manifest(files map[string]string) []byte {
	text := "# made by a test\nfiles:\n"
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range files {
			if !yield(name) {
				return
			}
		}
	}) {
		text += fmt.Sprintf("  %s: sha256:%x\n", name, sha256.Sum256([]byte(files[name])))
	}
	return []byte(text)
}

// With a manifest a folder is applied when all of it is there, whatever the order of the
// uploads; a manifest that stays wrong is a fault.
func TestAManifestMakesAFolderAtomic(t *testing.T) {
	b := newMappingBench(t)
	b.Put("rules", "m/notes.yaml", []byte("not a mapping: ["))
	b.Put("rules", "m/manifest.yaml", manifest(map[string]string{"one.yaml": shipped(t)}))
	b.converts("with a manifest", b.fn, 49)
	b.Put("rules", "m/one.yaml", []byte(onlyRootkits(t)))
	b.converts("half uploaded", b.fn, 49)
	b.Put("rules", "m/manifest.yaml", manifest(map[string]string{"one.yaml": onlyRootkits(t)}))
	b.converts("uploaded, found", b.fn, 49)
	b.converts("uploaded", b.fn, 0)
	b.Put("rules", "m/one.yaml", []byte(shipped(t)))
	b.converts("half uploaded", b.fn, 0)
	b.converts("and left so", b.fn, 0)
	b.Put("rules", "m/manifest.yaml", []byte("one.yaml\n"))
	b.converts("no manifest", b.fn, 0)
	if n, log := faultsOf(b.fn); n != 2 || !strings.Contains(log, "manifest last") || !strings.Contains(log, "line 1 is not a line of a manifest") {
		t.Errorf("%d faults are counted:\n%s", n, log)
	}
}

// A check compiles a mapping as the function does, and changes nothing.
func TestACheckOfAMapping(t *testing.T) {
	b := newMappingBench(t)
	b.Put("rules", "m-next/one.yaml", []byte(onlyRootkits(t)))
	if a := b.fn.invoke(`{"check":"s3://rules/m-next/"}`); a.failed || !strings.Contains(a.body, `{"name":"wazuh/security_finding","class":"security_finding","source":"wazuh"}`) {
		t.Errorf("a good mapping: %+v", a)
	}
	for _, test := range []struct {
		says string
		put  func()
	}{
		{"one.yaml:1", func() { b.Put("rules", "m-next/one.yaml", []byte("x: [")) }},
		{"has the class security_finding", func() { putDetection(t, b.Server, "m-next/") }},
	} {
		test.put()
		if a := b.fn.invoke(`{"check":"s3://rules/m-next/"}`); !a.failed || !strings.Contains(a.body, test.says) {
			t.Errorf("%s: %+v", test.says, a)
		}
	}
	if a := b.fn.invoke(`{"check":"rules"}`); !a.failed || !strings.Contains(a.body, "s3://bucket/key") {
		t.Errorf("no address: %+v", a)
	}
	b.converts("after the checks", b.fn, 49)
}
