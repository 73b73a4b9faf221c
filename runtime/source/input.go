package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
)

// Input is one thing to read. It is a value; reading it changes nothing in it.
type Input struct {
	// Name stands in messages and in the origin of lines: the path as it was
	// given, "stdin", or s3://bucket/key.
	Name string
	// Size is in bytes, as stored (compressed, where it is). It is -1 for a
	// stream, which can be opened once only and tells its size by ending.
	Size int64
	// Identity is what the input is called by when that is known before
	// anything is read (bucket, key and version of an S3 object). It is empty
	// where the identity is the digest of the bytes.
	Identity string
	// Listed says that a folder or a glob brought the input along: it was not
	// named itself.
	Listed bool
	// Open starts reading at the first byte. It may block (a named pipe waits
	// for its writer): a Reader calls it in a goroutine of its own, and leaves
	// that behind when the context ends first.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// stdinName is how standard input is called in origins and messages.
const stdinName = "stdin"

var errStdinTwice = errors.New("standard input can be read only once: write it to a file and name that")

func stdinInput(stdin io.Reader) Input {
	var opened atomic.Bool
	return Input{Name: stdinName, Size: -1, Open: func(context.Context) (io.ReadCloser, error) {
		if opened.Swap(true) {
			return nil, errStdinTwice
		}
		return io.NopCloser(stdin), nil
	}}
}

func fileInput(path string, size int64) Input {
	return Input{Name: path, Size: size, Open: func(context.Context) (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err // not f: a nil *os.File is a ReadCloser that is not nil
		}
		return f, nil
	}}
}

// pathFault says what is wrong with a path and what to do. The path that the
// system put into err is left out, because name is what the person wrote.
func pathFault(name string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w: check the name", name, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: %w: give this user the right to read it", name, err)
	}
	return fmt.Errorf("%s: %w: check that it is a file or folder that can be read", name, err)
}

// LogstashUUID gives the uuid in an object's name as the s3 output of Logstash
// writes it, `<prefix>ls.s3.<uuid>.<rest>`, without hyphens and in lower case.
// Only the part after the last slash counts. It is false for any other name.
func LogstashUUID(name string) (string, bool) {
	const mark, length = "ls.s3.", 36
	base := name[strings.LastIndexByte(name, '/')+1:]
	for {
		_, rest, found := strings.Cut(base, mark)
		if !found {
			return "", false
		}
		if len(rest) > length && rest[length] == '.' {
			if uuid, ok := plainUUID(rest[:length]); ok {
				return uuid, true
			}
		}
		base = rest
	}
}

func plainUUID(s string) (string, bool) {
	var out [32]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		switch {
		case hyphen && c == '-':
			continue
		case hyphen:
			return "", false
		case c >= 'A' && c <= 'F':
			c += 'a' - 'A'
		case c < '0' || c > '9' && c < 'a' || c > 'f':
			return "", false
		}
		out[n] = c
		n++
	}
	return string(out[:n]), true
}
