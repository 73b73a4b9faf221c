package lake

import (
	"context"
	"io"
)

// Sink is where objects go: a folder (lake/dir), a bucket (lake/s3). It may be
// used by several goroutines at once.
type Sink interface {
	// Create starts an object. Key is its final key, slash-separated and
	// without a leading slash, or "" when it is not known yet: the identity of
	// a local file or of stdin is only known once all of it has been read. A
	// sink that needs the key early (a multipart upload) holds a bounded
	// number of bytes until then, and fails with an error that says so when
	// they do not suffice. Ctx bounds the whole life of the object.
	Create(ctx context.Context, key string) (Object, error)
}

// Object is one object being written, by one goroutine at a time. Its life is
// Write…, Close, Commit; Abort may end it at any point before Commit.
type Object interface {
	io.Writer
	// Close says that every byte was written. It makes them durable and gives
	// up what writing needs (file handles, buffers), so that any number of
	// objects can wait for their names.
	Close() error
	// Commit makes the object visible under the key, at once and as a whole,
	// in place of an older one of the same key. Key equals that of Create
	// unless that was "".
	Commit(ctx context.Context, key string) error
	// Abort takes the object back: nothing of it stays. It does nothing after
	// a Commit that succeeded.
	Abort() error
}
