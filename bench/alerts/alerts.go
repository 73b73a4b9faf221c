// Package alerts makes any number of Wazuh alerts, the inputs that sluice is
// measured on.
//
//	A  the lines of sample files, drawn at random; each has an id and a time of its own
//	L  the same, each with a full_log of its own besides
//	R  as varied as a week of a company with 500 agents: see week
//
// The same settings and samples give the same bytes on every machine.
package alerts

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// Settings say what is made.
type Settings struct {
	Input   string    // A, L or R
	Lines   int       // alerts
	Start   time.Time // the first day
	Days    int       // UTC days that the times are spread over; nearly ascending
	Seed    uint64    // of every choice
	Samples string    // A and L: sample files or folders, joined by commas
	Longest int       // A and L: samples of more bytes than this are left out
	Odd     float64   // R: share of alerts that are odd in some way, 0 to 1
}

// source appends the alerts of an input to a buffer, one after the other.
type source interface {
	appendAlert(line []byte, serial int, when time.Time, rng *rand.Rand) []byte
}

// Write writes the alerts as lines.
func Write(w io.Writer, s Settings) error {
	out := bufio.NewWriterSize(w, 1<<20)
	if err := Each(s, func(line []byte) error {
		_, err := out.Write(line)
		return err
	}); err != nil {
		return err
	}
	return out.Flush()
}

// Each calls write with one alert after the other, each a line with its end.
// The bytes are valid until write returns. One generator of random numbers,
// used in one order, makes the alerts repeatable.
func Each(s Settings, write func(line []byte) error) error {
	from, err := open(s)
	if err != nil {
		return err
	}
	if s.Lines < 0 || s.Days < 1 {
		return fmt.Errorf("%d alerts over %d days: there must be at least 0 alerts and 1 day", s.Lines, s.Days)
	}
	rng := rand.New(rand.NewPCG(s.Seed, 0))
	span := time.Duration(s.Days) * 24 * time.Hour
	const jitter = 2 * time.Second
	step := (span - jitter) / time.Duration(max(s.Lines, 1))
	var line []byte
	for i := range s.Lines {
		when := s.Start.Add(time.Duration(i)*step + time.Duration(rng.Int64N(int64(jitter))))
		line = append(from.appendAlert(line[:0], i, when, rng), '\n')
		if err := write(line); err != nil {
			return fmt.Errorf("alert %d could not be written: %w", i+1, err)
		}
	}
	return nil
}

func open(s Settings) (source, error) {
	switch s.Input {
	case "A", "L":
		return readSamples(s)
	case "R":
		return newWeek(s)
	}
	return nil, fmt.Errorf("there is no input %q: name A, L or R", s.Input)
}
