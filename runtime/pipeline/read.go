package pipeline

import (
	"context"
	"errors"
	"io"

	"github.com/sluice-lake/sluice/runtime/source"
)

// read is the reader's goroutine: it divides one unit after the other into items. An item
// goes to the workers and, in the order of the input, to the appender.
func (r *run) read(ctx context.Context) {
	defer close(r.items)
	defer close(r.toMap)
	for _, u := range r.units {
		end := &item{unit: u, end: true, places: 1}
		end.identity, end.err = r.readUnit(ctx, u)
		if !r.send(ctx, end) {
			return
		}
	}
}

func (r *run) readUnit(ctx context.Context, u *unit) (identity string, err error) {
	if identity, err = r.identify(ctx, u); err != nil {
		return "", err
	}
	if identity != "" {
		namer := r.namerOf(u, identity)
		u.namer = &namer
	}
	var parts []string
	for _, in := range u.inputs {
		digest, err := r.readInput(ctx, u, in)
		if err != nil {
			return "", err
		}
		if in.Identity != "" {
			digest = in.Identity
		}
		parts = append(parts, digest)
	}
	if identity == "" {
		identity = joined(parts)
	}
	return identity, nil
}

func (r *run) readInput(ctx context.Context, u *unit, in source.Input) (digest string, err error) {
	reader, err := source.NewReader(ctx, in, r.config.Read)
	if err != nil {
		return "", err
	}
	defer reader.Close()
	if err := u.checkUUID(reader); err != nil {
		return "", err
	}
	seen := int64(0)
	for {
		chunk, err := reader.Next()
		now := reader.BytesIn()
		u.result.BytesIn += now - seen
		r.progress.BytesIn.Add(now - seen)
		seen = now
		if errors.Is(err, io.EOF) {
			if found := reader.Found(); found != "" {
				u.result.Found = append(u.result.Found, in.Name+": "+found)
			}
			return reader.Digest(), nil
		}
		if err != nil {
			return "", err
		}
		u.result.Lines += chunk.Count
		if !r.send(ctx, &item{unit: u, chunk: chunk, places: r.placesOf(chunk), done: make(chan struct{})}) {
			return "", context.Cause(ctx)
		}
	}
}

// checkUUID takes the name of Logstash's from an input of rejects: they are part of
// what the input of that name holds, and would overwrite the rest.
func (u *unit) checkUUID(reader *source.Reader) error {
	if u.uuid == "" {
		return nil
	}
	rejects, err := reader.HoldsRejects()
	if rejects {
		u.uuid = ""
		if u.namer != nil {
			u.namer.UUID = ""
		}
	}
	return err
}

// placesOf is the number of chunks of the usual size that a chunk counts as: a line that
// is longer than a chunk is a chunk of its own.
func (r *run) placesOf(c *source.Chunk) int {
	if c.Count > 1 {
		return 1
	}
	n := 1
	for line := range c.Lines() {
		n += len(line.Text) / r.config.Read.ChunkBytes
	}
	return min(n, cap(r.places))
}

// send waits until the item fits among those in progress. It returns false if the run
// ended meanwhile. The channels have space for as many items as there are places.
func (r *run) send(ctx context.Context, it *item) bool {
	for range it.places {
		select {
		case r.places <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}
	r.items <- it
	if !it.end {
		r.toMap <- it
	}
	return true
}
