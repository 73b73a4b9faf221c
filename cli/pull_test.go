//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/indexer/indexertest"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// pulling starts sluice pull of a cluster into a folder.
func pulling(t *testing.T, s *indexertest.Server, out string, flags ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sluice", append([]string{"pull", "--indexer", s.URL, "-o", out, "--every", "1s", "wazuh-*"}, flags...)...)
	cmd.Env = append(os.Environ(), "SLUICE_INDEXER_USER="+s.User, "SLUICE_INDEXER_PASSWORD="+s.Password)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// ended asks a process to end, and waits for it.
func ended(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
		t.Errorf("it was asked to end, and says: %v", err)
	}
}

// Law: whenever the process is killed, each document is in the lake once.
func TestPullKilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s, out := indexertest.New(t), filepath.Join(t.TempDir(), "lake")
	s.User, s.Password = "admin", "se cret"
	const index = "wazuh-alerts-4.x-2026.03.14"
	s.Create(index, 3)
	next := 0
	put := func(n int) {
		for range n {
			next++
			at := time.Date(2026, 3, 14, 0, 0, next, 0, time.UTC).UnixMilli()
			s.Put(index, fmt.Sprintf("_%d", next), indexertest.Alert(fmt.Sprint(next), at), at)
		}
	}
	stored := func(all bool) {
		for shard := range 3 {
			if max := s.Shard(index, shard).Max; all || max >= 0 && random.IntN(2) == 0 {
				s.Replicate(index, shard, max)
			}
		}
	}
	for range 10 {
		cmd := pulling(t, s, out)
		for range random.IntN(20) {
			put(random.IntN(40))
			stored(false)
			if random.IntN(10) == 0 {
				s.Expire()
			}
			time.Sleep(time.Duration(random.IntN(120)) * time.Millisecond)
		}
		_ = errors.Join(cmd.Process.Kill(), cmd.Wait())
	}
	cmd := pulling(t, s, out)
	stored(true)
	for began := time.Now(); len(found(t, out)) < next && time.Since(began) < time.Minute; {
		time.Sleep(200 * time.Millisecond)
	}
	put(3)
	stored(true)
	time.Sleep(1500 * time.Millisecond)
	ended(t, cmd)
	times := found(t, out)
	for n := 1; n <= next; n++ {
		if id := fmt.Sprint(n); times[id] != 1 {
			t.Errorf("document %d is there %d times", n, times[id])
		}
	}
	if len(times) != next {
		t.Errorf("%d different documents, not %d", len(times), next)
	}
}

// rowsOf returns the rows of a lake in the order of their JSON texts.
func rowsOf(t *testing.T, out string) (rows []string) {
	t.Helper()
	for path, data := range treeOf(out) {
		if !strings.HasPrefix(path, "ext/") {
			continue
		}
		for row, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), 1<<30) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, string(row))
		}
	}
	slices.Sort(rows)
	return rows
}

// Law: a document that is pulled is mapped as the same hit in a file is, of Wazuh 4 and 5.
func TestPullMapsAsTheFile(t *testing.T) {
	s, dir := indexertest.New(t), t.TempDir()
	s.Live()
	var lines []string
	for folder, index := range map[string]string{"alerts": "wazuh-alerts-4.x-2026.03.14", "wazuh5": "wazuh-findings-v5-system-activity"} {
		s.Create(index, 2)
		files, err := filepath.Glob("../testdata/" + folder + "/*.ndjson")
		if err != nil || len(files) == 0 {
			t.Fatalf("no samples in %s: %v", folder, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				line = strings.TrimSpace(line)
				if json.Valid([]byte(line)) && strings.HasPrefix(line, `{"`) && !strings.Contains(line, `"_source"`) {
					id := fmt.Sprint(len(lines))
					s.Put(index, id, line, 0)
					lines = append(lines, fmt.Sprintf(`{"_index":%q,"_id":%q,"_source":%s}`, index, id, line))
				}
			}
		}
	}
	file := filepath.Join(dir, "hits.json")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	want, got := filepath.Join(dir, "file"), filepath.Join(dir, "pulled")
	if text, err := exec.Command("sluice", "run", "-o", want, file).CombinedOutput(); err != nil {
		t.Logf("%v: %s", err, text) // some samples are rejects
	}
	cmd := pulling(t, s, got)
	for began := time.Now(); len(rowsOf(t, got)) < len(rowsOf(t, want)) && time.Since(began) < time.Minute; {
		time.Sleep(100 * time.Millisecond)
	}
	ended(t, cmd)
	if diff := cmp.Diff(rowsOf(t, want), rowsOf(t, got)); diff != "" || len(lines) < 100 {
		t.Errorf("%d lines; the file's, and what was pulled:\n%s", len(lines), diff)
	}
}

func TestPullRefuses(t *testing.T) {
	for _, c := range []struct {
		env, args []string
		want      string
	}{
		{nil, []string{"Wazuh Alerts"}, `"Wazuh Alerts" is not the name of an index`},
		{nil, []string{"--", "-x", "x"}, "-x leaves out indices, and none is named before it"},
		{nil, []string{"--adopt", "x=old", "x"}, `--adopt is "x=old"`},
		{nil, []string{"--indexer", "10.0.0.1", "x"}, `"10.0.0.1" is not the address of an indexer`},
		{nil, []string{"--indexer", "https://admin:s3cret@10.0.0.1:9200", "x"}, "has a user in it"},
		{nil, []string{"--every", "1ms", "x"}, "--every is 1ms"},
		{[]string{"SLUICE_INDEXER_USER=admin"}, []string{"x"}, "belong together"},
		{[]string{"SLUICE_INDEXER_PASSWORD_FILE=/nowhere", "SLUICE_INDEXER_USER=admin"}, []string{"x"}, "SLUICE_INDEXER_PASSWORD_FILE: /nowhere: no such file"},
		{[]string{"SLUICE_INDEXER_AWS=ec2"}, []string{"x"}, `SLUICE_INDEXER_AWS is "ec2"`},
		{[]string{"SLUICE_INDEXER_AWS=es", "SLUICE_INDEXER_USER=a", "SLUICE_INDEXER_PASSWORD=s3cret"}, []string{"x"}, "set one of them"},
	} {
		cmd := exec.Command("sluice", append([]string{"pull", "-o", t.TempDir()}, c.args...)...)
		cmd.Env = append(os.Environ(), c.env...)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), c.want) || strings.Contains(string(out), "s3cret") {
			t.Errorf("%v %v: %v\n%s", c.env, c.args, err, out)
		}
	}
}

// Whoever asks it to end while the indexer is away is not told of a failure: there is
// nothing that the next start does not do.
func TestPullEndsWhileTheIndexerIsAway(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sluice", "pull", "-o", t.TempDir(), "--indexer", "http://127.0.0.1:1", "alerts")
	messages, err := cmd.StderrPipe()
	if err = errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(messages)
	begun, err := said.ReadString('\n') // now it asks the indexer, again and again
	if err = errors.Join(err, cmd.Process.Signal(syscall.SIGTERM)); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(said) // up to the end of the process
	if err := cmd.Wait(); err != nil || !strings.Contains(begun, "pulling") {
		t.Errorf("%v: %s%s", err, begun, rest)
	}
}
