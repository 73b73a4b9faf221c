package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/sluice-lake/sluice/runtime/source"
)

// cursor goes through the alerts of one input, forwards without reading anything
// again.
type cursor struct {
	ctx  context.Context
	in   source.Input
	at   int // of the current alert among those of the input, from 1; 0 before the first
	pull func() (source.Line, error, bool)
	stop func()
}

func newCursor(ctx context.Context, in source.Input) *cursor {
	c := &cursor{ctx: ctx, in: in}
	c.rewind()
	return c
}

// rewind goes before the first alert.
func (c *cursor) rewind() {
	c.close()
	c.pull, c.stop = iter.Pull2(linesOf(c.ctx, c.in))
	c.at = 0
}

func (c *cursor) close() {
	if c.stop != nil {
		c.stop()
	}
}

// line goes to the alert after the current one. It gives nil at the end.
func (c *cursor) line() (*source.Line, error) {
	for {
		line, err, ok := c.pull()
		switch {
		case !ok || err != nil:
			return nil, err
		case !line.Blank:
			c.at++
			return &line, nil
		}
	}
}

// next goes to the alert after the current one.
func (c *cursor) next() (oneAlert, error) {
	line, err := c.line()
	if line == nil {
		return oneAlert{}, orError(err, "there is no alert after this one")
	}
	return alertOf(*line), nil
}

// previous goes to the alert before the current one.
func (c *cursor) previous() (oneAlert, error) {
	if c.at <= 1 {
		return oneAlert{}, errors.New("there is no alert before this one")
	}
	to := c.at - 1
	c.rewind()
	for {
		if one, err := c.next(); err != nil || c.at == to {
			return one, err
		}
	}
}

// seek goes to the alert on a line or the first after it, from before the first.
func (c *cursor) seek(number int64) (oneAlert, error) {
	for {
		line, err := c.line()
		switch {
		case line == nil && number > 1:
			return oneAlert{}, orError(err, fmt.Sprintf("%s has no alert on line %d or after it", c.in.Name, number))
		case line == nil:
			return oneAlert{}, orError(err, c.in.Name+" is empty: there is no alert in it")
		case endOf(line) >= number:
			return alertOf(*line), nil
		}
	}
}

func orError(err error, message string) error {
	if err == nil {
		err = errors.New(message)
	}
	return err
}
