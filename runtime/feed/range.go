package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sluice-lake/sluice/runtime/source"
)

// Range is a part of a stream that is written at a time.
type Range struct {
	Name string // of the stream
	// From and To are offsets of the unpacked file, from the first byte to the one behind
	// the last; of a shard its first and its last number.
	From, To int64
	Identity string // the same each time this range is written, and of no other
	// Planned is when it was planned, in whole seconds.
	Planned time.Time
	// Again says that an earlier try may have written some of it: then it may have had
	// other documents, if they were deleted meanwhile.
	Again bool
	// Holes is how many numbers of a shard have no document.
	Holes int64
	size  int64 // in bytes, -1 if it is not known
	open  func(context.Context) (io.ReadCloser, error)
}

// Input returns the range as an input. Its name has the place of the first byte, or the
// number of the first document, from which its lines are counted.
func (r *Range) Input() source.Input {
	name := r.Name
	if r.From > 0 {
		name = fmt.Sprintf("%s@%d", r.Name, r.From)
	}
	return source.Input{Name: name, Size: r.size, Identity: r.Identity, Modified: r.Planned, Remote: r.size < 0, Open: func(ctx context.Context) (io.ReadCloser, error) {
		from, err := r.open(ctx)
		if err != nil || r.size < 0 {
			return from, err
		}
		return &whole{from, r.size}, nil
	}}
}

// whole reads that many bytes, and fails if there are fewer.
type whole struct {
	io.ReadCloser
	left int64
}

var errShort = errors.New("the file has become shorter while it was read")

// Read implements io.Reader.
func (w *whole) Read(p []byte) (int, error) {
	if w.left == 0 {
		return 0, io.EOF
	}
	n, err := w.ReadCloser.Read(p[:min(int64(len(p)), w.left)])
	switch w.left -= int64(n); {
	case w.left == 0: // what is wrong behind them is not of the range
		err = nil
	case errors.Is(err, io.EOF):
		err = errShort
	}
	return n, err
}
