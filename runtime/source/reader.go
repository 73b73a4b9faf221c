package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unsafe"
)

// Reader cuts one input into chunks. It belongs to one goroutine; its chunks
// are independent of it. A caller that stops before Next has returned an error must
// Close it or cancel its context.
type Reader struct {
	opt    Options
	name   string
	raw    *raw
	plain  unpacked
	digest string // once it was asked for, or Next has returned io.EOF

	*buffers          // nil once closed; hash is of what was unpacked
	start, have int   // window[start:have] are unpacked bytes in no chunk yet
	usual       int   // the bytes of the window, if all is as Options.FirstChunk says
	grown       int64 // the bytes of the window that Options.Grow knows of
	unpacked    int64 // of a packed input: its bytes, line ends and objects so far
	lines       int64
	objects     int64
	offset      int64  // of window[start] in the unpacked stream
	ended       bool   // nothing comes after window[:have]
	cut         string // why it ended, if that was a break; "" once it is reported
	foreign     string // why the input cannot be split into lines
	found       contents
	begins      string // what the first object has first, in quotes
	cutter      cutter
	line        int64 // number of the line at window[start]
	ordinal     int   // of the next chunk
	fail        error // what Next returns from now on
}

// NewReader opens the input and waits for that (a named pipe waits for its
// writer), though never longer than ctx. The context applies until the end of
// reading. An error names the input and says what to do.
func NewReader(ctx context.Context, in Input, opt Options) (*Reader, error) {
	raw, err := openRaw(ctx, in)
	if err != nil {
		return nil, err
	}
	opt = opt.withDefaults()
	const end = 1 // which it takes a read to notice
	return &Reader{opt: opt, name: in.Name, raw: raw, buffers: opt.Memory.take(raw), line: 1, usual: opt.firstChunk(in) + end}, nil
}

// HoldsRejects reports whether the first line is one of a reject file. It reads
// the beginning of the input; its error is one that Next would return.
func (r *Reader) HoldsRejects() (bool, error) {
	if r.plain.Reader == nil {
		if err := r.begin(); err != nil {
			return false, err
		}
	}
	head := r.window[r.start:r.have]
	if !bytes.HasPrefix(head, []byte(rejectPrefix)) {
		return false, nil
	}
	line, _, whole := strings.Cut(string(head), "\n")
	_, is := ParseReject(strings.TrimSuffix(line, "\r"))
	return is || !whole && !r.ended, nil // no alert is as long as that
}

// BytesIn counts the bytes read so far, as stored.
func (r *Reader) BytesIn() int64 { return r.raw.size }

// Digest is what the function Digest returns for the input. It is known once everything was
// read, at the latest when Next returns io.EOF, and empty before.
func (r *Reader) Digest() string {
	if r.digest == "" && r.ended && r.buffers != nil {
		r.digest = r.sum()
	}
	return r.digest
}

// Found says in a sentence, without its full stop, what form the alerts had in the
// input, once Next has returned io.EOF: "a JSON array, 12 alerts". It is empty for
// an input that was read line by line.
func (r *Reader) Found() string { return r.found.String() }

// AtEnd reports whether everything was read, so that Next takes no more memory.
func (r *Reader) AtEnd() bool { return r.ended && r.start == r.have }

// Close ends the reading early: Next returns an error from then on. It does
// not wait for a read under way. After an error of Next it does nothing.
func (r *Reader) Close() {
	if r.fail == nil {
		r.fail = fmt.Errorf("%s: reading was stopped: %w", r.name, os.ErrClosed)
	}
	r.raw.cancel()
	if r.plain.close != nil {
		r.plain.close()
		r.plain.close = nil
	}
	if r.buffers != nil && !r.raw.left {
		r.opt.Memory.give(r.buffers)
	}
	r.buffers = nil
}

// Next returns the next chunk, and io.EOF after the last. A chunk holds at least
// one line. Any other error is that of a failing disk or network, or of the
// context; it names the input, and what came before it must not be taken for
// the whole. Errors are final.
func (r *Reader) Next() (*Chunk, error) {
	if r.fail != nil {
		return nil, r.fail
	}
	c, err := r.chunk()
	if err != nil {
		r.fail = err
		if err == io.EOF {
			r.Digest() // which it cannot make later
		}
		r.Close()
		return nil, err
	}
	c.Ordinal = r.ordinal
	r.ordinal++
	r.found.values += c.Count
	return c, nil
}

// chunk takes the lines or values that end within the next ChunkBytes.
func (r *Reader) chunk() (*Chunk, error) {
	if r.plain.Reader == nil {
		if err := r.begin(); err != nil {
			return nil, err
		}
	}
	if r.foreign != "" {
		return r.swallow(r.foreign)
	}
	if r.found.form != inLines {
		return r.values()
	}
	if err := r.fill(r.opt.ChunkBytes); err != nil {
		return nil, err
	}
	w := r.window[r.start:r.have]
	if len(w) >= r.opt.ChunkBytes {
		if n := bytes.LastIndexByte(w[:r.opt.ChunkBytes], '\n') + 1; n > 0 {
			return r.take(n), nil
		}
		return r.long()
	}
	if r.cut == "" {
		if len(w) == 0 {
			return nil, io.EOF
		}
		return r.take(len(w)), nil
	}
	if n := bytes.LastIndexByte(w, '\n') + 1; n > 0 {
		return r.take(n), nil
	}
	return r.broken(), nil
}

// begin finds out what the bytes are, before and after unpacking.
func (r *Reader) begin() error {
	head, _ := r.packed.Peek(peekBytes)
	r.foreign = foreignReason(head)
	plain, err := r.unpack()
	if err != nil {
		return err
	}
	r.plain = plain
	if err := r.fill(peekBytes); err != nil {
		return err
	}
	w := r.window[r.start:r.have]
	if bytes.HasPrefix(w, utf8BOM) {
		r.advance(len(utf8BOM))
	}
	if r.foreign == "" {
		r.foreign = foreignReason(w)
	}
	if plain.kind != "" && packedAs(w) != "" {
		r.foreign = againReason
	}
	if r.foreign != "" {
		return nil
	}
	return r.findForm()
}

// findForm looks at as much as it takes, whatever the size of a chunk.
func (r *Reader) findForm() error {
	limit := r.opt.LineLimit
	for want := min(firstLook, limit); ; want = min(2*want, limit) {
		if err := r.fill(want); err != nil {
			return err
		}
		text := view(r.window[r.start:min(r.start+want, r.have)])
		f, decided := formOf(text, r.ended && r.start+len(text) == r.have)
		if !decided && len(text) >= limit {
			f, decided = formAtLimit(text), true
		}
		if decided {
			r.found.form = f
			r.cutter.bulk = f == inBulk
			r.begins = strings.Clone(firstName(text[max(0, strings.IndexByte(text, '{')):]))
			return nil
		}
	}
}

// firstLook is how much of an input decides its form, as a rule.
const firstLook = 32 << 10

// view is the bytes as a text, which is theirs: it is used up before they change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (r *Reader) take(n int) *Chunk {
	w := r.window[r.start : r.start+n]
	text, kept := r.opt.Memory.bytes(n, r.opt.ChunkBytes)
	copy(text, w)
	c := &Chunk{
		Input: r.name, First: r.line, Offset: r.offset, text: unsafe.String(&text[0], n), limit: r.opt.LineLimit, strict: r.opt.Strict,
		kept: kept, owner: r.opt.Memory,
	}
	c.Count = int64(bytes.Count(w, []byte{'\n'}))
	if w[n-1] != '\n' {
		c.Count++
	}
	r.advance(n)
	r.line += c.Count
	return c
}

func (r *Reader) advance(n int) {
	r.start += n
	r.offset += int64(n)
}
