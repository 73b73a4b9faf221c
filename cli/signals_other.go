//go:build !unix && !windows

package cli

import (
	"errors"
	"io"
)

// ignoreClosedPipes has nothing to do where no signal reports a closed pipe.
func ignoreClosedPipes() {}

func isClosedPipe(err error) bool { return errors.Is(err, io.ErrClosedPipe) }
