package feed

import (
	"errors"
	"os"
	"strings"
	"time"
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
			begun = t.current(a.path)
			candidates[0] = begun // what has the path may have got its inode
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
	return t.packedSince()
}

// packedSince finds the file of the cursor by its time, if it was empty when it was last looked
// at, lay in no dated folder, and was rotated and packed since: it is the first that was written
// after it was made.
func (t *tail) packedSince() *opened {
	id := &t.cursor.File
	if id.HeadBytes > 0 || id.Born == 0 || id.Day != "" {
		return nil
	}
	for _, path := range siblings(t.name) {
		info, err := os.Stat(path)
		if err != nil || info.ModTime().UnixNano() < id.Born || !rotated().MatchString(strings.TrimPrefix(path, t.name)) {
			continue
		}
		if o, err := open(path); err == nil {
			return o
		}
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
		return t.laterBeside(beside), ""
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

// laterBeside returns the first file beside the followed one that was written after the open
// one, if that is not there any more: it was removed, or packed in a way that cannot be read
// here. It is the followed file if there is none, or the open one is there.
func (t *tail) laterBeside(there bool) string {
	if t.file == nil || there {
		return t.name
	}
	mine, err := t.file.file.Stat()
	if err != nil {
		return t.name
	}
	for _, path := range siblings(t.name) {
		info, err := os.Stat(path)
		if err == nil && info.ModTime().After(mine.ModTime()) && rotated().MatchString(strings.TrimPrefix(path, t.name)) {
			return path
		}
	}
	return t.name
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

// over reports whether another file comes after the open one. While a file is rotated there
// may be none yet, and what has the old one open goes on to append to it.
func (t *tail) over() (bool, error) {
	next := t.name
	if t.file.path != t.name {
		next, _ = t.successor()
	}
	info, err := os.Stat(next)
	if err != nil {
		return false, t.waiting(err)
	}
	device, inode := nodeOf(info)
	switch {
	case inode == 0:
		return t.file.path != t.name, nil
	case device == t.file.id.Device && inode == t.file.id.Inode:
		t.file.path = next
		return false, nil
	case t.file.path != t.name:
		return true, nil
	}
	replaced, err := t.replaced()
	return !replaced, err
}

// replaced goes on in a file at the path that is another one but begins as the open one, and
// has at least as much: it was copied there anew, as rsync does whenever the file has grown.
func (t *tail) replaced() (bool, error) {
	file, err := open(t.name)
	if err != nil {
		return false, nil // what the old one has comes first; then this is said
	}
	size, err := file.size()
	if err != nil || size < t.cursor.Offset || !file.is(&t.cursor.File) {
		return false, errors.Join(err, file.close())
	}
	err = t.file.close()
	t.file, t.quiet, t.searched = file, -1, 0
	t.cursor.File.Device, t.cursor.File.Inode, t.moved = file.id.Device, file.id.Inode, true
	return true, err
}

// truncated goes on after the file was copied and begun anew: with the rest of the
// copy, if there is one, and then with the file. Waited is how many bytes were there
// and not read when it was last looked at.
func (t *tail) truncated(waited int64) error {
	rest := t.copyOf()
	if err := t.file.close(); err != nil {
		return err
	}
	t.file, t.searched, t.shortSince = rest, 0, time.Time{}
	if rest != nil {
		t.final = true
		t.report("truncated", "the file was copied to %s and begun anew; the rest of the copy comes first", rest.path)
		return nil
	}
	t.cursor.Lost++
	kind := "truncated"
	if waited > 0 {
		kind = "lost"
	}
	t.report(kind, "the file was begun anew, and no copy of it lies beside it: what was appended after byte %d is not there any more", t.cursor.Offset)
	_, err := t.begin(t.name, "")
	return err
}

// advance goes on with the file after the one that is read to its end. It returns false
// if there is none yet.
func (t *tail) advance() (bool, error) {
	path, day := t.successor()
	before, harm := t.file, t.harm
	if more, err := t.begin(path, day); !more || err != nil {
		return false, err
	}
	if before != nil {
		_ = before.close()
	}
	if harm.err != nil {
		t.cursor.Lost++
		t.report("lost", "%s is damaged (%v): what could be unpacked of it is written, and the rest is lost, unless there is a copy of it: give the lines that are missing to `sluice run`", before.path, harm.err)
	}
	return true, nil
}
