//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// alertsFile appends alerts with ids that count, and rotates them as the manager does.
type alertsFile struct {
	t    *testing.T
	dir  string
	file *os.File
	day  time.Time
	next int
}

func newAlertsFile(t *testing.T) *alertsFile {
	f := &alertsFile{t: t, dir: t.TempDir(), day: time.Date(2026, 2, 27, 0, 0, 0, 0, time.UTC)}
	f.begin()
	return f
}

func (f *alertsFile) path() string { return filepath.Join(f.dir, "alerts.json") }

func (f *alertsFile) begin() {
	dated := filepath.Join(f.dir, f.day.Format("2006/Jan"), "ossec-alerts-"+f.day.Format("02")+".json")
	file, err := os.OpenFile(f.path(), os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o640)
	if err = errors.Join(err, os.MkdirAll(filepath.Dir(dated), 0o750), os.Link(f.path(), dated)); err != nil {
		f.t.Fatal(err)
	}
	f.file = file
}

func (f *alertsFile) rotate() {
	if err := errors.Join(f.file.Close(), os.Remove(f.path())); err != nil {
		f.t.Fatal(err)
	}
	f.day = f.day.AddDate(0, 0, 1)
	f.begin()
}

// line returns the next line; every ninth is not an alert.
func (f *alertsFile) line() string {
	f.next++
	if f.next%9 == 0 {
		return fmt.Sprintf("no alert %d\n", f.next)
	}
	return fmt.Sprintf(`{"id":"%d","timestamp":"%s","rule":{"id":"5710","level":5,"description":"d"}}`+"\n", f.next, f.day.Format("2006-01-02T15:04:05.000-0700"))
}

func (f *alertsFile) write(text string) {
	if _, err := f.file.WriteString(text); err != nil {
		f.t.Fatal(err)
	}
}

func (f *alertsFile) append(n int) {
	for range n {
		f.write(f.line())
	}
}

// found counts the alerts and the other lines that a lake has, by their numbers.
func found(t *testing.T, out string) map[string]int {
	t.Helper()
	return foundIn(t, treeOf(out))
}

// foundIn is found for the files of a lake and its rejects, by their paths.
func foundIn(t *testing.T, files map[string][]byte) map[string]int {
	t.Helper()
	times := map[string]int{}
	for path, data := range files {
		switch {
		case strings.HasPrefix(path, "ext/"):
			for row, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), 1<<30) {
				var event struct{ Finding struct{ UID string } }
				if err = errors.Join(err, json.Unmarshal(row, &event)); err != nil {
					t.Fatal(err)
				}
				times[event.Finding.UID]++
			}
		case strings.HasPrefix(path, "rejects/") && strings.HasSuffix(path, ".ndjson"):
			for line := range bytes.Lines(data) {
				var reject struct{ Raw string }
				if err := json.Unmarshal(line, &reject); err != nil {
					t.Fatal(err)
				}
				times[strings.TrimPrefix(reject.Raw, "no alert ")]++
			}
		}
	}
	return times
}

// Law: whenever the process is killed and the file is rotated, each line is in the lake or
// among the rejects once.
func TestFollowKilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	alerts, out := newAlertsFile(t), filepath.Join(t.TempDir(), "lake")
	follow := func() *exec.Cmd {
		cmd := exec.Command("sluice", "follow", "-o", out, "--every", "1s", alerts.path())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	for turn := range 12 {
		cmd := follow()
		for range 3000 { // until it knows which file comes first
			if turn > 0 || len(treeOf(out)["follow.state"]) > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		for range random.IntN(20) {
			alerts.append(random.IntN(40))
			if random.IntN(12) == 0 {
				alerts.rotate()
			}
			time.Sleep(time.Duration(random.IntN(120)) * time.Millisecond)
		}
		_ = errors.Join(cmd.Process.Kill(), cmd.Wait())
	}
	cmd := follow()
	for began := time.Now(); len(found(t, out)) < alerts.next && time.Since(began) < time.Minute; {
		time.Sleep(200 * time.Millisecond)
	}
	alerts.append(3)
	if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
		t.Errorf("it was asked to end, and says: %v", err)
	}
	times := found(t, out)
	for n := 1; n <= alerts.next; n++ {
		if id := fmt.Sprint(n); times[id] != 1 {
			t.Errorf("line %d is there %d times", n, times[id])
		}
	}
	if len(times) != alerts.next {
		t.Errorf("%d different lines, not %d", len(times), alerts.next)
	}
}

// A mapping that is read again and cannot be taken up, since it has faults, or its objects
// could not be read together with those that are there, leaves everything of the one in use:
// its rules, and the source that its events go to.
func TestFollowKeepsTheLastGoodMapping(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const of = `mapping: own/NAME
source: own-NAME
schema: 1.1.0
class: CLASS
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  message: TEXT
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}}
`
	finding := func(text string) string {
		return strings.NewReplacer("NAME", "finding", "CLASS", "security_finding", "TEXT", text).Replace(of) + "  finding: {uid: =id, title: =rule.description}\n  state_id: 1\n"
	}
	login := strings.NewReplacer("NAME", "login", "CLASS", "authentication", "TEXT", "login").Replace(of) + "  user: {name: root}\n  service: {name: sshd}\n"
	alerts, out, mappings := newAlertsFile(t), filepath.Join(t.TempDir(), "lake"), t.TempDir()
	var log bytes.Buffer
	cmd := exec.Command("sluice", "follow", "-o", out, "--every", "1s", "--mapping", mappings, "--source", "mine", alerts.path())
	cmd.Stderr = &log
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(mappings, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	messages := func() (all []string) {
		for path, data := range treeOf(out) {
			if !strings.HasPrefix(path, "ext/mine/") {
				if strings.HasPrefix(path, "ext/") {
					t.Errorf("%s is of another source", path)
				}
				continue
			}
			for row, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), 1<<30) {
				var event struct{ Message string }
				if err = errors.Join(err, json.Unmarshal(row, &event)); err != nil {
					t.Fatal(err)
				}
				all = append(all, event.Message)
			}
		}
		slices.Sort(all)
		return all
	}
	write("finding.yaml", finding("first"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, step := range []struct{ name, text, message string }{
		{"finding.yaml", finding("first"), "first"},
		{"finding.yaml", finding("second"), "second"},
		{"finding.yaml", "mapping: own/finding\nclass: nothing\n", "second"},
		{"finding.yaml", finding("third"), "third"},
		{"finding.yaml", strings.NewReplacer("  finding:", "  finding_info:", "  state_id: 1\n", "", "security_finding", "detection_finding").Replace(finding("another class")), "third"},
		{"finding.yaml", strings.Replace(finding("another column"), "{name: Wazuh,", "{name: Wazuh, version: 5,", 1), "third"},
		{"finding.yaml", finding("third"), "third"},
		{"login.yaml", login, "third"}, // several sources, and --source is given
	} {
		write(step.name, step.text)
		alerts.write(alerts.line())
		want = append(want, step.message)
		for began := time.Now(); len(messages()) < len(want) && time.Since(began) < time.Minute; {
			time.Sleep(50 * time.Millisecond)
		}
	}
	if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
		t.Errorf("it was asked to end, and says: %v\n%s", err, log.Bytes())
	}
	if diff := cmp.Diff(want, messages(), cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("%s\n%s", diff, log.Bytes())
	}
	if n := strings.Count(log.String(), "the mapping has faults"); n < 4 {
		t.Errorf("%d faults are logged:\n%s", n, log.Bytes())
	}
	for line := range bytes.Lines(log.Bytes()) {
		if !json.Valid(line) {
			t.Errorf("the log has a line that is no JSON: %s", line)
		}
	}
	for _, want := range []string{"finding.yaml:1:1: the mapping lacks `schema`", "has the class security_finding, and the new mapping makes events of detection_finding", "cannot hold files of both mappings: "} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say what is wrong with the mapping, %q:\n%s", want, log.Bytes())
		}
	}
}

func TestFollowRefuses(t *testing.T) {
	alerts := newAlertsFile(t)
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-"}, "- cannot be followed"},
		{[]string{"s3://a/b"}, "s3://a/b cannot be followed"},
		{[]string{dir}, "is a folder"},
		{[]string{""}, "an argument of sluice follow is empty"},
		{[]string{"--state", alerts.path(), alerts.path()}, "is followed and cannot keep the state as well"},
		{[]string{"--state", alerts.dir + "/./alerts.json", alerts.path()}, "is followed and cannot keep the state as well"},
		{[]string{alerts.path() + ".gz"}, "alerts.json.gz is packed, and nothing is appended to it"},
		{[]string{alerts.path(), "alerts.json.zst"}, "alerts.json.zst is packed"},
		{[]string{"-o", "-", alerts.path()}, "follow writes objects"},
		{[]string{"--every", "1ms", alerts.path()}, "--every is 1ms: give a duration from 1s to 24h"},
		{[]string{"--every", "25h", alerts.path()}, "--every is 25h"},
	} {
		out, err := exec.Command("sluice", append([]string{"follow"}, c.args...)...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), c.want) {
			t.Errorf("%v: %v\n%s", c.args, err, out)
		}
	}
}

// A file that is named several times, in whatever spelling, is followed once.
func TestFollowOneFileNamedTwice(t *testing.T) {
	alerts, out := newAlertsFile(t), filepath.Join(t.TempDir(), "lake")
	alerts.append(20)
	ended, end := context.WithCancel(t.Context())
	end()
	var messages bytes.Buffer
	args := []string{"follow", "-o", out, alerts.path(), alerts.dir + "/./alerts.json", alerts.path()}
	if code := cli.Run(ended, args, cli.Streams{Out: &messages, Err: &messages}, func(string) string { return "" }); code != 0 {
		t.Fatalf("exit code %d: %s", code, messages.String())
	}
	times := found(t, out)
	for n := 1; n <= alerts.next; n++ {
		if times[fmt.Sprint(n)] != 1 {
			t.Errorf("line %d is there %d times: %s", n, times[fmt.Sprint(n)], messages.String())
		}
	}
}
