package lake

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

// Repository is a Sink whose objects can be listed and read.
type Repository interface {
	Sink
	// List gives the objects whose keys begin with a prefix, in the order of their keys.
	List(ctx context.Context, prefix string, each func(Stored)) error
	// Open opens an object as it was listed. The error is ErrGone, or wraps it, if it is
	// another one by now, or none; reading may fail with it too. Ctx bounds the life of
	// the reader, which several goroutines may use.
	Open(ctx context.Context, o Stored) (ReadCloserAt, error)
}

// Stored is an object that was listed.
type Stored struct {
	Key      string
	Bytes    int64
	Modified time.Time
	Tag      string // of this state of the object, "" where there are none
}

// ReadCloserAt reads any part of an object.
type ReadCloserAt interface {
	io.ReaderAt
	io.Closer
}

// ErrGone is the error of an object that was replaced or removed after it was listed.
var ErrGone = errors.New("it was replaced or removed meanwhile: run it again")

// SplitKey splits the key of an object of a lake into the folder of its partition, with
// the slash, and its name without extension. It is the inverse of Partition.Key, but takes
// any values. It returns false for other keys.
func SplitKey(key string) (folder, name string, ok bool) {
	at := strings.LastIndexByte(key, '/') + 1
	name, ok = strings.CutSuffix(key[at:], objectEnd)
	folder = key[:at]
	return folder, name, ok && name != "" && strings.HasPrefix(folder, "ext/") && Value(folder, "eventDay=") != ""
}

// Value returns a value in the folder of a partition: "region=", "accountId=", "eventDay=",
// or "ext/" for the custom source. It returns "" if there is none.
func Value(folder, of string) string {
	_, after, ok := strings.Cut("/"+folder, "/"+of)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(after, "/")
	return value
}
