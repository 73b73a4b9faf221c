package mapping

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/sluice-lake/sluice/mappings"
)

// Scheme begins the names of files that sluice ships, in `extends` and `include`. What such a
// file names beside it is shipped, too.
const Scheme = "sluice://"

// IsShipped reports whether the name of a file is one with the Scheme.
func IsShipped(name string) bool { return strings.HasPrefix(name, Scheme) }

// orShipped reads a file, or one that is shipped.
func (read Reading) orShipped(name string, limit int) ([]byte, error) {
	inside, shipped := strings.CutPrefix(name, Scheme)
	if !shipped {
		text, err := read(name, limit)
		return text, orMeant(name, err)
	}
	text, err := mappings.FS.ReadFile(inside)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("sluice ships no such file; the mappings that it ships are %s", strings.Join(shippedFiles(), ", "))
	}
	return text, err
}

// orMeant says of a file that is not there how the shipped one of its name is named.
func orMeant(name string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, shipped := range shippedFiles() {
		file := strings.TrimPrefix(shipped, Scheme)
		if strings.HasSuffix("/"+strings.TrimSuffix(name, ".yaml"), "/"+strings.TrimSuffix(file, ".yaml")) {
			return fmt.Errorf("%w; the one that sluice ships is named %s", err, shipped)
		}
	}
	return err
}

// shippedFiles are the shipped mappings that are one file, by the names that mappings give them.
func shippedFiles() (names []string) {
	for _, name := range Shipped() {
		if _, err := fs.Stat(mappings.FS, name+".yaml"); err == nil {
			names = append(names, Scheme+name+".yaml")
		}
	}
	return names
}
