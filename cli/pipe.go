package cli

import (
	"io"
	"sync/atomic"
)

// closedPipe is the exit code of a command whose standard output was closed by its
// reader (sluice … | head): what a shell reports of a program that SIGPIPE ended.
const closedPipe = 141

// pipe is standard output. It remembers that its reader has closed it.
type pipe struct {
	io.Writer
	closed atomic.Bool
}

func (p *pipe) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	if err != nil && isClosedPipe(err) {
		p.closed.Store(true)
	}
	return n, err
}
