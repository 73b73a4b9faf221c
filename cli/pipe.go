package cli

import (
	"errors"
	"io"
	"sync/atomic"
)

// closedPipe is the exit code of a command whose standard output was closed by its
// reader (sluice … | head): what a shell reports of a program that SIGPIPE ended.
const closedPipe = 141

// pipe is standard output. It remembers that its reader has closed it, and the first other
// error: then the caller waits for output that will not come.
type pipe struct {
	io.Writer
	closed atomic.Bool
	failed atomic.Pointer[error]
}

func (p *pipe) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	switch {
	case err == nil:
	case isClosedPipe(err):
		p.closed.Store(true)
	default:
		p.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// lost returns the first error of writing that err does not report, or nil.
func (p *pipe) lost(err error) error {
	failed := p.failed.Load()
	if failed == nil || errors.Is(err, *failed) {
		return nil
	}
	return *failed
}
