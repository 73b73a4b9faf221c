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
	"time"
)

// Input is one thing to read. It is a value; reading it changes nothing in it.
type Input struct {
	// Name is used in messages and as the origin of lines: the path as the
	// caller wrote it, "stdin", or s3://bucket/key.
	Name string
	// Size is in bytes, as stored (compressed, where it is). It is -1 for a
	// stream, which can be opened only once and whose size shows at its end.
	Size int64
	// Identity identifies the content if that is known before anything is read (the
	// checksum of a very large S3 object). It is empty where the identity is the
	// digest of the content (see Digest).
	Identity string
	// Modified is when the content was last changed; for a stream, when it was named.
	Modified time.Time
	// Remote is true if each Open is a request over a network.
	Remote bool
	// Listed is true for what a folder or a glob contributed, and false for what
	// was named itself.
	Listed bool
	// Open starts reading at the first byte. It may block (a named pipe waits
	// for its writer): a Reader calls it in a separate goroutine, which it
	// abandons when the context ends first.
	Open func(ctx context.Context) (io.ReadCloser, error)
	// Listing, if not nil, makes this one stand for as many inputs as a bucket has, which
	// nobody needs to hold: it lists them in their order, again at each call. Its Size is -1 then,
	// and it has no Open.
	Listing Listing

	object bool // it was found to begin like an object, see Foreign
}

// stdinName is the name of standard input in origins and messages.
const stdinName = "stdin"

var errStdinTwice = errors.New("standard input can be read only once: write it to a file and name that")

func stdinInput(stdin io.Reader) Input {
	var opened atomic.Bool
	return Input{Name: stdinName, Size: -1, Modified: time.Now(), Open: func(context.Context) (io.ReadCloser, error) {
		if opened.Swap(true) {
			return nil, errStdinTwice
		}
		return io.NopCloser(stdin), nil
	}}
}

func fileInput(path string, size int64, modified time.Time, open func(string) (*os.File, error)) Input {
	return Input{Name: path, Size: size, Modified: modified, Open: func(context.Context) (io.ReadCloser, error) {
		f, err := open(path)
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

// LogstashName returns the name of the objects for an input that the s3 output of
// Logstash wrote: its uuid, without hyphens and in lower case, as in Wazuh's
// guide, and `.part<N>` behind it unless N is 0. So the parts of a file that share a
// uuid share no name. It is false unless all of the name behind the last slash is
// Logstash's:
//
//	ls.s3.<uuid>.<yyyy-MM-ddTHH.mm>[.tag_<tags>].part<N>.txt[.gz]
func LogstashName(name string) (object string, ok bool) {
	const uuidLength, timeLayout = 36, "2006-01-02T15.04"
	rest, ok := strings.CutPrefix(name[strings.LastIndexByte(name, '/')+1:], "ls.s3.")
	if !ok || len(rest) < uuidLength+len("..")+len(timeLayout) || rest[uuidLength] != '.' {
		return "", false
	}
	object, ok = plainUUID(rest[:uuidLength])
	if !ok {
		return "", false
	}
	rest = rest[uuidLength+1:]
	if _, err := time.Parse(timeLayout, rest[:len(timeLayout)]); err != nil {
		return "", false
	}
	rest, ok = strings.CutSuffix(strings.TrimSuffix(rest[len(timeLayout):], ".gz"), ".txt")
	tags, part, found := cutLast(rest, ".part")
	if !ok || !found || !isNumber(part) || tags != "" && !strings.HasPrefix(tags, ".tag_") {
		return "", false
	}
	if part != "0" {
		object += ".part" + part
	}
	return object, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

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
