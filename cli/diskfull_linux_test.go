package cli_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Law: on a full disk, where neither objects nor the state can be written, follow waits; when
// there is room it goes on, and each line is there once.
func TestFollowOnFullDisk(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=32m"); err != nil {
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	alerts, out := newAlertsFile(t), filepath.Join(disk, "lake")
	alerts.append(50)
	cmd := exec.Command("sluice", "follow", "-o", out, "--every", "1s", alerts.path())
	log := filepath.Join(t.TempDir(), "log")
	messages, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = messages
	if err = errors.Join(cmd.Start(), messages.Close()); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); len(found(t, out)) < alerts.next && time.Since(began) < time.Minute; {
		time.Sleep(50 * time.Millisecond)
	}
	says := func() int {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "no space left on device")
	}
	for _, killed := range []bool{false, true} {
		before := says()
		ballast := filepath.Join(disk, "ballast")
		fill(t, ballast)
		alerts.append(200)
		for began := time.Now(); says() == before && time.Since(began) < time.Minute; {
			time.Sleep(50 * time.Millisecond)
		}
		if says() == before {
			t.Fatal("it does not say that the disk is full")
		}
		if killed { // while the disk is full
			_ = errors.Join(cmd.Process.Kill(), cmd.Wait())
			cmd = exec.Command("sluice", "follow", "-o", out, "--every", "1s", alerts.path())
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		for began := time.Now(); len(found(t, out)) < alerts.next && time.Since(began) < time.Minute; {
			time.Sleep(50 * time.Millisecond)
		}
	}
	ended(t, cmd)
	times := found(t, out)
	for n := 1; n <= alerts.next; n++ {
		if id := fmt.Sprint(n); times[id] != 1 {
			t.Errorf("line %s is there %d times", id, times[id])
		}
	}
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; size /= 2 {
		for err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
