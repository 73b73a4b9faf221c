//go:build unix

package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endless repeats a text.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		k := copy(b[n:], e.text[e.at:])
		n, e.at = n+k, (e.at+k)%len(e.text)
	}
	return n, nil
}

// Attackers: A to E, L. Whatever a command reads, it ends within 5 s of SIGINT.
func TestAttackStop(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	keep, err := os.OpenFile(pipe, os.O_RDWR, 0) // so that readers wait for more
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close()
	head := "mapping: m\nschema: 1.1.0\nclass: base_event\nevent: {activity_id: 0, severity_id: 1, time: =timestamp, metadata: {version: 1.1.0, product: {name: n, vendor_name: v}}"
	for name, text := range map[string]string{
		"m.yaml": head + "}\n", "m_test.yaml": "- {name: a, alert: {id: '1'}, expect: {event: {severity_id: 1}}}\n",
		"slow.yaml": head + ", message: \"=sha512(line)\"}\n", "a.json": "{\"id\":\"1\"}\n", "each.yaml": budgetHead + inEach()["cheap rules"],
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	alerts := func() io.Reader { return &endless{text: "{\"id\":\"1\",\"timestamp\":\"2026-03-14T06:00:00Z\"}\n"} }
	blank := func() io.Reader { return &endless{text: strings.Repeat(" ", 999) + "\n"} }
	large := fmt.Sprintf(`{"id":"1","timestamp":"2026-03-14T06:00:00Z","data":{"list":%s}}`+"\n", elements(30_000, 4))
	lists := func() io.Reader { return &endless{text: large} }
	line := func() io.Reader { return &endless{text: "[{\"id\":"} }
	for _, c := range []struct {
		stdin func() io.Reader
		args  []string
	}{
		{alerts, []string{"run", "-o", "lake", "-"}}, {alerts, []string{"run", "-m", "slow.yaml", "-o", "-", "-"}}, {line, []string{"run", "-o", "lake", "-"}}, {lists, []string{"run", "-m", "each.yaml", "-o", "lake", "-"}}, {blank, []string{"run", "-o", "lake", "-"}},
		{blank, []string{"explain", "-"}}, {line, []string{"explain", "-"}}, {blank, []string{"eval", "id", "-"}}, {alerts, []string{"profile", "-"}}, {blank, []string{"profile", "-"}},
		{alerts, []string{"diff", "-m", "m.yaml", "-m", "slow.yaml", "-"}}, {nil, []string{"run", "-o", "lake", pipe}}, {nil, []string{"explain", pipe}},
		{nil, []string{"test", "--watch", "m.yaml"}}, {nil, []string{"run", "--watch", "-o", "lake", "a.json"}}, {nil, []string{"profile", pipe}}, {nil, []string{"diff", "-m", "m.yaml", "-m", "slow.yaml", pipe}},
	} {
		a := attack{dir: dir, stop: time.Second, output: 1 << 30}
		r := a.stopped(t, c.stdin, c.args...)
		if r.took > a.stop+stopTime {
			t.Errorf("%q ends %s after SIGINT: %.300s", c.args, r.took-a.stop, r.stderr)
		}
		if r.took < a.stop {
			t.Errorf("%q ended before: exit %d, %.300s", c.args, r.code, r.stderr)
		}
	}
}

// A second signal ends the process at once.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "p")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	signals := attack{dir: dir, stop: 300 * time.Millisecond, twice: true}
	if r := signals.run(t, "inspect", pipe); r.code != 1 || r.took > 3*time.Second || !strings.Contains(r.stderr, "interrupted") {
		t.Errorf("exit %d after %s: %s", r.code, r.took, r.stderr)
	}
}

// Several signals of one moment, as `timeout` and shells send them to a process and to its
// group, are one: the command stops as it should.
func TestSignalsOfOneMoment(t *testing.T) {
	alerts := newAlertsFile(t)
	for range 5 {
		cmd := exec.Command("sluice", "follow", "-o", filepath.Join(t.TempDir(), "lake"), alerts.path())
		log, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		begun := bufio.NewReader(log)
		if _, err := begun.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGTERM, os.Interrupt, syscall.SIGTERM} {
			_ = cmd.Process.Signal(s) // it may have ended by now
			time.Sleep(time.Millisecond)
		}
		said, _ := io.ReadAll(begun) // Wait reports what matters
		if err := cmd.Wait(); err != nil || !strings.Contains(string(said), `"ended"`) {
			t.Errorf("%v: %s", err, said)
		}
	}
}
