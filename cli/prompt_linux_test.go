package cli_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// pseudoTerminal opens a terminal that this test types into and reads from.
func pseudoTerminal(t *testing.T) (keys, terminal *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo terminals: %v", err)
	}
	t.Cleanup(func() { keys.Close() })
	var number uint32
	var locked int32
	control(t, keys, syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	control(t, keys, syscall.TIOCGPTN, unsafe.Pointer(&number))
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keys, terminal
}

func control(t *testing.T, f *os.File, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	c, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var errno syscall.Errno
	err = c.Control(func(fd uintptr) { _, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(arg)) })
	if err != nil || errno != 0 {
		t.Fatal(err, errno)
	}
}

// On a terminal, eval without an expression asks for one after another. However it
// ends, the terminal is as it was.
func TestPromptOnATerminal(t *testing.T) {
	for name, c := range map[string]struct {
		keys string
		end  func(p *os.Process) error
		code int
	}{
		"Ctrl-D":  {"1 + 1\r", nil, 0},
		"Ctrl-C":  {"999\x031 + 1\r", nil, 0}, // it only clears the line
		"quit":    {"1 + 1\r:quit\r", nil, 0},
		"SIGTERM": {"1 + 1\r", func(p *os.Process) error { return p.Signal(syscall.SIGTERM) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			keys, terminal := pseudoTerminal(t)
			var before, after syscall.Termios
			control(t, terminal, syscall.TCGETS, unsafe.Pointer(&before))
			cmd := exec.Command("sluice", "eval")
			cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
			cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if err := keys.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			readUntil(keys, "> ")
			if _, err := io.WriteString(keys, c.keys); err != nil {
				t.Fatal(err)
			}
			if got := readUntil(keys, "(integer)"); !strings.Contains(got, "\r\n2  ") && !strings.Contains(got, "\r\n\x1b[32m2\x1b[0m  ") {
				t.Errorf("it shows %q", got)
			}
			if c.end == nil {
				c.end = func(*os.Process) error { _, err := keys.WriteString("\x04"); return err }
			}
			if err := c.end(cmd.Process); err != nil {
				t.Fatal(err)
			}
			go io.Copy(io.Discard, keys)
			timer := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
			_ = cmd.Wait() // the exit code is looked at below
			timer.Stop()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("the exit code is %d, not %d", code, c.code)
			}
			control(t, terminal, syscall.TCGETS, unsafe.Pointer(&after))
			if before != after {
				t.Errorf("the terminal was %+v and is %+v", before, after)
			}
		})
	}
}

// readUntil reads until a text comes, or nothing more.
func readUntil(r io.Reader, text string) string {
	var all strings.Builder
	b := make([]byte, 1<<10)
	for !strings.Contains(all.String(), text) {
		n, err := r.Read(b)
		all.Write(b[:n])
		if err != nil {
			break
		}
	}
	return all.String()
}
