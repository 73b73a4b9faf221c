package source

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
)

// These tests hang if a blocked read holds back the end.

func TestCancelWhileAReadBlocks(t *testing.T) {
	from, to := io.Pipe()
	defer to.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := NewReader(ctx, stdinInput(from), Options{ChunkBytes: 2})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		io.WriteString(to, "1\n2\n3\n4\n5\n6\n")
		cancel()
	}()
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if _, again := r.Next(); again != err {
		t.Errorf("after %v comes %v", err, again)
	}
}

func TestCancelWhileOpenBlocks(t *testing.T) {
	cause := errors.New("the run was stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	never := make(chan struct{})
	defer close(never)
	in := Input{Name: "in", Open: func(context.Context) (io.ReadCloser, error) {
		cancel(cause)
		<-never
		return nil, io.EOF
	}}
	if _, err := NewReader(ctx, in, Options{}); !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
}

// closing records when it was closed.
type closing struct {
	io.Reader
	done chan struct{}
}

func (c closing) Close() error { close(c.done); return nil }

func TestInputIsClosed(t *testing.T) {
	for name, stop := range map[string]func(*Reader){
		"at the end": func(r *Reader) {
			for _, err := r.Next(); err == nil; _, err = r.Next() {
			}
		},
		"by Close": (*Reader).Close,
	} {
		done := make(chan struct{})
		in := Input{Name: "in", Open: func(context.Context) (io.ReadCloser, error) {
			return closing{&letters{n: 10, rest: "\n"}, done}, nil
		}}
		r, err := NewReader(t.Context(), in, Options{})
		if err != nil {
			t.Fatal(err)
		}
		stop(r)
		<-done
		r.Close()
		if _, err := r.Next(); err == nil || name == "by Close" && !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: Next gives %v", name, err)
		}
	}
}

func TestStdinOpensOnce(t *testing.T) {
	from, to := io.Pipe()
	to.Close()
	in := stdinInput(from)
	if _, err := Digest(t.Context(), in, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Digest(t.Context(), in, Options{}); !errors.Is(err, errStdinTwice) {
		t.Errorf("error %v, want %v", err, errStdinTwice)
	}
}

// TestCancelAfterTheLastRead: the bytes are all here, and unpacking them could
// still go on for long.
func TestCancelAfterTheLastRead(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stored := gzipped(t, make([]byte, 1<<20))
	r, err := NewReader(ctx, bytesInput("in", append(gzipped(t, []byte("1\n2\n")), stored...), atOnce), Options{ChunkBytes: 2, LineLimit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	cancel()
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, context.Canceled) || r.BytesIn() <= int64(len(stored)) {
		t.Errorf("error %v after %d bytes", err, r.BytesIn())
	}
}
