//go:build !unix

package source

import "io/fs"

// keyOf has no key on these systems, so all files are compared.
func keyOf(fs.FileInfo) (key fileKey, ok bool) { return key, false }
