package engine

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// scan reads the alert for all mappings and returns the line to map.
func (w *Worker) scan(line string) (string, error) {
	original, err := "", w.scanner.Scan(line)
	w.condensed = false
	if err != nil && !w.engine.strict && !utf8.ValidString(line) {
		original, line = line, repaired(line)
		err = w.scanner.Scan(line)
		if fault := (*alert.Error)(nil); errors.As(err, &fault) {
			err = &alert.Error{Offset: offsetIn(original, fault.Offset), Reason: fault.Reason, Limit: fault.Limit}
		}
	}
	if original != w.original {
		w.original = original
		for _, worker := range w.workers {
			worker.Original = original
		}
	}
	if err != nil && !w.engine.strict {
		return w.condense(line, err)
	}
	return line, err
}

// condense scans a line that is beyond a limit in a form that is not. Fault is why the
// line is not an alert.
func (w *Worker) condense(line string, fault error) (string, error) {
	var e *alert.Error
	if errors.As(fault, &e) && e.Limit {
		if less, ok := alert.Condense(line, alert.Limits{}); ok && w.scanner.Scan(less) == nil {
			w.condensed = true
			return less, nil
		}
	}
	return line, fault
}

// repaired has U+FFFD for each byte that is not UTF-8.
func repaired(line string) string {
	if utf8.ValidString(line) {
		return line
	}
	return strings.Map(func(r rune) rune { return r }, line)
}

// offsetIn is where the byte at the offset at of the repaired line is in the
// line as it came.
func offsetIn(original string, at int) int {
	n := 0
	for i, r := range original {
		if n >= at {
			return i
		}
		n += utf8.RuneLen(r) // 3 for a byte that became U+FFFD
	}
	return len(original)
}

// oneLine is the text of an alert without line ends: in JSON they occur between
// values alone.
func oneLine(text string) string {
	if !strings.ContainsAny(text, "\r\n") {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return ' '
		}
		return r
	}, text)
}
