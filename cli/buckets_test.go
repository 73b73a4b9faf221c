package cli_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// inBuckets runs a command line in an empty folder, with these variables.
func inBuckets(t *testing.T, env map[string]string, stdin string, args ...string) (code int, said string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, err bytes.Buffer
	getenv := func(name string) string { return env[name] }
	code = cli.Run(context.Background(), args, cli.Streams{In: strings.NewReader(stdin), Out: &out, Err: &err}, getenv)
	return code, out.String() + err.String()
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func keys(m map[string][]byte) map[string]int {
	all := map[string]int{}
	for k, v := range m {
		all[k] = len(v)
	}
	return all
}

// A bucket as lake, for copies and for rejects holds what folders would.
func TestBucketsHoldWhatFoldersWould(t *testing.T) {
	text, broken := sample(t, "alerts/sshd.ndjson"), sample(t, "malformed.ndjson")
	server := s3test.New(t, "raw", "lake", "ocsf")
	s3test.Setenv(t, server.URL)
	server.Put("raw", "2024/a b+c.json", text)
	server.Put("raw", "2024/broken.json", broken)
	server.Put("raw", "2025/other.json", text)
	folder := t.TempDir()
	code, said := inBuckets(t, nil, "", "run", "-o", folder+"/lake", "--ocsf-json", folder+"/ocsf", "--rejects", folder+"/rejects", "s3://raw/2024/")
	if code != 3 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	code, said = inBuckets(t, nil, "", "run", "-o", "s3://lake/x/", "--ocsf-json", "s3://ocsf", "--rejects", "s3://ocsf/bad", "s3://raw/2024/a b+c.json", "s3://raw/2024")
	if code != 3 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	want := map[string]int{}
	for place, at := range map[string]string{"lake": "lake/x", "ocsf": "ocsf", "rejects": "ocsf/bad"} {
		for name, body := range files(t, filepath.Join(folder, place)) {
			want[withoutPlace(at+"/"+name)] += len(body)
		}
	}
	got := map[string][]byte{}
	for _, bucket := range []string{"lake", "ocsf"} {
		for key, body := range server.Bodies(bucket, "") {
			if strings.Contains(key, lake.LedgerFolder) {
				continue
			}
			if plain, ok := strings.CutSuffix(key, ".ndjson.gz"); ok {
				key, body = plain+".ndjson", gunzip(t, body)
			}
			key = withoutPlace(bucket + "/" + key)
			got[key] = append(got[key], body...)
		}
	}
	if d := cmp.Diff(want, keys(got)); d != "" {
		t.Errorf("keys and sizes (-folder +bucket):\n%s", d)
	}
	if len(got) < 4 {
		t.Errorf("only %d objects: the test shows little", len(got))
	}
	if n := server.Unfinished(); n != 0 {
		t.Errorf("%d uploads are unfinished", n)
	}
}

// withoutPlace is a key without what depends on the place of the lake: manifests, and the
// names that kept lines have from them.
func withoutPlace(key string) string {
	folder, name := path.Split(key)
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		name = name[:i]
	}
	return folder + name
}

func files(t *testing.T, root string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || strings.Contains(path, lake.LedgerFolder) {
			return err
		}
		name, _ := filepath.Rel(root, path)
		all[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// A file and stdin of the same bytes make the same object in a bucket.
func TestStdinIntoABucket(t *testing.T) {
	text := sample(t, "alerts/sshd.ndjson")
	server := s3test.New(t, "lake")
	s3test.Setenv(t, server.URL)
	if code, said := inBuckets(t, nil, string(text), "run", "-o", "s3://lake", "-"); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	first := server.Bodies("lake", "")
	file := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	if code, said := inBuckets(t, nil, "", "run", "-o", "s3://lake", file); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if d := cmp.Diff(keys(first), keys(server.Bodies("lake", ""))); d != "" || len(first) == 0 {
		t.Errorf("%d objects from stdin; from the file (-stdin +file):\n%s", len(first), d)
	}
}

// The variables of the Lambda are defaults, and flags win over them.
func TestTheLambdasVariablesAreDefaults(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "ocsf")
	server.ExternalID = "id"
	s3test.Setenv(t, server.URL)
	text := sample(t, "alerts/sshd.ndjson")
	server.Put("raw", "a.json", text)
	server.Put("raw", "b.json", sample(t, "malformed.ndjson"))
	env := map[string]string{"AWS_BUCKET": "lake", "SOURCE_LOCATION": "src", "ACCOUNT_ID": "1", "REGION": "eu-west-1", "S3_BUCKET_OCSF": "ocsf",
		"SLUICE_REJECTS": "s3://raw/rejects", "ROLE_ARN": "arn:aws:iam::1:role/r", "EXTERNAL_ID": "id", "SLUICE_SSE": "AES256"}
	code, said := inBuckets(t, env, "", "run", "s3://raw/a.json", "s3://raw/b.json")
	if code != 3 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for key, o := range server.Objects("lake") {
		if !strings.HasPrefix(key, "ext/src/region=eu-west-1/accountId=1/") || o.Identity != s3test.RoleIdentity || o.Header.Get("X-Amz-Server-Side-Encryption") != "AES256" {
			t.Errorf("%s was written by %s with %v", key, o.Identity, o.Header)
		}
	}
	if len(server.Objects("lake")) == 0 || len(server.Bodies("ocsf", "ext/")) == 0 || len(server.Bodies("raw", "rejects/2")) != 1 {
		t.Errorf("%d objects in the lake, %d copies, %d files of rejects", len(server.Objects("lake")), len(server.Bodies("ocsf", "ext/")), len(server.Bodies("raw", "rejects/2")))
	}
}

// Law: the variables for copies and rejects count whatever the lake is.
func TestVariablesCountForAFolderToo(t *testing.T) {
	server := s3test.New(t, "raw", "ocsf")
	s3test.Setenv(t, server.URL)
	env := map[string]string{"S3_BUCKET_OCSF": "ocsf", "SLUICE_REJECTS": "s3://raw/rejects"}
	folder := t.TempDir()
	text := append(sample(t, "alerts/sshd.ndjson"), "no alert\n"...)
	if code, said := inBuckets(t, env, string(text), "run", "-o", folder, "-"); code != 3 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if len(files(t, folder)) == 0 || len(server.Bodies("ocsf", "ext/")) == 0 || len(server.Bodies("raw", "rejects/2")) != 1 {
		t.Errorf("%d objects, %d copies, %d files of rejects", len(files(t, folder)), len(server.Bodies("ocsf", "ext/")), len(server.Bodies("raw", "rejects/2")))
	}
	before := len(server.Objects("ocsf"))
	elsewhere := t.TempDir()
	if code, said := inBuckets(t, env, string(text), "run", "-o", elsewhere, "--ocsf-json", elsewhere+"/json", "--rejects", elsewhere, "-"); code != 3 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if len(server.Objects("ocsf")) != before || len(server.Bodies("raw", "rejects/2")) != 1 {
		t.Error("a flag does not win over its variable")
	}
	// Standard output has the events as lines already, so a copy of the lake is
	// nobody's wish, unless a flag asks for it, which is a fault.
	if code, said := inBuckets(t, env, string(text), "run", "-o", "-", "--rejects", elsewhere, "-"); code != 3 || len(server.Objects("ocsf")) != before {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := inBuckets(t, nil, string(text), "run", "-o", "-", "--ocsf-json", "s3://ocsf", "-"); code != 2 || !strings.Contains(said, "-o - writes none") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// What is wrong with an address is a fault of the call; what is wrong with a
// bucket fails the run, and nothing is half-written.
func TestFaultsOfBuckets(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	server.Put("raw", "a.json", sample(t, "alerts/sshd.ndjson"))
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"run", "-o", "s3://", "s3://raw/a.json"}, 2, "--out"},
		{[]string{"run", "--rejects", "s3:///k", "s3://raw/a.json"}, 2, "--rejects"},
		{[]string{"run", "--sse", "rot13", "s3://raw/a.json"}, 2, "--sse"},
		{[]string{"run", "s3://raw/none"}, 1, "no object"},
		{[]string{"run", "s3://nobucket/"}, 1, "create the bucket"},
		{[]string{"run", "-o", "s3://nobucket", "s3://raw/a.json"}, 1, "create the bucket"},
	} {
		if code, said := inBuckets(t, nil, "", test.args...); code != test.code || !strings.Contains(said, test.says) {
			t.Errorf("%q: exit code %d, %s", test.args, code, said)
		}
	}
}

// A prefix is read from a key on, and also where the right to look at a single object is
// missing; an object that is named is read whatever its key.
func TestAPrefixFromAKeyOn(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	s3test.Setenv(t, server.URL)
	for _, day := range []string{"01", "02", "03"} {
		server.Put("raw", "2024/"+day+".json", append(sample(t, "alerts/sshd.ndjson"), '\n', byte('0'+len(day))))
	}
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Method != http.MethodHead || strings.HasSuffix(r.Key, ".json") {
			return false
		}
		s3test.Fail(w, 403, "AccessDenied")
		return true
	}
	for since, want := range map[string]int{"": 3, "2024/01.json": 2, "2024/03.json": 0} {
		args := []string{"run", "-q", "-o", "-", "--rejects", t.TempDir()}
		if since != "" {
			args = append(args, "--since", since)
		}
		before := len(server.Requests())
		code, said := inBuckets(t, nil, "", append(args, "s3://raw/2024")...)
		read := 0
		for _, r := range server.Requests()[before:] {
			if r.Method == http.MethodGet && strings.HasSuffix(r.Key, ".json") {
				read++
			}
		}
		if read != want || code == 2 {
			t.Errorf("since %q: %d objects were read, exit code %d: %s", since, read, code, said)
		}
	}
	if code, said := inBuckets(t, nil, "", "run", "-q", "-o", "-", "--rejects", t.TempDir(), "--since", "2025", "s3://raw/2024/01.json"); code == 1 || !strings.Contains(said, "class_uid") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// A prefix is listed as it is read, so that nobody holds a bucket's list; what several
// prefixes have in common is read once.
func TestPrefixesAreListedAsTheyAreRead(t *testing.T) {
	server := s3test.New(t, "raw")
	s3test.Setenv(t, server.URL)
	server.PageKeys = 10
	for i := range 200 {
		server.Put("raw", fmt.Sprintf("2024/%03d.json", i), fmt.Appendf(nil, "%s\n%d", sample(t, "alerts/sshd.ndjson"), i))
	}
	lists, read := 0, map[string]int{}
	ahead := 0 // the most listings for the objects that were read by then
	var mu sync.Mutex
	server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.Method == http.MethodGet && r.Key == "":
			if lists++; len(read) < 150 { // then comes the listing of those that were read
				ahead = max(ahead, lists-len(read)/10)
			}
		case r.Method == http.MethodGet && strings.HasSuffix(r.Key, ".json"): // and no look that was refused
			read[r.Key]++
		}
		return false
	}
	code, said := inBuckets(t, nil, "", "run", "-q", "-o", "lake", "s3://raw/2024/19", "s3://raw/2024/", "s3://raw/2024/007.json", "s3://raw/")
	if code != 3 || len(read) != 200 {
		t.Errorf("exit code %d, %d objects were read: %s", code, len(read), said)
	}
	for key, n := range read {
		if n != 1 {
			t.Errorf("%s was read %d times", key, n)
		}
	}
	if ahead > 10 {
		t.Errorf("%d pages were listed ahead", ahead)
	}
	if n := strings.Count(said, "rejects of s3://raw/2024/"); n != 200 {
		t.Errorf("%d files of rejects are named: %s", n, said)
	}
}

// What a run wrote is not an input of the next one, in a bucket as on a disk; a bucket that has
// nothing else is said to have nothing.
func TestOutputsInABucketAreNoInputs(t *testing.T) {
	server := s3test.New(t, "raw")
	s3test.Setenv(t, server.URL)
	server.Put("raw", "2024/a.json", sample(t, "malformed.ndjson"))
	server.Put("raw", "zzz.json", sample(t, "alerts/sshd.ndjson"))
	run := func() (int, string) {
		return inBuckets(t, nil, "", "run", "-q", "-o", "s3://raw", "--rejects", "s3://raw/rejects", "s3://raw/")
	}
	if code, said := run(); code != 3 || strings.Contains(said, "left out") {
		t.Fatalf("exit code %d: %s", code, said)
	}
	written := len(server.Bodies("raw", "ext/"))
	if code, said := run(); code != 3 || !strings.Contains(said, fmt.Sprintf("left out %d file", written)) || !strings.Contains(said, "left out 2 files in s3://raw/rejects") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if again := len(server.Bodies("raw", "ext/")); again != written || written == 0 {
		t.Errorf("%d objects, after the second run %d", written, again)
	}
	server.Delete("raw", "2024/a.json")
	server.Delete("raw", "zzz.json")
	if code, said := run(); code != 1 || !strings.Contains(said, "there is no input except what runs have written") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// Every failure is said, and memory is bounded for those of any number of inputs: the last hundred
// lines of a run have the first, the others are said as they come.
func TestEveryFailureIsSaid(t *testing.T) {
	server := s3test.New(t, "raw")
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	server.PageKeys = 1000
	for i := range 150 {
		server.Put("raw", fmt.Sprintf("%03d.json", i), sample(t, "alerts/sshd.ndjson"))
	}
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Method != http.MethodGet || r.Key == "" || r.Key == "140.json" {
			return false
		}
		s3test.Fail(w, 403, "AccessDenied")
		return true
	}
	code, said := inBuckets(t, nil, "", "run", "-q", "-o", "lake", "s3://raw/")
	if code != 1 || !strings.Contains(said, "49 other inputs failed; their errors are above") || !strings.Contains(said, "written: s3://raw/140.json\n") ||
		!strings.Contains(said, "s3://raw/009.json and 139 more; fix the cause") {
		t.Errorf("exit code %d: %s", code, said)
	}
	for i := range 150 {
		if n := strings.Count(said, fmt.Sprintf("read s3://raw/%03d.json", i)); (n == 1) == (i == 140) {
			t.Errorf("%03d.json is named %d times", i, n)
		}
	}
}

// A run over a prefix that did not write all says from which key on it is to be run again, and
// that run reads the rest.
func TestAPrefixThatIsNotDone(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for i := range 9 {
		server.Put("raw", fmt.Sprintf("2024/a %d.json", i), fmt.Appendf(nil, "%s\n\n%s", sample(t, "alerts/sshd.ndjson"), strings.Repeat("\n", i)))
	}
	const advice = "everything up to s3://raw/2024/a 3.json is written: continue after it with --since \"2024/a 3.json\""
	for what, fault := range map[string]func(r s3test.Request) bool{
		"an object that cannot be read": func(r s3test.Request) bool { return r.Method == http.MethodGet && r.Key == "2024/a 4.json" },
		"a listing that breaks off":     func(r s3test.Request) bool { return r.Query.Get("continuation-token") == "2024/a 3.json" },
	} {
		server.PageKeys = 4
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if fault(r) {
				s3test.Fail(w, 403, "AccessDenied")
			}
			return fault(r)
		}
		code, said := inBuckets(t, nil, "", "run", "-q", "-o", "lake", "s3://raw/2024/")
		if code != 1 || !strings.Contains(said, advice) {
			t.Errorf("%s: exit code %d: %s", what, code, said)
		}
		server.Intercept = nil
		if code, said := inBuckets(t, nil, "", "run", "-q", "--json", "-o", "lake", "--since", "2024/a 3.json", "s3://raw/2024/"); code != 0 || !strings.Contains(said, `"taken":20,`) {
			t.Errorf("%s, and then: exit code %d: %s", what, code, said)
		}
		code, said = inBuckets(t, nil, "", "run", "-q", "-o", "lake", "s3://raw/2024/a 0.json", "s3://raw/none")
		if code != 1 || strings.Contains(said, "--since") {
			t.Errorf("exit code %d: %s", code, said)
		}
	}
}

// The role of the lake is a flag as well.
func TestTheRoleOfTheLakeIsAFlag(t *testing.T) {
	server := s3test.New(t, "lake")
	server.ExternalID = "an id"
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	if code, said := inBuckets(t, nil, string(sample(t, "alerts/sshd.ndjson")), "run", "-q", "-o", "s3://lake", "--role-arn", "arn:aws:iam::1:role/r", "--external-id", "an id", "-"); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for key, o := range server.Objects("lake") {
		if o.Identity != s3test.RoleIdentity {
			t.Errorf("%s was written by %s", key, o.Identity)
		}
	}
	if code, said := inBuckets(t, nil, "", "run", "-o", "s3://lake", "--role-arn", "arn:aws:iam::1:role/P-{source}", "-"); code != 2 || !strings.Contains(said, "--role-arn") {
		t.Errorf("exit code %d: %s", code, said)
	}
}
