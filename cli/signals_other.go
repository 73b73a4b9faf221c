//go:build !unix

package cli

// failedWritesAreErrors has nothing to do where no signal tells of a write.
func failedWritesAreErrors() {}
