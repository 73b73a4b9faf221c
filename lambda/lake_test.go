package lambda_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// samples are the lines of the sample alerts, with some that are not alerts.
func samples(t testing.TB) []byte {
	t.Helper()
	names, err := filepath.Glob("../testdata/alerts/*.ndjson")
	if err != nil || len(names) == 0 {
		t.Fatalf("the sample alerts are not there: %v", err)
	}
	var all []byte
	for _, name := range append(names, "../testdata/malformed.ndjson") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// many makes n alerts with texts that do not pack, and a broken line now and then.
func many(n int) []byte { return manyOf(n, 700) }

// manyOf is many, of which each has so many bytes that cannot be packed.
func manyOf(n, bytesEach int) []byte {
	var b bytes.Buffer
	random := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, bytesEach)
	for i := range n {
		if i%1000 == 7 {
			fmt.Fprintf(&b, "{\"broken\": %d\n", i)
			continue
		}
		_, _ = random.Read(noise)
		fmt.Fprintf(&b, `{"timestamp":"2024-04-22T%02d:%02d:%02d.976+0000","id":"17%08d.1","rule":{"id":"5715","level":3,"description":"sshd: authentication success.","groups":["syslog","sshd"],"firedtimes":%d},"agent":{"id":"001","name":"web"},"manager":{"name":"m"},"full_log":"%s","location":"/var/log/auth.log"}`+"\n",
			14+i/3600, i/60%60, i%60, i, i, base64.StdEncoding.EncodeToString(noise))
	}
	return b.Bytes()
}

func packed(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpacked(t testing.TB, name string, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return plain
}

// tree is keys and bytes. Rejects are unpacked in it, under keys without .gz and without
// what depends on where the lake is; manifests are not in it.
type tree map[string]string

// add adds an object or a file.
func (all tree) add(t testing.TB, key string, body []byte) {
	t.Helper()
	if strings.Contains(key, "/"+lake.LedgerFolder+"/") {
		return
	}
	if plain, ok := strings.CutSuffix(key, ".ndjson.gz"); ok {
		key, body = plain+".ndjson", unpacked(t, key, body)
	}
	if i := strings.LastIndexByte(key, '-'); i >= 0 && strings.Contains("/"+key, "/rejects/") {
		key = key[:i]
	}
	all[key] += string(body)
}

// inBuckets gives what the function wrote, under lake/, ocsf/ and rejects/.
func inBuckets(t testing.TB, server *s3test.Server, rejectBucket string) tree {
	t.Helper()
	all := tree{}
	for key, body := range server.Bodies("lake", "") {
		all["lake/"+key] = string(body)
	}
	for key, body := range server.Bodies("ocsf", "ext/") {
		all["ocsf/"+key] = string(body)
	}
	for key, body := range server.Bodies(rejectBucket, "rejects/") {
		if !strings.HasSuffix(key, ".ndjson.gz") && !strings.Contains(key, lake.LedgerFolder) {
			t.Errorf("a file of rejects is called %s", key)
		}
		all.add(t, key, body)
	}
	return all
}

// byCLI gives what the command line writes into folders for the inputs.
func byCLI(t testing.TB, url string, inputs ...string) tree {
	t.Helper()
	root := t.TempDir()
	runCLI(t, s3test.Environ(url), root, inputs...)
	return inFolder(t, root)
}

// runCLI writes into lake, ocsf and rejects under root, a folder or an address.
func runCLI(t testing.TB, env []string, root string, inputs ...string) {
	t.Helper()
	args := append([]string{"run", "-q", "-o", root + "/lake", "--ocsf-json", root + "/ocsf",
		"--rejects", root + "/rejects", "--source", "wazuh", "--account", "111122223333", "--region", "us-east-1"}, inputs...)
	cmd := exec.Command(sluice, args...)
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("sluice run: %v\n%s", err, out)
	}
}

// inFolder gives what is below a folder, rejects unpacked.
func inFolder(t testing.TB, root string) tree {
	t.Helper()
	all := tree{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		all.add(t, filepath.ToSlash(name), body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// same compares keys, and then bytes without printing these.
func same(t testing.TB, what string, want, got tree) {
	t.Helper()
	if len(want) == 0 {
		t.Fatalf("%s: nothing is expected", what)
	}
	if d := cmp.Diff(sizes(want), sizes(got)); d != "" {
		t.Errorf("%s: keys and sizes differ (-want +got):\n%s", what, d)
		return
	}
	for key, body := range want {
		if got[key] != body {
			t.Errorf("%s: %s has other bytes", what, key)
		}
	}
}

func sizes(tr tree) map[string]int {
	s := map[string]int{}
	for key, body := range tr {
		s[key] = len(body)
	}
	return s
}
