//go:build !linux

package cli_test

import (
	"io"
	"testing"
)

// onTerminal skips: there is a pseudo terminal for Linux alone.
func onTerminal(t *testing.T, _ func(io.Writer)) string {
	t.Skip("the part that needs a terminal runs on Linux")
	return ""
}
