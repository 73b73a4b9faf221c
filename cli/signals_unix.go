//go:build unix

package cli

import (
	"os/signal"
	"syscall"
)

// failedWritesAreErrors keeps a closed pipe from killing the process: the write
// then fails like any other, which is said, and what was begun is taken back.
func failedWritesAreErrors() { signal.Ignore(syscall.SIGPIPE) }
