//go:build unix

package source

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamedPipe(t *testing.T) {
	tree(t, "in/a.json")
	if err := syscall.Mkfifo("in/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	ins, err := Expand([]string{"in", "in/*", "in/pipe", "./in/pipe"}, nil)
	if diff := cmp.Diff([]string{"in/a.json", "in/pipe"}, names(ins)); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	if ins[1].Size != -1 {
		t.Errorf("a pipe has the size %d", ins[1].Size)
	}
	written := make(chan error)
	go func() { written <- os.WriteFile("in/pipe", []byte("{}\n{}"), 0) }()
	r, err := NewReader(t.Context(), ins[1], Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, err := r.Next()
	if err != nil || c.Count != 2 {
		t.Errorf("chunk %+v, %v", c, err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestPipeWithoutWriter(t *testing.T) {
	tree(t)
	if err := syscall.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	ins, err := Expand([]string{"pipe"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := NewReader(ctx, ins[0], Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	// Let the open that was left behind end.
	w, err := os.OpenFile("pipe", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
}

func TestDevicesAndSockets(t *testing.T) {
	tree(t)
	l, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Expand([]string{"socket"}, nil); err == nil || !strings.Contains(err.Error(), "socket: a socket cannot be read") {
		t.Errorf("error %v", err)
	}
	ins, err := Expand([]string{os.DevNull}, nil)
	if err != nil || len(ins) != 1 || ins[0].Size != -1 {
		t.Fatalf("inputs %v, %v", names(ins), err)
	}
	if _, err := Digest(t.Context(), ins[0], Options{}); err != nil {
		t.Error(err)
	}
}
