package cli

import (
	"errors"
	"syscall"
)

// ignoreClosedPipes has nothing to do where no signal reports a closed pipe.
func ignoreClosedPipes() {}

// errNoData is ERROR_NO_DATA: the pipe is being closed.
const errNoData = syscall.Errno(232)

func isClosedPipe(err error) bool {
	return errors.Is(err, syscall.ERROR_BROKEN_PIPE) || errors.Is(err, errNoData)
}
