package source

import (
	"fmt"
	"io"
)

// fill reads until the window holds want bytes, or all that are left. It reads
// no further, so what the window holds never depends on the sizes of reads.
func (r *Reader) fill(want int) error {
	for r.have-r.start < want && !r.ended {
		room := want
		if r.usual < want && r.usual > r.have-r.start {
			room = r.usual // as a rule the input ends in it
		}
		if err := r.reserve(room); err != nil {
			return err
		}
		if err := r.read(room); err != nil {
			return err
		}
	}
	return nil
}

// read reads until want bytes of the window are there, or all that are left.
func (r *Reader) read(want int) error {
	for r.have < want && !r.ended {
		if r.raw.ctx.Err() != nil { // a few packed bytes may hold hours of lines
			return r.raw.stopped()
		}
		n, err := r.plain.Read(r.window[r.have:min(want, r.have+r.unchecked())])
		r.hash.Write(r.window[r.have : r.have+n])
		if r.have += n; err == nil {
			err = r.expands(r.window[r.have-n : r.have])
		}
		if err == nil {
			continue
		}
		if err := r.end(err); err != nil {
			return err
		}
	}
	return nil
}

// reserve moves the window's bytes to its front and makes it want bytes long. A
// window that a long line made large shrinks again.
func (r *Reader) reserve(want int) error {
	size := r.usual
	if want > size {
		size = max(want, r.opt.ChunkBytes)
	}
	held, more := r.window[r.start:r.have], int64(size-r.usual)
	c := cap(r.window)
	another := c < size || c > max(size, keptWindow)
	if !another {
		more = max(more, r.grown)
	}
	if more != r.grown {
		if err := r.opt.Grow(more - r.grown); err != nil {
			return err
		}
		r.grown = more
	}
	if another {
		r.window = make([]byte, size)
	}
	r.window = r.window[:size]
	r.have = copy(r.window, held)
	r.start = 0
	return nil
}

// keptWindow is the largest window that is kept for smaller chunks.
const keptWindow = 1 << 20

// sum is the digest of what was unpacked so far.
func (r *Reader) sum() string {
	sum := r.hash.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo)
}

// cutMark makes the digest of a stream that breaks another than that of a stream
// that ends there.
var cutMark = []byte("\x00cut")

// end notes how the unpacked stream ended. An error is one of the disk, the
// network or the context, but not a break of the packed stream. What is left of
// the input then is read all the same, so that whoever writes it into a pipe is
// not stopped.
func (r *Reader) end(err error) error {
	if fault := r.raw.fault(); fault != nil {
		return fault
	}
	r.ended = true
	if err == io.EOF {
		return nil
	}
	r.hash.Write(cutMark)
	r.cut = cutReason(r.plain.kind, r.offset+int64(r.have-r.start), err)
	for buf := make([]byte, rawBytes); ; {
		if _, err := r.raw.Read(buf); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// broken returns the cut of a broken stream: a bad line that holds the bytes of the
// unfinished line.
func (r *Reader) broken() *Chunk {
	s := newSpan(r.offset)
	w := r.window[r.start:r.have]
	s.add(w)
	r.advance(len(w))
	return r.badChunk(r.line, s.bad(r.takeCut()))
}

// takeCut returns why the stream broke, once; "" if it did not.
func (r *Reader) takeCut() string {
	reason := r.cut
	r.cut = ""
	return reason
}

// swallow reads the whole rest, keeping only its head, so memory stays what it is
// however long that is.
func (r *Reader) swallow(reason string) (*Chunk, error) {
	s, first := newSpan(r.offset), r.line
	for {
		w := r.window[r.start:r.have]
		s.add(w)
		r.advance(len(w))
		if r.ended {
			break
		}
		if err := r.fill(r.opt.ChunkBytes); err != nil {
			return nil, err
		}
	}
	if cut := r.takeCut(); cut != "" {
		reason = cut
	}
	r.foreign = ""
	return r.badChunk(first, s.bad(reason)), nil
}

func (r *Reader) badChunk(first int64, bad *Bad) *Chunk {
	return &Chunk{Input: r.name, First: first, Count: 1, Offset: bad.Offset, bad: bad, strict: r.opt.Strict}
}
