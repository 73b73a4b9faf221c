package lake

import (
	"context"
	"io"
)

// Sink stores objects: in a folder (lake/dir) or a bucket (lake/s3). Several goroutines
// may use it at once.
type Sink interface {
	// Create starts an object. Key is its final key, slash-separated and without a
	// leading slash, or only its folder, "" or with a slash at its end, if its name is not
	// known yet: the identity of an input may be known only once all of it has been read. A
	// sink that needs the key early (for a multipart upload) holds a bounded number of bytes
	// until then, and calls what Object.NameBy gave it if they do not suffice; without
	// that it fails with an error that says so. Ctx bounds the whole life of the object.
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
	// NameBy says how to find the key of an object that was created without its name.
	// Find may take long, and is called in Write or Close, when the object cannot wait
	// for Commit; the error of these is then that of find.
	NameBy(find func() (key string, err error))
	// Keep makes Commit leave an object that exists under the key as it is: whoever
	// calls it knows that the two are equal.
	Keep()
	// Commit makes the object visible under the key, atomically, in place of an
	// older object of the same key. Key equals that of Create or NameBy, if these had one.
	Commit(ctx context.Context, key string) error
	// Abort discards the object: nothing of it stays. It does nothing after a Commit
	// that succeeded.
	Abort() error
}
