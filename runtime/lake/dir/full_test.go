//go:build darwin || freebsd || linux

package dir

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const fullRoot = "SLUICE_TEST_FULL_ROOT"

// A disk that is full is played by a process whose files may not grow beyond
// 64 KiB. The limit holds for the whole process, so it is another one.
func TestAFullDiskLeavesNothingHalf(t *testing.T) {
	if root := os.Getenv(fullRoot); root != "" {
		fillUp(t, root)
		return
	}
	root := filepath.Join(t.TempDir(), "lake")
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), fullRoot+"="+root)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if left := tree(t, root); len(left) != 1 || left["small"] != "fits" {
		t.Errorf("the folder holds %v", left)
	}
}

func fillUp(t *testing.T, root string) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := &syscall.Rlimit{Cur: 64 << 10, Max: 64 << 10}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, limit); err != nil {
		t.Fatal(err)
	}
	s := open(t, root)
	put(t, s, "small", "fits")
	o, err := s.Create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Write(make([]byte, 100<<10))
	if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), root) || !strings.Contains(err.Error(), "raise the limit") {
		t.Errorf("a full disk gave %v", err)
	}
	if err := o.Abort(); err != nil {
		t.Error(err)
	}
	closeSink(t, s)
}
