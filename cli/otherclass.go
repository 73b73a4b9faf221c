package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// looks bounds how many objects of the lake a run looks at when it has written, and looksADay
// how many of one day: sluice verify looks at all.
const (
	looks     = 64
	looksADay = 4
)

// otherClasses warns about custom sources that a run filled, in a lake in a folder, and that
// have events of another class, too: of runs with another mapping over other inputs. Security
// Lake has one class and one table for a source.
func otherClasses(root string, tables []pipeline.Table) (warnings []string) {
	for _, t := range tables {
		folder := filepath.Join(root, "ext", t.Source)
		own := objectClass{strconv.Itoa(int(t.Layout.Class.UID)), t.Layout.Schema.Version, t.Layout.Class.Name}
		found, at := anotherClass(folder, own, max(looksADay, looks/len(tables)))
		if at != "" {
			warnings = append(warnings, fmt.Sprintf("%s has events of two classes: of %s, which this run made, and of %s, as %s. A custom source has one class and one table: "+
				"give one of the two another source, or run its inputs again with the mapping of the other; `sluice verify %s` names all such objects", folder, own, found, at, root))
		}
	}
	return warnings
}

// objectClass is the class that the footer of an object names.
type objectClass struct{ uid, version, name string }

func (c objectClass) String() string {
	return fmt.Sprintf("%s (%s, OCSF %s)", c.name, c.uid, c.version)
}

// anotherClass finds an object of another class in the folder of a source, within that many
// looks. What cannot be read is passed over.
func anotherClass(folder string, own objectClass, left int) (found objectClass, at string) {
	days := map[string]int{}
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		day := filepath.Dir(path)
		switch {
		case err != nil || d.IsDir() || filepath.Ext(path) != ".parquet":
			return nil
		case days[day] == looksADay:
			return fs.SkipDir
		case left == 0:
			return fs.SkipAll
		}
		days[day]++
		left--
		if c := classOf(path); c.uid != "" && (c.uid != own.uid || c.version != own.version) {
			found, at = c, path
			return fs.SkipAll
		}
		return nil
	})
	return found, at
}

// classOf reads the class of an object of sluice's, "" for any other file.
func classOf(path string) (c objectClass) {
	f, err := os.Open(path)
	if err != nil {
		return c
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return c
	}
	object, err := inspect.Open(f, info.Size())
	if err != nil {
		return c
	}
	c.uid, _ = object.Lookup("ocsf.class_uid")
	c.version, _ = object.Lookup("ocsf.version")
	c.name, _ = object.Lookup("ocsf.class_name")
	return c
}
