package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// watchEvery is how often the times and sizes of files are compared. That works on
// every file system, network shares included.
const watchEvery = 300 * time.Millisecond

// watch runs the job, and again whenever one of its files changes, until the
// context ends, which is success: that is how a person ends it. It prints an error
// of the job and goes on. The files may be folders, and are listed again each time.
func (a *app) watch(ctx context.Context, files func() []string, job func() error) error {
	for {
		before := snapshot(files())
		err := job()
		if ctx.Err() != nil {
			return err // interrupted in the middle: the error says what is not done
		}
		if err != nil && err.Error() != "" {
			printf(a.Err, "sluice: %s\n", err)
		}
		printf(a.Err, "%s\n", "watching for changes; Ctrl-C ends it")
		if !changed(ctx, files, before) {
			return nil
		}
		printf(a.Err, "\n")
	}
}

// changed waits until the files differ from before and no longer change: editors
// write in several steps. It is false when the context ends first.
func changed(ctx context.Context, files func() []string, before string) bool {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	last := before
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		now := snapshot(files())
		if now != before && now == last {
			return true
		}
		last = now
	}
}

// snapshot is a text with names, sizes and times of files and of all files in
// folders. It skips hidden ones: editors keep their own files there.
func snapshot(files []string) string {
	var b strings.Builder
	for _, root := range files {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				fmt.Fprintf(&b, "%s: %v\n", name, err)
				return nil
			case name != root && strings.HasPrefix(d.Name(), ".") && d.IsDir():
				return fs.SkipDir
			case d.IsDir() || name != root && strings.HasPrefix(d.Name(), "."):
				return nil
			}
			if info, err := os.Stat(name); err == nil {
				fmt.Fprintf(&b, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
		if err != nil {
			fmt.Fprintf(&b, "%s: %v\n", root, err)
		}
	}
	return b.String()
}
