package source

import (
	"context"
	"io"
)

// Concat makes one input of several that are packed alike, or not at all.
func Concat(name string, parts []Input) Input {
	in := Input{Name: name}
	for _, p := range parts {
		in.Size += p.Size
		in.Remote = in.Remote || p.Remote
	}
	in.Open = func(ctx context.Context) (io.ReadCloser, error) {
		c := &concatenation{ctx: ctx, rest: parts}
		return c, c.next() // a fault of the first one is that of opening
	}
	return in
}

// concatenation reads one part after another.
type concatenation struct {
	ctx  context.Context
	rest []Input
	now  io.ReadCloser // nil at the end
}

func (c *concatenation) next() error {
	c.now = nil
	if len(c.rest) == 0 {
		return nil
	}
	now, err := c.rest[0].Open(c.ctx)
	if err != nil {
		return err
	}
	c.now, c.rest = now, c.rest[1:]
	return nil
}

func (c *concatenation) Read(p []byte) (int, error) {
	for c.now != nil {
		n, err := c.now.Read(p)
		if err != io.EOF {
			return n, err
		}
		if err := c.now.Close(); err != nil {
			return n, err
		}
		if err := c.next(); err != nil || n > 0 {
			return n, err
		}
	}
	return 0, io.EOF
}

func (c *concatenation) Close() error {
	if c.now == nil {
		return nil
	}
	return c.now.Close()
}
