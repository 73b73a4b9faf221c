//go:build !linux

package memory

// LargePages does nothing: only Linux is asked for large pages.
func LargePages() {}
