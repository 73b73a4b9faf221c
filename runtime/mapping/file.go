package mapping

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/sluice-lake/sluice/engine/syntax"
)

var errNotRegular = errors.New("it is no regular file: name a file, not a device or a pipe")

// readFile reads a mapping or a fragment, of at most syntax.MaxBytes, or the file of
// a table, of at most syntax.MaxTableBytes.
func readFile(name string, limit int) ([]byte, error) {
	cure := "split it"
	if limit == syntax.MaxTableBytes {
		cure = "leave out rows and columns that no rule looks up"
	}
	return readRegular(name, limit, cure)
}

// ReadModule reads a module's file, of at most MaxModule bytes.
func ReadModule(name string) ([]byte, error) { return readRegular(name, MaxModule, "strip it") }

// readRegular reads a regular file. Mappings name other files, and mappings are
// shared: so a name may lead to a device that never ends or to a pipe that never
// begins. What it leads to is known only when it is open, which must not wait.
// cure is for a file beyond the limit, in bytes.
func readRegular(name string, limit int, cure string) ([]byte, error) {
	file, err := os.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, shorten(err)
	}
	defer file.Close() // only read
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, shorten(err)
	case info.IsDir():
		return nil, fmt.Errorf("it is a folder")
	case !info.Mode().IsRegular():
		return nil, errNotRegular
	}
	text, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if len(text) > limit {
		return nil, fmt.Errorf("it has %d bytes, the limit is %d: %s", max(info.Size(), int64(len(text))), limit, cure)
	}
	return text, shorten(err)
}

// shorten leaves out of an error of the file system what the sentence around it
// says already.
func shorten(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err
	}
	return err
}
