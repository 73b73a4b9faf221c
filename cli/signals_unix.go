//go:build unix

package cli

import (
	"errors"
	"os/signal"
	"syscall"
)

// ignoreClosedPipes keeps a closed pipe from killing the process: the write fails
// like any other, and what was begun is aborted.
func ignoreClosedPipes() { signal.Ignore(syscall.SIGPIPE) }

func isClosedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
