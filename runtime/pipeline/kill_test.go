//go:build darwin || freebsd || linux

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sluice-lake/sluice/runtime/source"
)

const (
	victimRoot  = "SLUICE_TEST_VICTIM_ROOT"
	victimInput = "SLUICE_TEST_VICTIM_INPUT"
)

// child runs one test of this binary in a process of its own.
func child(t *testing.T, root, input string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), victimRoot+"="+root, victimInput+"="+input)
	return cmd
}

// A run that is killed with objects half written shows none of them, and the
// next run on the same output removes its leftovers and gives the tree of an
// undisturbed run.
func TestARunThatIsKilledIsMadeGoodByTheNext(t *testing.T) {
	if root := os.Getenv(victimRoot); root != "" {
		text, err := os.ReadFile(os.Getenv(victimInput))
		if err != nil {
			t.Fatal(err)
		}
		in := stuck(string(text), func() { fmt.Println("REACHED") })
		_, err = Run(t.Context(), setup(t, root, 2, []source.Input{in}))
		t.Fatalf("the run came to an end: %v", err)
	}
	path := write(t, "a.json", alerts(6000, ascending))
	root := filepath.Join(t.TempDir(), "lake")
	kill(t, child(t, root, path))
	for name := range tree(t, root) {
		if !strings.Contains(name, ".sluice-tmp/") {
			t.Errorf("the killed run shows %s", name)
		}
	}
	if len(tree(t, root)) == 0 {
		t.Error("the killed run had written nothing: this tests nothing")
	}
	undisturbed := filepath.Join(t.TempDir(), "lake")
	for _, out := range []string{root, undisturbed} {
		c := setup(t, out, 2, inputs(t, path))
		if _, err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		closeAll(t, c)
	}
	if d := differ(cleanTree(t, undisturbed), cleanTree(t, root)); d != "" {
		t.Error(d)
	}
}

// cleanTree is a tree that has no temporary folder left, not even an empty one.
func cleanTree(t *testing.T, root string) map[string][]byte {
	files := tree(t, root)
	if _, err := os.Stat(filepath.Join(root, ".sluice-tmp")); err == nil {
		t.Errorf("%s has a temporary folder", root)
	}
	return files
}

// kill starts a process and kills it once it says that its input is used up and
// waits for more.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("REACHED"))
	if _, err := out.Read(said); err != nil || string(said) != "REACHED" {
		t.Errorf("the process said %q (%v)", said, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed: that is its error
}

// A full disk is played by a process whose files may not grow beyond 32 KiB.
func TestAFullDiskStopsTheRun(t *testing.T) {
	if root := os.Getenv(victimRoot); root != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 32 << 10, Max: 32 << 10}); err != nil {
			t.Fatal(err)
		}
		small := os.Getenv(victimInput) + ".small"
		c := setup(t, root, 2, inputs(t, small, os.Getenv(victimInput)))
		_, err := Run(context.Background(), c)
		closeAll(t, c)
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), root) || !strings.Contains(err.Error(), os.Getenv(victimInput)) {
			t.Errorf("a full disk gave %v", err)
		}
		return
	}
	path := write(t, "a.json", alerts(6000, ascending))
	if err := os.WriteFile(path+".small", []byte(alert(1, startMillis)), 0o666); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "lake")
	if out, err := child(t, root, path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if files := tree(t, root); len(files) > 1 {
		t.Errorf("the folder holds %d files", len(files))
	}
}
