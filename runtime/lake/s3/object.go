package s3

import (
	"context"
	"errors"
	"io"

	"github.com/sluice-lake/sluice/runtime/memory"
)

// object is an object being written. It holds all of it, or the part that is being
// filled, or nothing any more.
type object struct {
	sink *Sink
	ctx  context.Context
	key  string                 // "" while it is not known
	find func() (string, error) // nil if it is known only at Commit

	pieces  pieces  // those before held, each of a part's size; none once there is an upload
	held    []byte  // what was written last
	counted int64   // bytes that the run's memory counts, without the spared ones
	spared  int64   // bytes that the run's memory had to spare
	unnamed int64   // bytes reserved of what the Sink holds for objects without a key
	upload  *upload // nil as long as one request may suffice
	closed  bool
	keep    bool // Commit leaves an object that is there
	done    bool // committed or aborted
}

func (o *object) Write(p []byte) (int, error) {
	if o.key == "" && o.find == nil {
		if err := o.sink.reserve(len(p)); err != nil {
			return 0, err
		}
		o.unnamed += int64(len(p))
	}
	written := 0
	for len(p) > 0 {
		full := o.partSize()
		if len(o.held) == full {
			if err := o.full(); err != nil {
				return written, err
			}
			continue
		}
		n := min(len(p), full-len(o.held))
		o.held = append(o.held, p[:n]...)
		p, written = p[n:], written+n
	}
	if o.upload == nil {
		o.count(o.unspared() - o.counted)
	}
	return written, nil
}

// unspared is how much is held before there is an upload, without what is spared.
func (o *object) unspared() int64 { return o.pieces.size() + int64(len(o.held)) - o.spared }

// full continues when the last piece is full: with another one, if there is memory that
// nobody needs, because one request makes the object visible at once and leaves nothing
// behind; otherwise with an upload, for which it needs its key. Without that it may have
// another piece in any case: an upload takes no less.
func (o *object) full() error {
	waits := o.key == "" && (len(o.pieces) == 0 || o.find == nil)
	if o.upload != nil || !o.spare(partBytes) && !waits {
		return o.sendPart()
	}
	o.pieces = append(o.pieces, o.held)
	o.held = make([]byte, 0, partBytes)
	return nil
}

// spare takes n bytes that nobody needs, and reports whether there are as many.
func (o *object) spare(n int64) bool {
	if o.sink.Memory == nil || !o.sink.Memory.Spare(n) {
		return false
	}
	o.spared += n
	return true
}

// count counts n bytes more that are held.
func (o *object) count(n int64) {
	if o.sink.Memory != nil {
		o.sink.Memory.Add(memory.Reading, n)
		o.counted += n
	}
}

// free gives up what is held before the last piece.
func (o *object) free() {
	if o.spared > 0 {
		o.sink.Memory.Return(o.spared)
	}
	o.pieces, o.spared = nil, 0
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
		if err := o.findKey(); err != nil {
			return err
		}
		u, err := o.sink.begin(o.ctx, o.key)
		if err != nil {
			return err
		}
		o.upload = u
		o.count(2*partBytes - o.counted) // the part being sent, and the next
		for i, piece := range o.pieces {
			if _, err := o.upload.send(piece); err != nil {
				return err
			}
			o.pieces[i] = nil
		}
		o.free()
	}
	var err error
	o.held, err = o.upload.send(o.held)
	return err
}

// findKey finds the key if it is not known.
func (o *object) findKey() (err error) {
	if o.key == "" {
		o.key, err = o.find()
	}
	return err
}

// Close sends the last part. A small object stays in memory until Commit. If that needs the
// end of the input, its memory must be to spare: it could not be given back earlier.
func (o *object) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	if o.upload == nil {
		return o.rest()
	}
	if len(o.held) > 0 {
		if err := o.sendPart(); err != nil {
			return err
		}
	}
	o.held = nil
	return o.upload.wait()
}

// rest lets an object wait for Commit.
func (o *object) rest() error {
	n := o.unspared()
	if o.key != "" || o.find == nil || n == 0 {
		return nil
	}
	if !o.spare(n) {
		return o.findKey()
	}
	o.count(-n)
	return nil
}

func (o *object) NameBy(find func() (string, error)) { o.find = find }

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
	o.free()
	o.count(-o.counted)
	o.sink.release(o.unnamed)
	o.unnamed = 0
}

func (o *object) put(ctx context.Context, key string) error {
	whole := append(o.pieces[:len(o.pieces):len(o.pieces)], o.held)
	_, err := o.sink.put(ctx, key, whole, o.keep)
	return err
}

// pieces are bytes one after another. All but the last have partBytes.
type pieces [][]byte

func (p pieces) size() (n int64) {
	for _, piece := range p {
		n += int64(len(piece))
	}
	return n
}

// ReadAt is that of io.ReaderAt.
func (p pieces) ReadAt(b []byte, at int64) (n int, err error) {
	i := min(int(at/partBytes), len(p)-1)
	for at -= int64(i) * partBytes; n < len(b) && i < len(p); i, at = i+1, 0 {
		if at < int64(len(p[i])) {
			n += copy(b[n:], p[i][at:])
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
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
