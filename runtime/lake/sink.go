package lake

import (
	"context"
	"io"
)

// Sink stores objects: in a folder (lake/dir) or a bucket (lake/s3). Several goroutines
// may use it at once.
type Sink interface {
	// Create starts an object. Key is its final key, slash-separated and without a
	// leading slash, or "" if it is not known yet: the identity of a local file or
	// of stdin is only known once all of it has been read. A sink that needs the key
	// early (for a multipart upload) holds a bounded number of bytes until then, and
	// fails with an error that says so if they do not suffice. Ctx bounds the whole
	// life of the object.
	Create(ctx context.Context, key string) (Object, error)
	// Remove removes the object of this key; it succeeds if there is none. It returns
	// ErrMayNotRemove if the object stays because this identity may only write.
	Remove(ctx context.Context, key string) error
}

// Object is an object being written, by one goroutine at a time: Write…, Close, Commit.
// Abort may end it at any point before Commit.
type Object interface {
	io.Writer
	// Close ends the writing. It makes the bytes durable and frees what writing
	// needs (file handles, buffers), so that any number of objects can wait for
	// their names.
	Close() error
	// Keep makes Commit leave an object that exists under the key as it is: whoever
	// calls it knows that the two are equal.
	Keep()
	// Commit makes the object visible under the key, atomically, in place of an
	// older object of the same key. Key equals that of Create unless that was "".
	Commit(ctx context.Context, key string) error
	// Abort discards the object: nothing of it stays. It does nothing after a Commit
	// that succeeded.
	Abort() error
}
