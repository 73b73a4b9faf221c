package bytecode

import "errors"

// ErrEnds is the error of a module that ends where more must follow.
var ErrEnds = errors.New("the module ends too soon: it was cut or is damaged; copy or build it again")

var errMalformed = errors.New("a number in the module is malformed: build it again")

// Reader reads the binary format. After its first error it returns zeros.
type Reader struct {
	in  []byte
	at  int
	err error
}

// NewReader reads from bytes that it never changes.
func NewReader(in []byte) *Reader { return &Reader{in: in} }

// Err is the first error, if there was one.
func (r *Reader) Err() error { return r.err }

// Fail sets the error if there is none yet, and ends the reading.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.at = len(r.in)
}

// More reports whether bytes are left.
func (r *Reader) More() bool { return r.at < len(r.in) }

// Rest is what is left; it is not consumed.
func (r *Reader) Rest() []byte { return r.in[r.at:] }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if r.at >= len(r.in) {
		r.Fail(ErrEnds)
		return 0
	}
	r.at++
	return r.in[r.at-1]
}

// Bytes reads n bytes, which alias the input.
func (r *Reader) Bytes(n uint32) []byte {
	if uint64(n) > uint64(len(r.in)-r.at) {
		r.Fail(ErrEnds)
		return nil
	}
	r.at += int(n)
	return r.in[r.at-int(n) : r.at]
}

// U32 reads a LEB128 number of 32 bits.
func (r *Reader) U32() uint32 {
	var n uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.Byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if n > 0xffffffff {
				break
			}
			return uint32(n)
		}
	}
	r.Fail(errMalformed)
	return 0
}

// Each calls f as many times as the next number says.
func (r *Reader) Each(f func()) {
	for n := r.U32(); n > 0 && r.err == nil; n-- {
		f()
	}
}

// skipNumber skips a LEB128 number of any type.
func (r *Reader) skipNumber() {
	for range 10 {
		if r.Byte() < 0x80 {
			return
		}
	}
	r.Fail(errMalformed)
}

// Section reads the next section: its id and its content.
func (r *Reader) Section() (id byte, content *Reader) {
	id = r.Byte()
	return id, NewReader(r.Bytes(r.U32()))
}
