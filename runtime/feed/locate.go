package feed

import (
	"os"
	"slices"
)

// copyOf finds a copy of the file at the cursor, of another inode.
func (t *tail) copyOf() *opened {
	for _, path := range siblings(t.name) {
		if o, err := open(path); err == nil {
			if o.is(&t.cursor.File) {
				return o
			}
			_ = o.close()
		}
	}
	return nil
}

// find finds the file of the cursor, wherever rotation has put it.
func (t *tail) find() *opened {
	candidates := []string{t.name}
	begun := "" // where the file is if it was empty
	for _, a := range archives(t.name) {
		if a.day >= t.cursor.File.Day {
			candidates = append(candidates, a.path)
		}
		if a.day == t.cursor.File.Day && t.cursor.File.HeadBytes == 0 {
			begun = a.path
		}
	}
	for _, path := range append(candidates, siblings(t.name)...) {
		o, err := open(path)
		if err != nil {
			continue
		}
		if o.is(&t.cursor.File) || path == begun {
			o.id.Day = t.cursor.File.Day
			return o
		}
		_ = o.close()
	}
	return nil
}

// dayOf returns where a file lies in the dated folders, or "".
func (t *tail) dayOf(o *opened) string {
	all := archives(t.name)
	for i := len(all) - 1; i >= 0; i-- {
		if info, err := os.Stat(all[i].path); err == nil {
			if device, inode := nodeOf(info); inode != 0 && device == o.id.Device && inode == o.id.Inode {
				return all[i].day
			}
		}
	}
	return ""
}

// successor returns the file after the open one, or after one that is gone: behind a
// copy the next copy, or the file that was begun anew; else the next of the dated
// folders; else what has the path.
func (t *tail) successor() (path, day string) {
	known, copied := t.cursor.File.Day, false
	if t.file != nil {
		others := siblings(t.name)
		at := slices.Index(others, t.file.path)
		copied = at >= 0
		if copied && at+1 < len(others) {
			return others[at+1], known
		}
	}
	if known == "" {
		return t.name, ""
	}
	for _, a := range archives(t.name) {
		if a.day > known || copied && a.day == known {
			return t.current(a.path), a.day
		}
	}
	return t.name, ""
}

// current returns the followed path for a dated file that is the same as it.
func (t *tail) current(dated string) string {
	a, errA := os.Stat(t.name)
	b, errB := os.Stat(dated)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return t.name
	}
	return dated
}
