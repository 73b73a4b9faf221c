package feed

import (
	"os"
	"strings"
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

// successor returns the file after the open one, or after one that is gone: behind one that
// lies beside the followed file the next of these, or the followed file; else the next of
// the dated folders; else what has the path.
func (t *tail) successor() (path, day string) {
	known, beside := t.cursor.File.Day, false
	if t.file != nil {
		var next string
		if next, beside = t.beside(); next != "" {
			return next, known
		}
	}
	if known == "" {
		return t.name, ""
	}
	for _, a := range archives(t.name) {
		if a.day > known || beside && a.day == known {
			return t.current(a.path), a.day
		}
	}
	return t.name, ""
}

// beside reports whether the open file lies beside the followed one, and returns the next
// that does, or "". Rotation goes on while a file is read, so its name when it was opened
// may be that of another by now.
func (t *tail) beside() (next string, found bool) {
	for _, path := range siblings(t.name) {
		if found && rotated().MatchString(strings.TrimPrefix(path, t.name)) {
			return path, true
		}
		if o, err := open(path); err == nil {
			found = found || o.is(&t.cursor.File)
			_ = o.close()
		}
	}
	return "", found
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
