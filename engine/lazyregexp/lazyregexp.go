// Package lazyregexp makes regular expressions that are compiled on first use: most runs need
// few of them, and a run over a small file takes 20 milliseconds in all.
package lazyregexp

import (
	"regexp"
	"sync"
)

// MustCompile returns what compiles a pattern when it is first called, and gives the same
// expression from then on, to any goroutine. It panics then if the pattern is invalid.
func MustCompile(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
