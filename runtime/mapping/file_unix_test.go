//go:build unix

package mapping_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// What a mapping names may be a device or a pipe: reading ends at once, and says
// why.
func TestOnlyRegularFiles(t *testing.T) {
	dir := write(t, map[string]string{
		"zero.yaml": strings.Replace(finding, "../shared/all.yaml", "/dev/zero", 1),
		"pipe.yaml": strings.Replace(finding, "../shared/all.yaml", "fifo", 1),
	})
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 5)
	go func() {
		for _, name := range []string{"zero.yaml", "pipe.yaml"} {
			files, err := (&mapping.Loader{AllowOutside: true}).Load([]string{filepath.Join(dir, name)})
			if err == nil {
				_, err = engine.Compile(files, engine.Options{})
			}
			done <- err
		}
		for _, name := range []string{"/dev/zero", fifo} {
			_, err := mapping.ReadModule(name)
			done <- err
		}
		_, err := mapping.Load([]string{fifo})
		done <- err
	}()
	for range 5 {
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
				t.Errorf("read: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("reading does not end")
		}
	}
}

// Files that a mapping includes are bounded together, not only one by one.
func TestIncludesTogether(t *testing.T) {
	n := 0
	files, err := mapping.Read([]string{"a.yaml"}, func(string, int) ([]byte, error) {
		n++
		return append(fmt.Appendf(nil, "include: %d.yaml\n# ", n), strings.Repeat("x", 1<<20-100)...), nil
	})
	if err != nil || n > 11 {
		t.Fatalf("%d files read (%v)", n, err)
	}
	if last := files[0].Includes[fmt.Sprintf("%d.yaml", n-1)]; last.Err == nil || len(last.Text) > 0 {
		t.Errorf("the last file is read: %d bytes, %v", len(last.Text), last.Err)
	}
}
