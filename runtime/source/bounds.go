package source

import (
	"bytes"
	"fmt"
	"math"
)

// Bounds of what a packed input may hold. A few kilobytes can hold gigabytes, or millions
// of lines, which no file of alerts does: those pack to a hundredth at the most, and each
// takes some bytes. What is beyond is not read, like what is behind a break.
const (
	maxRatio     = 250       // bytes for each packed byte
	freeBytes    = 256 << 20 // these are read whatever the ratio
	maxUnpacked  = 1 << 40   // bytes in all
	linesPerByte = 2         // lines or objects for each packed byte
	freeLines    = 1_000_000 // these are read whatever their number
	objectsALine = 8         // objects that count as a line, where there may be no line ends
	checkBytes   = 1 << 20   // unpacked between two looks at the bounds
)

// expanded is the end of a packed input that is beyond its bounds.
type expanded struct{ reason string }

func (e *expanded) Error() string { return e.reason }

// unchecked is how many bytes may be read before the bounds are looked at: at fixed places,
// so that an input breaks off at the same byte whoever reads it.
func (r *Reader) unchecked() int {
	if r.plain.kind == "" {
		return math.MaxInt / 2
	}
	return checkBytes - int(r.unpacked%checkBytes)
}

// expands returns an error if the input is beyond its bounds with p, the bytes that were
// unpacked last. It counts packed bytes as they are used, so that the result does not
// depend on how a network cuts them.
func (r *Reader) expands(p []byte) error {
	if r.plain.kind == "" {
		return nil
	}
	r.unpacked += int64(len(p))
	r.lines += int64(bytes.Count(p, []byte{'\n'}))
	r.objects += int64(bytes.Count(p, []byte{'{'}))
	if r.unpacked%checkBytes != 0 {
		return nil
	}
	packed := r.raw.size - int64(r.packed.Buffered())
	switch lines := max(r.lines, r.objects/objectsALine); {
	case r.unpacked > maxUnpacked:
		return &expanded{fmt.Sprintf("more than %d bytes", int64(maxUnpacked))}
	case r.unpacked > freeBytes && r.unpacked > maxRatio*packed:
		return &expanded{fmt.Sprintf("more than %d times its size", maxRatio)}
	case lines > freeLines && lines > freeLines+linesPerByte*packed:
		return &expanded{fmt.Sprintf("more than %d lines, and more than %d for each of its bytes", freeLines, linesPerByte)}
	}
	return nil
}
