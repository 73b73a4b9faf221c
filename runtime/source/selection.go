package source

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// Selection narrows what folders, globs and prefixes bring along. What is named
// itself is always read.
//
// A pattern is one of path.Match, for a name: *.json. With slashes it is for the
// last names of a path: alerts/2026/*.
type Selection struct {
	// Include, when not empty, leaves out files that match none of its patterns.
	Include []string
	// Exclude leaves out files and folders that match any of its patterns.
	Exclude []string
	// Links, when not nil, gets the names of symbolic links that folders and globs
	// brought along, which are not followed.
	Links func(name string)
}

func (s Selection) leftOut(link string) {
	if s.Links != nil {
		s.Links(link)
	}
}

// Check returns an error that names the malformed patterns and the flags that
// gave them.
func (s Selection) Check() error {
	return errors.Join(checkPatterns("--include", s.Include), checkPatterns("--exclude", s.Exclude))
}

func checkPatterns(flag string, patterns []string) error {
	var errs []error
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil || strings.Trim(p, "/") == "" {
			errs = append(errs, fmt.Errorf("%s %q is not a pattern for names: write one like '*.json', and close each [ with a ]", flag, p))
		}
	}
	return errors.Join(errs...)
}

// Admits reports whether a file is read, given its path below what was named.
func (s Selection) Admits(below string) bool {
	for i, c := range below {
		if c == '/' && s.excludes(below[:i]) {
			return false
		}
	}
	return !s.excludes(below) && s.includes(below)
}

func (s Selection) includes(below string) bool {
	return len(s.Include) == 0 || matchesAny(s.Include, below)
}

func (s Selection) excludes(below string) bool { return matchesAny(s.Exclude, below) }

func matchesAny(patterns []string, below string) bool {
	names := strings.Split(filepath.ToSlash(below), "/")
	for _, p := range patterns {
		p = strings.Trim(p, "/")
		n := strings.Count(p, "/") + 1
		if n > len(names) {
			continue
		}
		if ok, _ := path.Match(p, strings.Join(names[len(names)-n:], "/")); ok { // Check found the malformed ones
			return true
		}
	}
	return false
}
