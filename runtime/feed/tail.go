package feed

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// tail is one followed file, under all the names that rotation gives it.
type tail struct {
	lane
	cursor *Cursor
	most   int64   // bytes of a range
	file   *opened // nil before the first look, and between two files
	// final says that nothing is appended to the file any more: another one has its
	// path. quiet is its size when that was seen, at since; it may still have grown until
	// then.
	final bool
	quiet int64
	since time.Time
	due   int64 // bytes of the file that wait for nothing
	// short is the size of the file, since shortSince, while it is less than what was read.
	short      int64
	shortSince time.Time
	// missed is true once it was reported that the file is not there.
	missed bool
	// searched is the byte up to which no line ends behind the cursor, 0 if that is not
	// known: a line that is written for hours is read once.
	searched int64
	harm     harm
}

// makeDue lets everything that is in the file be written in this round.
func (t *tail) makeDue() {
	if t.file != nil && !t.file.packed {
		if size, err := t.file.size(); err == nil {
			t.due = size
		}
	}
}

// next returns the range to write next, or nil if there is none yet. What is not due
// waits for as many bytes as are written at a time.
func (t *tail) next(context.Context) (*Range, error) {
	for {
		if ready, err := t.open(); !ready || err != nil {
			return nil, err
		}
		if err := t.look(); err != nil {
			return nil, err
		}
		if t.cursor.Planned != nil {
			return t.rangeTo(t.cursor.Planned.To, t.cursor.Planned.Identity), nil
		}
		to, err := t.end()
		switch {
		case err != nil:
			return nil, err
		case to > t.cursor.Offset:
			return t.planned(to), nil
		case !t.final:
			return nil, nil
		}
		if more, err := t.advance(); !more || err != nil {
			return nil, err
		}
	}
}

// open opens the file in which the cursor is. At the first start that is the one at the
// path. It returns false while there is none.
func (t *tail) open() (bool, error) {
	if t.file != nil {
		return true, nil
	}
	if t.cursor.File == (File{}) {
		return t.begin(t.name, "")
	}
	if t.file = t.find(); t.file != nil {
		t.final = t.file.packed
		t.quiet, t.older = -1, time.Now()
		if day := t.cursor.File.Day; t.cursor.File.HeadBytes == 0 { // it was empty then, and may be packed since
			t.cursor.File, t.moved = t.file.id, true
			t.cursor.File.Day = day
			t.foreign()
		}
		return true, nil
	}
	if _, err := os.Stat(t.name); err != nil {
		return false, t.waiting(err) // it may come back
	}
	offset, beside := t.cursor.Offset, t.packedBeside()
	if more, err := t.advance(); !more || err != nil {
		return false, err
	}
	t.cursor.Lost++
	t.report("lost", "the file that was followed up to byte %d is gone, with whatever came after that; following goes on in %s%s", offset, t.file.path, beside)
	return true, nil
}

// packedBeside names, for a message, the newest file that may be the one that is gone, since it
// cannot be read; "" if there is none.
func (t *tail) packedBeside() string {
	var last string
	for _, a := range archives(t.name) {
		if a.day >= t.cursor.File.Day && isForeign(a.path) {
			last = a.path
		}
	}
	for _, path := range siblings(t.name) {
		if rotated().MatchString(strings.TrimPrefix(path, t.name)) && isForeign(path) {
			last = path
		}
	}
	if last == "" {
		return ""
	}
	return fmt.Sprintf("; it may be %s, which is packed in a way that cannot be read here: unpack it, and look for what is missing with `sluice run`; let rotation pack with gzip", last)
}

// foreign reports that nothing can be read of the file, if that is so.
func (t *tail) foreign() {
	if t.file.foreign {
		t.cursor.Lost++
		t.report("lost", "%s is packed in a way that cannot be read here, and is left out: unpack it and give it to `sluice run`; let rotation pack with gzip", t.file.path)
	}
}

// begin starts with a new file.
func (t *tail) begin(path, day string) (bool, error) {
	file, err := open(path)
	if _, link := os.Readlink(path); path != t.name && link == nil && errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%s is a link that leads nowhere: correct it, or remove it if what it led to is gone", path)
	}
	if err != nil {
		return false, t.waiting(err)
	}
	if day == "" {
		day = t.dayOf(file)
	}
	file.id.Day = day
	t.file, t.final, t.quiet, t.due, t.searched, t.harm = file, file.packed, -1, 0, 0, harm{}
	t.cursor.File, t.cursor.Offset, t.cursor.Planned, t.moved = file.id, 0, nil, true
	t.older = time.Now()
	t.foreign()
	return true, nil
}

// waiting turns the absence of the file into nothing, but for a report: it will come.
func (t *tail) waiting(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if t.file == nil && !t.missed {
		t.missed = true
		t.report("missing", "there is no such file: it is waited for; if it should be there, check its name")
	}
	return nil
}

// look finds out whether the file was truncated, or another one has its path.
func (t *tail) look() error {
	if t.file.packed {
		return nil
	}
	size, err := t.file.size()
	if err != nil {
		return err
	}
	if size <= t.cursor.Offset {
		t.older = time.Now()
	}
	waited := t.lag.get().Waiting
	t.lag.set(max(0, size-t.cursor.Offset), t.older)
	if size < t.cursor.Offset {
		return t.shorter(size, waited)
	}
	t.shortSince = time.Time{}
	if size > t.cursor.Offset && !t.file.is(&t.cursor.File) {
		return t.truncated(waited)
	}
	if t.final {
		return nil
	}
	over, err := t.over()
	switch {
	case !over || err != nil:
		return err
	case t.quiet != size:
		t.quiet, t.since = size, time.Now()
	case time.Since(t.since) >= t.config.Poll: // nobody appends any more
		t.final = true
		if t.file.path == t.name {
			t.report("rotated", "the file was rotated; following goes on in the new one")
		}
	}
	return nil
}

// end returns where the next range ends: behind a line's end, and at the end of the
// file only if nothing is appended any more. It is the offset if there is nothing to
// write yet.
func (t *tail) end() (int64, error) {
	from := t.cursor.Offset
	if !t.file.packed && from >= t.due && !t.final {
		if size, err := t.file.size(); err != nil || size-from < t.most {
			return from, err
		}
	}
	at := max(from, t.searched)
	r, err := t.file.from(at)
	if err != nil {
		return from, err
	}
	defer r.Close()
	to, err := t.lastLine(bufio.NewReaderSize(r, 256<<10), from, at)
	if u, ok := r.(*unpacked); ok && err == nil {
		err = t.harmed(u.damaged)
	}
	if err != nil {
		return from, err
	}
	return to, nil
}

// lastLine returns the end of the last line within Most bytes, or of the first line if
// that is longer. The lines begin at from, and r at the byte at.
func (t *tail) lastLine(r *bufio.Reader, from, at int64) (int64, error) {
	end := from
	t.searched = 0
	for {
		part, err := r.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) && err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return from, err
		}
		at += int64(len(part))
		if bytes.HasSuffix(part, []byte{'\n'}) {
			if end > from && at-from > t.most {
				return end, nil
			}
			end = at
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if t.final {
				end = at
			}
			if end == from {
				t.searched = at
			}
			return end, nil
		}
	}
}

// planned makes a range and notes what it follows from.
func (t *tail) planned(to int64) *Range {
	id := &t.cursor.File
	if id.HeadBytes < headBytes { // more of it is there now
		if err := t.file.identify(); err == nil {
			day := id.Day
			*id = t.file.id
			id.Day = day
		}
	}
	return t.rangeTo(to, fmt.Sprintf("follow %s %d %d", id.Head, t.cursor.Offset, to))
}

func (t *tail) rangeTo(to int64, identity string) *Range {
	file, from := t.file, t.cursor.Offset
	return &Range{Name: t.name, From: from, To: to, Identity: identity, size: to - from, open: func(context.Context) (io.ReadCloser, error) { return file.from(from) }}
}

func (t *tail) intent() *Intent { return &t.cursor.Intent }

func (t *tail) move(r *Range) { t.cursor.Offset = r.To }
