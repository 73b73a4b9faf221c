package main

import (
	"cmp"
	"fmt"
	"slices"
)

// finding is something wrong at a line; 0 when the file as a whole is meant.
type finding struct {
	file string
	line int
	text string
}

func (f finding) String() string {
	if f.line == 0 {
		return f.file + ": " + f.text
	}
	return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.text)
}

// findings of one file.
type findings struct {
	file string
	all  []finding
}

func (f *findings) add(at *value, format string, args ...any) {
	f.addLine(at.line, format, args...)
}

func (f *findings) addLine(line int, format string, args ...any) {
	f.all = append(f.all, finding{f.file, line, fmt.Sprintf(format, args...)})
}

// sorted gives them by file and line, each once.
func (f *findings) sorted() []finding {
	slices.SortStableFunc(f.all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text))
	})
	return slices.Compact(f.all)
}
