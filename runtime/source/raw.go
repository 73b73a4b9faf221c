package source

import (
	"context"
	"fmt"
	"io"
)

// rawBytes is the size of one read: large enough that the cost of a call (for
// a network, of a round) does not show.
const rawBytes = 256 << 10

// raw is an input as it is stored, read by a goroutine of its own, because
// nothing else can leave a read of a terminal or pipe that never returns.
// After the context is cancelled that goroutine may still write into the last slice
// it got; so a raw that has failed is never read again, and its callers drop their
// buffers if a read was left behind.
type raw struct {
	name   string
	ctx    context.Context
	cancel context.CancelFunc
	ask    chan []byte
	done   chan outcome // holds one, so that the goroutine never waits here
	size   int64        // bytes read so far
	end    error        // io.EOF, or the fault that ended it, with the input named
	left   bool         // a read was left behind, and may still write into its slice
}

type outcome struct {
	n   int
	err error
}

func openRaw(ctx context.Context, in Input) (*raw, error) {
	r := &raw{name: in.Name, ask: make(chan []byte), done: make(chan outcome, 1)}
	r.ctx, r.cancel = context.WithCancel(ctx)
	go r.serve(in)
	select {
	case o := <-r.done:
		if o.err == nil {
			return r, nil
		}
		r.cancel()
		return nil, openFault(in, o.err)
	case <-r.ctx.Done():
		r.cancel()
		return nil, r.stopped()
	}
}

// openFault leaves an object's error as it is: the code that opens buckets names
// the object and knows better what to do about it.
func openFault(in Input, err error) error {
	if in.Remote {
		return err
	}
	return pathFault(in.Name, err)
}

func (r *raw) stopped() error {
	return fmt.Errorf("%s: reading was stopped: %w", r.name, context.Cause(r.ctx))
}

// serve opens, reads as it is asked, and closes, all in one goroutine: closing
// from outside while a read is under way is not safe for every reader.
func (r *raw) serve(in Input) {
	rc, err := in.Open(r.ctx)
	r.done <- outcome{err: err}
	if err != nil {
		return
	}
	defer rc.Close()
	for {
		select {
		case p := <-r.ask:
			n, err := rc.Read(p)
			r.done <- outcome{n, err}
			if err != nil {
				return
			}
		case <-r.ctx.Done():
			return
		}
	}
}

// Read is called by one goroutine. A read that returns nothing is tried again, up
// to a hundred times.
func (r *raw) Read(p []byte) (int, error) {
	if r.end != nil || len(p) == 0 {
		return 0, r.end
	}
	for range 100 {
		o := r.once(p)
		r.size += int64(o.n)
		if o.err != nil {
			r.end = r.failed(o.err)
		}
		if o.n > 0 {
			return o.n, nil
		}
		if r.end != nil {
			return 0, r.end
		}
	}
	r.end = r.failed(io.ErrNoProgress)
	return 0, r.end
}

// once asks for one read and waits for it, though not beyond the context.
func (r *raw) once(p []byte) outcome {
	if err := r.ctx.Err(); err != nil {
		return outcome{0, err}
	}
	select {
	case r.ask <- p:
	case <-r.ctx.Done():
		return outcome{0, r.ctx.Err()}
	}
	select {
	case o := <-r.done:
		return o
	case <-r.ctx.Done():
		r.left = true
		return outcome{0, r.ctx.Err()}
	}
}

// failed makes an error of a read into what the reading ended with. Readers of
// networks notice the context by themselves, and their error then says less.
func (r *raw) failed(err error) error {
	if err == io.EOF {
		return err
	}
	if r.ctx.Err() != nil {
		return r.stopped()
	}
	return fmt.Errorf("%s: reading failed after %d bytes (%w): check the disk or the network and run again", r.name, r.size, err)
}

// fault is what ended it, unless that was the plain end.
func (r *raw) fault() error {
	if r.end == io.EOF {
		return nil
	}
	return r.end
}
