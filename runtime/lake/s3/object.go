package s3

import (
	"context"
	"errors"
)

// object is an object being written. It holds all of it, or the part that is being
// filled, or nothing any more.
type object struct {
	sink *Sink
	ctx  context.Context
	key  string // "" while it is not known

	held    []byte
	unnamed int64   // bytes reserved of what the Sink holds for objects without a key
	upload  *upload // nil as long as one request may suffice
	closed  bool
	keep    bool // Commit leaves an object that is there
	done    bool // committed or aborted
}

func (o *object) Write(p []byte) (int, error) {
	if o.key == "" {
		if err := o.sink.reserve(len(p)); err != nil {
			return 0, err
		}
		o.unnamed += int64(len(p))
		o.held = append(o.held, p...)
		return len(p), nil
	}
	written := 0
	for len(p) > 0 {
		full := o.partSize()
		if len(o.held) == full {
			if err := o.sendPart(); err != nil {
				return written, err
			}
			continue
		}
		n := min(len(p), full-len(o.held))
		o.held = append(o.held, p[:n]...)
		p, written = p[n:], written+n
	}
	return written, nil
}

// partSize grows with the number of parts, so that 10,000 of them always suffice.
func (o *object) partSize() int {
	if o.upload == nil {
		return partBytes
	}
	return partBytes * (1 + o.upload.count/1000)
}

func (o *object) sendPart() error {
	if o.upload == nil {
		u, err := o.sink.begin(o.ctx, o.key)
		if err != nil {
			return err
		}
		o.upload = u
	}
	var err error
	o.held, err = o.upload.send(o.held)
	return err
}

// Close sends the last part. A small object stays in memory until Commit.
func (o *object) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	if o.upload == nil {
		return nil
	}
	if len(o.held) > 0 {
		if err := o.sendPart(); err != nil {
			return err
		}
	}
	o.held = nil
	return o.upload.wait()
}

func (o *object) Keep() { o.keep = true }

func (o *object) Commit(ctx context.Context, key string) error {
	if err := o.Close(); err != nil {
		return err
	}
	var err error
	if o.upload != nil {
		err = o.upload.complete(ctx, o.keep)
	} else {
		err = o.put(ctx, key)
	}
	if err == nil {
		o.finish()
	}
	return err
}

func (o *object) finish() {
	o.done, o.held = true, nil
	o.sink.release(o.unnamed)
	o.unnamed = 0
}

func (o *object) put(ctx context.Context, key string) error {
	_, err := o.sink.put(ctx, key, o.held, o.keep)
	return err
}

func (o *object) Abort() error {
	if o.done {
		return nil
	}
	o.finish()
	if o.upload == nil {
		return nil
	}
	return o.upload.abort()
}

func ptr[T any](v T) *T { return &v }

var errEnded = errors.New("the upload was ended")
