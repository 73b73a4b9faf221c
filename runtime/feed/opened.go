package feed

import (
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// headBytes is how much of the beginning of a file identifies it: its first alert has
// an id and a time.
const headBytes = 1 << 10

var errNotRegular = errors.New("it is not a regular file")

// openRegular opens a regular file. What a name leads to is known only when it is open,
// which must not wait: a pipe may never begin.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// opened is a file that is open for reading. A packed one does not grow.
type opened struct {
	path    string // when it was opened
	file    *os.File
	packed  bool
	foreign bool // packed in a way that is not known here: nothing can be read of it
	id      File
}

// open opens a file and identifies it.
func open(path string) (*opened, error) {
	f, err := openRegular(path)
	if errors.Is(err, errNotRegular) {
		return nil, fmt.Errorf("%s is not a regular file: name the file that alerts are appended to", path)
	}
	if err != nil {
		return nil, err
	}
	_, end := unpackedName(path)
	o := &opened{path: path, file: f, packed: end != "", foreign: isForeign(path)}
	if err := o.identify(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return o, nil
}

// isForeign reports whether a file of this name is packed in a way that is not known here.
func isForeign(path string) bool {
	_, end := unpackedName(path)
	return end != "" && end != ".gz"
}

// identify reads the beginning of the file, which may have grown.
func (o *opened) identify() error {
	info, err := o.file.Stat()
	if err != nil {
		return err
	}
	o.id.Device, o.id.Inode = nodeOf(info)
	o.id.Head, o.id.HeadBytes, err = o.head(headBytes)
	if o.id.Born = 0; o.id.HeadBytes == 0 {
		o.id.Born = born(o.file)
	}
	return err
}

// head returns a digest of at most that many first bytes, and their number. Those of a foreign
// file are as it is.
func (o *opened) head(most int64) (digest string, n int64, err error) {
	r := io.NopCloser(io.NewSectionReader(o.file, 0, most))
	if !o.foreign {
		if r, err = o.from(0); err != nil {
			return "", 0, err
		}
	}
	defer r.Close()
	head, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return "", 0, err
	}
	sum := sha256.Sum256(head)
	return hex.EncodeToString(sum[:16]), int64(len(head)), nil
}

// is reports whether the file is the one that was identified: by its beginning, since
// another file may have got its inode.
func (o *opened) is(id *File) bool {
	if id.HeadBytes == 0 { // it was empty
		at := born(o.file)
		return o.id.Device == id.Device && o.id.Inode == id.Inode && id.Inode != 0 && (at == id.Born || at == 0 || id.Born == 0)
	}
	head, n, err := o.head(id.HeadBytes)
	return err == nil && n == id.HeadBytes && head == id.Head
}

// from reads the unpacked file from an offset on. The reader is independent of others. Nothing
// can be read of a foreign file.
func (o *opened) from(offset int64) (io.ReadCloser, error) {
	const end = 1 << 62
	if o.foreign {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if !o.packed {
		return io.NopCloser(io.NewSectionReader(o.file, offset, end-offset)), nil
	}
	u := &unpacked{from: io.NewSectionReader(o.file, 0, end)}
	if _, err := io.CopyN(io.Discard, u, offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s cannot be read: %w", o.path, err)
	}
	return u, nil
}

// unpacked reads a packed file up to where it is damaged.
type unpacked struct {
	from    io.Reader
	z       *gzip.Reader // nil before the first byte
	damaged error        // nil for a file that is whole, as far as it was read
}

func (u *unpacked) Read(p []byte) (n int, err error) {
	if u.damaged != nil {
		return 0, io.EOF
	}
	if u.z == nil {
		if u.z, err = gzip.NewReader(u.from); errors.Is(err, io.EOF) { // nothing is there
			err = io.ErrUnexpectedEOF
		}
	}
	if err == nil {
		n, err = u.z.Read(p)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, new(flate.CorruptInputError)) {
		u.damaged, err = err, io.EOF
	}
	return n, err
}

func (u *unpacked) Close() error { return nil }

// size returns the number of bytes of a file that is not packed.
func (o *opened) size() (int64, error) {
	info, err := o.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (o *opened) close() error { return o.file.Close() }
