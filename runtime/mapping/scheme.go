package mapping

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/spelling"
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
	if err != nil {
		names := shippedNames()
		return nil, fmt.Errorf("sluice ships no such file; the mappings and sets that it ships are %s%s", strings.Join(names, ", "), spelling.DidYouMean(name, names))
	}
	return text, nil
}

// shippedSet lists the files of a shipped set, which is named without .yaml, as `-m` has it.
func shippedSet(name string) (files []string) {
	set, shipped := strings.CutPrefix(name, Scheme)
	if !shipped || !slices.Contains(Shipped(), set) {
		return nil
	}
	names, err := mappingsOf(mappings.FS, set)
	if err != nil {
		return nil // it is embedded
	}
	for _, file := range names {
		files = append(files, Scheme+file)
	}
	return files
}

// orMeant says of a file that is not there how the shipped one of its name is named.
func orMeant(name string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, shipped := range shippedNames() {
		if strings.HasSuffix("/"+name, "/"+strings.TrimPrefix(shipped, Scheme)) {
			return fmt.Errorf("%w; the one that sluice ships is named %s", err, shipped)
		}
	}
	return err
}

// shippedNames are what a mapping may extend: sets, by the names that `-m` takes, and those that
// are one file, by the names of these.
func shippedNames() (names []string) {
	for _, set := range Shipped() {
		names = append(names, Scheme+set)
		if _, err := fs.Stat(mappings.FS, set+".yaml"); err == nil {
			names = append(names, Scheme+set+".yaml")
		}
	}
	return names
}
