//go:build !unix

package wasm

// checkTrusted accepts every folder: systems without owners and modes of files
// protect the user's cache folder by other means.
func checkTrusted(string) error { return nil }
