package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/runtime/source"
)

// oneAlert is the alert that a call means.
type oneAlert struct {
	line   string
	origin string // "" for one given in the call
	number int64
	bad    string         // why the line can be no alert, "" when it may be one
	reject *source.Reject // the reject that it came out of, if --reject named one
	long   *source.Bad    // if line is a short form of a line over the limit
}

// place says where an alert was read.
func (one *oneAlert) place() string { return fmt.Sprintf("%s:%d", one.origin, one.number) }

// alert finds the alert that an argument means: JSON text, FILE, FILE:LINE, or - for
// standard input.
func (a *app) alert(ctx context.Context, arg string) (oneAlert, error) {
	if text := strings.TrimSpace(arg); strings.HasPrefix(text, "{") {
		return oneAlert{line: text}, nil
	}
	name, line := splitLine(arg)
	inputs, err := source.Expand([]string{name}, a.In)
	switch {
	case err != nil:
		return oneAlert{}, cmp.Or(notALine(name), usagef("%w (an alert itself begins with {)", err))
	case len(inputs) != 1:
		return oneAlert{}, usagef("%s names %d files: name one line of one of them, as FILE:LINE", name, len(inputs))
	case line > 0:
		return lineOf(ctx, inputs[0], line)
	}
	return firstAlert(ctx, inputs[0])
}

// splitLine splits FILE:LINE; line is 0 when none is named. A file that exists under
// the whole name is that file.
func splitLine(arg string) (name string, line int64) {
	at := strings.LastIndexByte(arg, ':')
	if at < 0 {
		return arg, 0
	}
	n, err := strconv.ParseInt(arg[at+1:], 10, 64)
	if err != nil || n < 1 {
		return arg, 0
	}
	if _, err := os.Stat(arg); err == nil {
		return arg, 0
	}
	return arg[:at], n
}

// notALine says what is wrong with FILE:LINE where there is such a file and no such number,
// nil for any other name.
func notALine(arg string) error {
	at := strings.LastIndexByte(arg, ':')
	if at < 0 {
		return nil
	}
	if info, err := os.Stat(arg[:at]); err != nil || info.IsDir() {
		return nil
	}
	return usagef("%q is not a line of %s: lines count from 1, as in %s:1", arg[at+1:], arg[:at], arg[:at])
}

// lineOf reads one line of an input, or the value that has a part of it. Of a line
// that is torn that is the alert behind the tear.
func lineOf(ctx context.Context, in source.Input, number int64) (oneAlert, error) {
	found, last, err := linesAt(ctx, in, []int64{number})
	if err != nil {
		return oneAlert{}, err
	}
	if one, ok := found[number]; ok {
		return one, nil
	}
	return oneAlert{}, noLine(in.Name, last, number)
}

func noLine(name string, last, number int64) error {
	return fmt.Errorf("%s has %s, so there is no line %d", name, plural(int(last), "line"), number)
}

// linesAt is lineOf for several lines, which are sorted. It reads the input once, up to the last of them, and
// returns those that there are. Last is the number of the last line that it read.
func linesAt(ctx context.Context, in source.Input, numbers []int64) (found map[int64]oneAlert, last int64, err error) {
	found = make(map[int64]oneAlert, len(numbers))
	for line, err := range linesOf(ctx, in) {
		if err != nil {
			return nil, 0, err
		}
		first, ends := line.Number, endOf(&line)
		last = max(last, ends)
		at, _ := slices.BinarySearch(numbers, first)
		for ; at < len(numbers) && numbers[at] <= ends; at++ {
			if known, ok := found[numbers[at]]; !ok || known.bad != "" {
				found[numbers[at]] = alertOf(line)
			}
		}
		if top := numbers[len(numbers)-1]; first > top || found[top].line != "" && found[top].bad == "" {
			break
		}
	}
	return found, last, nil
}

// endOf is the line of the input on which a value ends.
func endOf(line *source.Line) int64 {
	if line.Rejected != nil {
		return line.Number // its text was on other lines
	}
	return line.Number + int64(strings.Count(line.Text, "\n"))
}

func alertOf(line source.Line) oneAlert {
	one := oneAlert{line: line.Text, origin: line.Origin, number: line.OriginLine, bad: line.Torn, reject: line.Rejected, long: line.Long}
	if line.Bad != nil {
		one.bad = line.Bad.Reason
	}
	var compact bytes.Buffer
	if strings.Contains(line.Text, "\n") && json.Compact(&compact, []byte(line.Text)) == nil {
		one.line = compact.String()
	}
	return one
}

// linesOf yields the lines of an input as a run reads them, a line with several
// alerts in its parts, and an error at the end if reading failed.
func linesOf(ctx context.Context, in source.Input) iter.Seq2[source.Line, error] {
	return func(yield func(source.Line, error) bool) {
		r, err := source.NewReader(ctx, in, source.Options{})
		if err != nil {
			yield(source.Line{}, err)
			return
		}
		defer r.Close()
		for {
			chunk, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(source.Line{}, err)
				return
			}
			for part := range alertsOf(chunk) {
				if !yield(part, nil) {
					return
				}
			}
		}
	}
}

func alertsOf(chunk *source.Chunk) iter.Seq[source.Line] {
	return func(yield func(source.Line) bool) {
		for line := range chunk.Lines() {
			parts := line.Split()
			if parts == nil {
				parts = []source.Line{line}
			}
			for _, part := range parts {
				if !yield(part) {
					return
				}
			}
		}
	}
}

// firstAlert returns the first line that is not blank, or the first value of an
// input in another form.
func firstAlert(ctx context.Context, in source.Input) (oneAlert, error) {
	for line, err := range linesOf(ctx, in) {
		switch {
		case err != nil:
			return oneAlert{}, err
		case !line.Blank:
			return alertOf(line), nil
		}
	}
	return oneAlert{}, fmt.Errorf("%s is empty: there is no alert in it", in.Name)
}

// rejected reads one line of a reject file.
func (a *app) rejected(ctx context.Context, arg string) (oneAlert, error) {
	name, number := splitLine(arg)
	if number == 0 {
		return oneAlert{}, cmp.Or(notALine(arg), usagef("--reject %s names no line: write FILE:LINE", arg))
	}
	inputs, err := source.Expand([]string{name}, a.In)
	switch {
	case err != nil:
		return oneAlert{}, usagef("the reject file cannot be read: %w", err)
	case len(inputs) != 1:
		return oneAlert{}, usagef("%s has %s: name one of them, as FILE:LINE", name, plural(len(inputs), "file"))
	}
	one, err := lineOf(ctx, inputs[0], number)
	if err == nil && one.reject == nil {
		err = fmt.Errorf("%s:%d is not the line of a reject file: `sluice explain %s:%d` takes it as an alert", name, number, name, number)
	}
	return one, err
}
