package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The attack suite: `make attack`. Each attack makes hostile input of at most a few
// megabytes and gives it to the command as a process of its own, which is ended when
// it takes more memory or time than it may. SECURITY.md names these tests beside
// what they prove.
const (
	attackBytes  = 1 << 20          // of input, up to which these limits hold
	attackMemory = 512 << 20        // bytes that no attack may take
	attackTime   = 10 * time.Second // of the processor
	attackWait   = 3 * time.Minute  // in which it ends on a busy machine, too
	attackOutput = 1 << 20          // bytes that a command may say, where an attack sets no other bound
)

// attack is one call of the command with hostile input.
type attack struct {
	dir    string
	stdin  io.Reader
	env    []string
	output int           // bytes of stdout and stderr together, 0 for attackOutput
	stop   time.Duration // after which it gets SIGINT, 0 for never
	twice  bool          // half a second later it gets another
}

// attacked is what came of an attack.
type attacked struct {
	stdout, stderr string
	code           int
	peak           int64 // bytes of resident memory
	took, cpu      time.Duration
}

// run runs the command, and fails the test if it takes too much, or ends in a way
// that Go ends programs with.
func (a attack) run(t *testing.T, args ...string) attacked {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), attackWait)
	defer stop()
	cmd := exec.CommandContext(ctx, "sluice", args...)
	cmd.Env = append(append(os.Environ(), "GOMAXPROCS=2", "XDG_CACHE_HOME="+t.TempDir()), a.env...)
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = a.dir, a.stdin, time.Second
	out, said := &boundedText{most: orBytes(a.output)}, &boundedText{most: orBytes(a.output)}
	cmd.Stdout, cmd.Stderr = out, said
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if a.stop > 0 {
		interrupt := func() { _ = cmd.Process.Signal(os.Interrupt) } // it may have ended
		defer time.AfterFunc(a.stop, interrupt).Stop()
		if a.twice {
			defer time.AfterFunc(a.stop+time.Second/2, interrupt).Stop()
		}
	}
	ended := make(chan struct{})
	peak := make(chan int64)
	go func() { peak <- watchMemory(cmd.Process, ended) }()
	err := cmd.Wait()
	close(ended)
	r := attacked{out.String(), said.String(), cmd.ProcessState.ExitCode(), <-peak, time.Since(begun), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	var exit *exec.ExitError
	switch {
	case r.peak > attackMemory:
		t.Errorf("%s takes %d MiB of memory, and %d are enough", args[0], r.peak>>20, attackMemory>>20)
	case ctx.Err() != nil:
		t.Errorf("%s takes more than %s", args[0], attackWait)
	case r.cpu > attackTime+2*a.stop:
		t.Errorf("%s takes %s of the processor, and %s are enough", args[0], r.cpu, attackTime)
	case err != nil && !errors.As(err, &exit):
		t.Errorf("%s: %v", args[0], err)
	case a.stop > 0 && r.code < 0 && strings.Contains(err.Error(), "interrupt"): // before it began, or behind its end
	case r.code < 0 || strings.Contains(r.stderr, "goroutine "):
		t.Errorf("%s dies (%v): %s", args[0], err, r.stderr[:min(len(r.stderr), 1000)])
	case out.cut || said.cut:
		t.Errorf("%s says more than %d bytes", args[0], orBytes(a.output))
	}
	t.Logf("%s: exit %d, %d MiB, %s of the processor in %s", args[0], r.code, r.peak>>20, r.cpu.Round(time.Millisecond), r.took.Round(time.Millisecond))
	return r
}

// stopTime is the longest that a command may take to end after a signal.
const stopTime = 5 * time.Second

// stopped runs a command that gets a signal, up to three times until it ends in time: on a
// busy machine it may have to wait for the processor.
func (a attack) stopped(t *testing.T, stdin func() io.Reader, args ...string) (r attacked) {
	t.Helper()
	for range 3 {
		if stdin != nil {
			a.stdin = stdin()
		}
		if r = a.run(t, args...); r.took <= a.stop+stopTime {
			break
		}
	}
	return r
}

func orBytes(n int) int {
	if n == 0 {
		return attackOutput
	}
	return n
}

// boundedText keeps the first bytes that are written.
type boundedText struct {
	bytes.Buffer
	most int
	cut  bool
}

func (b *boundedText) Write(p []byte) (int, error) {
	if n := b.most - b.Len(); n < len(p) {
		b.cut = true
		b.Buffer.Write(p[:n])
		return len(p), nil
	}
	return b.Buffer.Write(p)
}
