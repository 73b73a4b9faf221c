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

var errNotRegular = errors.New("it is not a regular file: name a file, not a device or a pipe")

// cure says what to do about a file beyond a limit.
func cure(limit int) string {
	switch limit {
	case syntax.MaxTableBytes:
		return "leave out rows and columns that no rule looks up"
	case MaxModule:
		return "strip it"
	}
	return "split it"
}

// readFile reads a file that is named in the call, of at most limit bytes.
func readFile(name string, limit int) ([]byte, error) {
	file, err := openFile(name)
	if err != nil {
		return nil, err
	}
	return readAll(file, limit)
}

// ReadModule reads the file of a module that is named in the call, of at most MaxModule bytes.
func ReadModule(name string) ([]byte, error) { return readFile(name, MaxModule) }

// openFile opens a regular file. Mappings name other files, and mappings are shared: so
// a name may lead to a device that never ends or to a pipe that never begins. What it
// leads to is known only when it is open, which must not wait.
func openFile(name string) (*os.File, error) {
	return regular(os.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NONBLOCK, 0))
}

// regular closes a file that is not a regular one.
func regular(file *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, shorten(err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		err = shorten(err)
	case info.IsDir():
		err = errors.New("it is a folder")
	case !info.Mode().IsRegular():
		err = errNotRegular
	default:
		return file, nil
	}
	file.Close() // only opened
	return nil, err
}

// readAll reads a file of at most limit bytes, and closes it.
func readAll(file *os.File, limit int) ([]byte, error) {
	defer file.Close() // only read
	text, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if len(text) > limit {
		size := int64(len(text))
		if info, err := file.Stat(); err == nil {
			size = max(size, info.Size())
		}
		return nil, tooLong(size, limit)
	}
	return text, shorten(err)
}

func tooLong(size int64, limit int) error {
	return fmt.Errorf("it has %d bytes, the limit is %d: %s", size, limit, cure(limit))
}

// shorten leaves out of an error of the file system what the sentence around it
// says already.
func shorten(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err
	}
	return err
}
