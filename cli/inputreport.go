package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// inputReport is what a run says of its inputs. A bucket may have any number of them, so it
// keeps what the summary names, and counts the rest.
type inputReport struct {
	rejects string           // where they lie
	prefix  bool             // all are of one listing, in the order of their keys
	say     func(text clean) // prints a line while the run goes on

	done, undone firsts[string] // names
	unread       bool           // the run ended before one of them
	last         string         // name of the one up to which all are done
	failures     firsts[error]
	found        firsts[string]
	kept         firsts[clean]
	logs         firsts[string] // names of .log files
}

// How many of each the summary names.
const (
	mostInputs   = 10
	mostFailures = 100
	mostSaid     = 1000
)

// add is pipeline.Config.Ended.
func (r *inputReport) add(in *pipeline.Input) {
	switch {
	case in.Done:
		r.done.add(in.Name, mostInputs)
		if r.undone.count == 0 {
			r.last = in.Name
		}
	default:
		r.undone.add(in.Name, mostInputs)
		r.unread = r.unread || in.Err == nil
	}
	if in.Err != nil && !r.failures.add(in.Err, mostFailures) {
		r.say(sprintf("sluice: %s\n", in.Err))
	}
	for _, found := range in.Found {
		r.found.add(found, mostSaid)
	}
	for _, key := range in.Rejects {
		r.kept.add(sprintf("rejects of %s: %s\n", in.Name, below(r.rejects, key)), mostSaid)
	}
	for _, key := range in.Unmatched {
		r.kept.add(sprintf("unmatched of %s: %s\n", in.Name, below(r.rejects, key)), mostSaid)
	}
	if strings.HasSuffix(in.Name, ".log") {
		r.logs.add(in.Name, mostSaid)
	}
}

// err joins the errors of the inputs that failed.
func (r *inputReport) err() error {
	if more := r.failures.more(); more > 0 {
		return errors.Join(append(r.failures.first, fmt.Errorf("%d other inputs failed; their errors are above", more))...)
	}
	return errors.Join(r.failures.first...)
}

// written says which inputs are in the lake and which are not, each in a line.
func (r *inputReport) written() error {
	if r.done.count == 0 {
		return errors.New("nothing was written; fix the cause and run it again")
	}
	written := errors.New("written: " + named(&r.done))
	if r.undone.count == 0 {
		return written
	}
	return errors.Join(written, fmt.Errorf("not written: %s; fix the cause and run these again (what is written already is overwritten, never doubled)", named(&r.undone)))
}

// resume says how to continue after what is written, nil where that is not possible.
func (r *inputReport) resume() error {
	if !r.prefix || r.last == "" || r.undone.count == 0 {
		return nil
	}
	ref, err := s3.ParseAddress(r.last)
	if err != nil {
		return err
	}
	return fmt.Errorf("everything up to %s is written: continue after it with --since %q", r.last, ref.Key)
}

// firsts keeps the first of many, and counts all.
type firsts[T any] struct {
	first []T
	count int
}

// add keeps one more, if that makes at most that many. It reports whether it does.
func (f *firsts[T]) add(one T, most int) bool {
	f.count++
	if f.count > most {
		return false
	}
	f.first = append(f.first, one)
	return true
}

// more is how many are not kept.
func (f *firsts[T]) more() int { return f.count - len(f.first) }

func named(names *firsts[string]) string {
	s := strings.Join(names.first, ", ")
	if more := names.more(); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

func shorten(names []string) string {
	var f firsts[string]
	for _, name := range names {
		f.add(name, mostInputs)
	}
	return named(&f)
}
