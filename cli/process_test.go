//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// interrupted is a run that reads a pipe which stays open, with work begun: a
// reject has been written to a temporary file.
type interrupted struct {
	cmd      *exec.Cmd
	stdin    io.WriteCloser
	messages bytes.Buffer
	out      string
}

func startRun(t *testing.T) *interrupted {
	t.Helper()
	r := &interrupted{out: filepath.Join(t.TempDir(), "lake")}
	r.cmd = exec.Command("sluice", "run", "-o", r.out, "-")
	r.cmd.Stderr = &r.messages
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.stdin.Close() })
	// Some chunks of alerts, and lines that are not.
	if _, err := r.stdin.Write(append([]byte("no alert\n"), alertLines(4<<20)...)); err != nil {
		t.Fatal(err)
	}
	for range 6000 {
		if len(treeOf(r.out)) > 0 {
			return r
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the run has begun no file in half a minute")
	return nil
}

// A run that is asked to stop does so at once, though its input is still open,
// and leaves nothing.
func TestASignalEndsTheRun(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		r := startRun(t)
		if err := r.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		// A command that still runs after 5 s would be killed by whoever sent the signal.
		late := time.AfterFunc(5*time.Second, func() { _ = r.cmd.Process.Kill() })
		_ = r.cmd.Wait() // the exit code is looked at below
		late.Stop()
		if code := r.cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("%v: the exit code is %d: %s", signal, code, r.messages.String())
		}
		if !strings.Contains(r.messages.String(), "interrupted: nothing was written") {
			t.Errorf("%v: it says %s", signal, r.messages.String())
		}
		if left := treeOf(r.out); len(left) > 0 {
			t.Errorf("%v: it leaves %d files", signal, len(left))
		}
	}
}

// A studio that is asked to stop does so at once, with 0, while a page asks it.
func TestASignalEndsTheStudio(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := exec.Command("sluice", "studio")
		said, err := cmd.StderrPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		text := ""
		for buffer := make([]byte, 4096); !strings.Contains(text, "Ctrl-C"); {
			n, err := said.Read(buffer)
			if text += string(buffer[:n]); err != nil {
				t.Fatalf("it has ended: %v: %s", err, text)
			}
		}
		began := time.Now()
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil || time.Since(began) > 5*time.Second {
			t.Errorf("%v: %v after %v: %s", signal, err, time.Since(began), text)
		}
		late.Stop()
	}
}

// What a killed run leaves is not visible as an object, and the next run
// removes it.
func TestTheNextRunCleansUpAfterAKilledOne(t *testing.T) {
	r := startRun(t)
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = r.cmd.Wait()
	if len(treeOf(r.out)) == 0 {
		t.Fatal("a killed run left nothing, so there is nothing to test")
	}
	if objects, _, err := lakeFacts(r.out); objects != 0 || err != nil {
		t.Errorf("%d objects are visible (%v)", objects, err)
	}
	run(t, "-o", r.out, writeFile(t, "in.ndjson", []byte("no alert\n"+`{"timestamp":1773468000,"rule":{"id":"1"}}`)))
	for path := range treeOf(r.out) {
		if strings.Contains(path, ".sluice-tmp") {
			t.Errorf("%s is still there", path)
		}
	}
}

// Law: whenever runs and compactions are killed, verify finds nothing but that they have not
// ended; once they have, it finds nothing.
func TestVerifyAfterKills(t *testing.T) {
	t.Parallel()
	l := lakeOf{t, smallLake(t)}
	for i := range 300 {
		l.write(l.path("in", fmt.Sprintf("%03d.ndjson", i)), fmt.Appendf(nil, "{\"id\":\"%d\",\"time\":%d}\n", i, 1773446400000+i))
	}
	run := []string{"run", "-q", "-m", l.path("m.yaml"), "-o", l.path("lake"), l.path("in")}
	compact := []string{"compact", "--apply", "--older", "0s", l.path("lake")}
	killed := 0
	for i, args := range [][]string{run, run, compact, run, compact, compact, run} {
		cmd := exec.Command("sluice", args...)
		l.do(cmd.Start())
		time.Sleep(time.Duration(60+20*i) * time.Millisecond)
		l.do(cmd.Process.Kill())
		if cmd.Wait() != nil {
			killed++
		}
		v, _ := verified(t, l.path("lake"))
		for _, f := range v.Found {
			if f.Demand != verify.Manifests && f.Demand != verify.Compaction && !f.Advice || strings.Contains(f.What, "missing") {
				t.Errorf("after %s was killed: %+v", args[0], f)
			}
		}
	}
	accepts(t, run...)
	accepts(t, compact...)
	accepts(t, run...)
	v, code := verified(t, l.path("lake"))
	if code != 0 || v.Faults > 0 || v.Rows != 304 {
		t.Errorf("exit %d, %d rows, %+v; %d were killed", code, v.Rows, v.Found, killed)
	}
}

// A disk that is full is played by a limit on file sizes: nothing is half
// visible, nothing is left over, and it is said what failed and what to do.
func TestAFullDisk(t *testing.T) {
	for name, data := range map[string][]byte{"events": alertLines(2 << 20), "rejects": bytes.Repeat([]byte("no alert\n"), 50_000)} {
		t.Run(name, func(t *testing.T) {
			out, in := filepath.Join(t.TempDir(), "lake"), writeFile(t, "in.ndjson", data)
			cmd := exec.Command("sh", "-c", `ulimit -f 128 && exec sluice run -o "$0" "$1"`, out, in)
			var messages bytes.Buffer
			cmd.Stderr = &messages
			_ = cmd.Run() // the exit code is looked at below
			if code := cmd.ProcessState.ExitCode(); code != 1 {
				t.Errorf("the exit code is %d: %s", code, messages.String())
			}
			for _, text := range []string{out, "file too large", "raise the limit on file sizes", "the lake has nothing of it", "not written: " + in} {
				if !strings.Contains(messages.String(), text) {
					t.Errorf("%q is not said in %s", text, messages.String())
				}
			}
			if left := treeOf(out); len(left) > 0 {
				t.Errorf("it leaves %d files", len(left))
			}
		})
	}
}

// A reader that stops early (| head) ends any command without a message, with the
// exit code of a program that a closed pipe ended.
func TestAClosedPipe(t *testing.T) {
	dir := t.TempDir()
	alerts := writeFile(t, "in.ndjson", append([]byte("no alert\n"), alertLines(4<<20)...))
	for _, args := range [][]string{
		{"run", "-q", "-o", "-", "--rejects", filepath.Join(dir, "rejects"), alerts},
		{"schema", "--json-schema", "mapping"},
		{"profile", "--json", "../testdata/alerts"},
		{"diff", "--json", "--examples", "1000", "-m", "wazuh/security_finding", "-m", "../testdata/mappings/good/minimal.yaml", "../testdata/alerts"},
		{"eval", `repeat("x", 200000)`},
	} {
		cmd := exec.Command("sluice", args...)
		var messages bytes.Buffer
		cmd.Stderr = &messages
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadFull(stdout, make([]byte, 100))
		stdout.Close()
		_ = cmd.Wait() // the exit code is looked at below
		if code := cmd.ProcessState.ExitCode(); err != nil || code != 141 || messages.Len() > 0 {
			t.Errorf("%s: %v, the exit code is %d: %s", args[0], err, code, messages.String())
		}
	}
	if left := treeOf(dir); len(left) > 0 {
		t.Errorf("it leaves %d files", len(left))
	}
}
