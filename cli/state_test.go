//go:build unix

package cli_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// following starts sluice follow with a state, and waits until it has one.
func following(t *testing.T, server *s3test.Server, out, state, file string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sluice", "follow", "-o", out, "--state", state, "--every", "1s", "--lease", "1s", file)
	cmd.Env = append(os.Environ(), s3test.Environ(server.URL)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if len(server.Bodies("state", "follow.state")) == 2 {
			return cmd
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it has saved no state")
	return nil
}

// A state in a bucket goes on from host to host: the second process says who has it, and
// after a crash the next one takes over and doubles nothing.
func TestFollowWithStateInBucket(t *testing.T) {
	server := s3test.New(t, "state")
	t.Setenv("AWS_CA_BUNDLE", "")
	os.Unsetenv("AWS_CA_BUNDLE")
	alerts, out := newAlertsFile(t), filepath.Join(t.TempDir(), "lake")
	const state = "s3://state/follow.state"
	alerts.append(10)
	first := following(t, server, out, state, alerts.path())
	second := exec.Command("sluice", "follow", "-o", out, "--state", state, "--lease", "1s", alerts.path())
	second.Env = append(os.Environ(), s3test.Environ(server.URL)...)
	text, err := second.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(text), "another process uses the state s3://state/follow.state (process ") {
		t.Errorf("the second one: %v\n%s", err, text)
	}
	alerts.append(10)
	_ = errors.Join(first.Process.Kill(), first.Wait())
	alerts.append(10)
	third := following(t, server, out, state, alerts.path())
	for began := time.Now(); len(found(t, out)) < alerts.next && time.Since(began) < time.Minute; {
		time.Sleep(100 * time.Millisecond)
	}
	ended(t, third)
	for id, n := range found(t, out) {
		if n != 1 {
			t.Errorf("line %s is there %d times", id, n)
		}
	}
	show := exec.Command("sluice", "state", "show", "--json", state)
	show.Env = append(os.Environ(), s3test.Environ(server.URL)...)
	var shown struct {
		Files map[string]struct{ Offset int64 }
	}
	text, err = show.Output()
	info, statErr := os.Stat(alerts.path())
	if err = errors.Join(err, statErr, json.Unmarshal(text, &shown)); err != nil || shown.Files[alerts.path()].Offset != info.Size() {
		t.Errorf("%v: %s", err, text)
	}
}

// What follow has come to is printed, and taken over by a file that was moved.
func TestStateOfMovedFile(t *testing.T) {
	alerts, out := newAlertsFile(t), filepath.Join(t.TempDir(), "lake")
	alerts.append(9)
	follow := func(args ...string) {
		t.Helper()
		cmd := exec.Command("sluice", append([]string{"follow", "-o", out, "--every", "1s"}, args...)...)
		messages, err := cmd.StderrPipe()
		if err = errors.Join(err, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		log := bufio.NewReader(messages)
		if _, err := log.ReadString('\n'); err != nil { // it has begun
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(io.Discard, log) }() // it ends with the process
		for began := time.Now(); len(found(t, out)) < alerts.next && time.Since(began) < time.Minute; {
			time.Sleep(50 * time.Millisecond)
		}
		ended(t, cmd)
	}
	follow(alerts.path())
	moved := filepath.Join(t.TempDir(), "moved.json")
	alerts.append(9)
	if err := os.Rename(alerts.path(), moved); err != nil {
		t.Fatal(err)
	}
	follow("--adopt", alerts.path(), moved)
	follow("--adopt", alerts.path(), moved) // as a unit does that is started again
	for id, n := range found(t, out) {
		if n != 1 {
			t.Errorf("line %s is there %d times", id, n)
		}
	}
	text, err := exec.Command("sluice", "state", "show", filepath.Join(out, "follow.state")).Output()
	if err != nil || !strings.HasPrefix(string(text), moved+"\n  up to byte ") || strings.Count(string(text), "\n") != 2 {
		t.Errorf("%v: %s", err, text)
	}
}
