package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sluice-lake/sluice/runtime/source"
)

// Config says what a Follower follows and who writes it.
type Config struct {
	// Files are paths of files that grow and are rotated. Each is followed by itself.
	Files []string
	Store Store
	// Every is how long alerts may wait for others to be written with.
	Every time.Duration
	// Most is how many bytes are written at a time; 256 MiB if it is 0. A longer line
	// is written whole.
	Most int64
	// Poll is how often files are looked at; half a second if it is 0.
	Poll time.Duration
	// Closing is how long the end may take; five seconds if it is 0.
	Closing time.Duration
	// Write writes a range: wholly, and repeatably, or it returns an error. Then the
	// same range is tried again, later each time.
	Write func(context.Context, *Range) error
	// Report is told what happens; nil for nobody.
	Report func(Event)
	// At is called at the steps of the protocol, by their names: "plan", "write",
	// "move". An error ends the Follower there, as a crash would. Nil for nothing.
	At func(step string) error
}

// Range is a part of a file that is written at a time.
type Range struct {
	Path     string // of the file that is followed
	From, To int64  // bytes of the unpacked file
	Identity string // the same each time this range is written, and of no other
	open     func() (io.ReadCloser, error)
}

// Input returns the range as an input. Its name has the place of the first byte,
// from which its lines are counted.
func (r *Range) Input() source.Input {
	name := r.Path
	if r.From > 0 {
		name = fmt.Sprintf("%s@%d", r.Path, r.From)
	}
	return source.Input{Name: name, Size: r.To - r.From, Identity: r.Identity, Open: func(context.Context) (io.ReadCloser, error) {
		from, err := r.open()
		if err != nil {
			return nil, err
		}
		return &whole{from, r.To - r.From}, nil
	}}
}

// whole reads so many bytes, and fails if there are fewer.
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
	w.left -= int64(n)
	if errors.Is(err, io.EOF) && w.left > 0 {
		err = errShort
	}
	return n, err
}

// Event is something that happened to a followed file.
type Event struct {
	Path string
	// Kind says what: "written", "failed", "rotated", "truncated", "lost", "waiting".
	Kind    string
	Message string // a sentence, with what to do where something is to be done
	Range   *Range // of written and failed
	Err     error  // of failed
}

// Follower follows files. Run it once, in one goroutine.
type Follower struct {
	config Config
	state  *State
	tails  []*tail
}

// NewFollower makes a Follower and reads its state.
func NewFollower(ctx context.Context, c Config) (*Follower, error) {
	if c.Most <= 0 {
		c.Most = 256 << 20
	}
	if c.Poll <= 0 {
		c.Poll = 500 * time.Millisecond
	}
	if c.Closing <= 0 {
		c.Closing = 5 * time.Second
	}
	if c.Report == nil {
		c.Report = func(Event) {}
	}
	if c.At == nil {
		c.At = func(string) error { return nil }
	}
	state, err := ReadState(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	f := &Follower{config: c, state: state}
	for _, path := range c.Files {
		if state.Files[path] == nil {
			state.Files[path] = &Cursor{}
		}
		f.tails = append(f.tails, &tail{path: path, cursor: state.Files[path], config: &f.config})
	}
	return f, nil
}

// Run follows until the context ends. Then it writes what has arrived, for as long as
// Config.Closing, and ends without an error. What is not written by then is written at the
// next start. It returns an error if the state cannot be kept.
func (f *Follower) Run(ctx context.Context) error {
	defer f.close()
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(f.config.Closing, cancel) })()
	due := time.NewTicker(f.config.Every)
	defer due.Stop()
	poll := time.NewTicker(f.config.Poll)
	defer poll.Stop()
	if err := f.round(writing, false); err != nil {
		return err
	}
	for ctx.Err() == nil {
		now := false
		select {
		case <-ctx.Done():
		case <-due.C:
			now = true
		case <-poll.C:
		}
		if err := f.round(writing, now); err != nil {
			return err
		}
	}
	return f.round(writing, true)
}

// round writes what is due of every file.
func (f *Follower) round(ctx context.Context, due bool) error {
	for _, t := range f.tails {
		if due {
			t.makeDue()
		}
		for ctx.Err() == nil && (due || time.Now().After(t.retry)) {
			r, err := t.next()
			if err != nil {
				t.failed(&Event{Message: "the file cannot be read: " + err.Error(), Err: err})
				break
			}
			if t.moved {
				if err := f.save(ctx); err != nil {
					return err
				}
				t.moved = false
			}
			if r == nil {
				break
			}
			if written, err := f.write(ctx, t, r); !written || err != nil {
				if err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// write takes a range through the protocol. It returns an error if the state cannot be
// kept. A range that could not be written is tried again in a later round.
func (f *Follower) write(ctx context.Context, t *tail, r *Range) (written bool, err error) {
	if t.cursor.Planned == nil {
		t.newer = time.Now()
		t.cursor.Planned = &Planned{To: r.To, Identity: r.Identity}
		if err := f.step("plan", f.save(ctx)); err != nil {
			return false, err
		}
	}
	if err := f.config.Write(ctx, r); err != nil {
		t.failed(&Event{Range: r, Err: err, Message: fmt.Sprintf("bytes %d to %d are not written, and will be tried again: %v", r.From, r.To, err)})
		return false, nil
	}
	if err := f.step("write", nil); err != nil {
		return false, err
	}
	t.cursor.Offset, t.cursor.Planned, t.wait, t.older = r.To, nil, 0, t.newer
	if err := f.step("move", f.save(ctx)); err != nil {
		return false, err
	}
	f.config.Report(Event{Path: t.path, Kind: "written", Range: r})
	return true, nil
}

func (f *Follower) step(name string, err error) error {
	if err != nil {
		return err
	}
	return f.config.At(name)
}

// save outlives the context: what is written must be known at the next start.
func (f *Follower) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return f.state.save(ctx, f.config.Store)
}

// Lag is how far the lake is behind a followed file, as far as its open file tells.
type Lag struct {
	Bytes int64
	Age   time.Duration // of what waits longest
}

// Lag returns that of a file as it was last looked at. Any goroutine may call it.
func (f *Follower) Lag(path string) Lag {
	for _, t := range f.tails {
		if l := t.lag.Load(); t.path == path && l != nil && l.bytes > 0 {
			return Lag{l.bytes, time.Since(l.since)}
		}
	}
	return Lag{}
}

func (f *Follower) close() {
	for _, t := range f.tails {
		if t.file != nil {
			_ = t.file.close() // nothing is written
		}
	}
}
