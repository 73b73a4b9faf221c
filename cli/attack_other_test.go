//go:build !linux

package cli_test

import "os"

// watchMemory knows how much memory a process has on Linux alone.
func watchMemory(_ *os.Process, ended <-chan struct{}) int64 {
	<-ended
	return 0
}
