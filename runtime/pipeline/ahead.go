package pipeline

import (
	"context"
	"io"

	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// heldBytes is the size up to which a remote input that is read twice is kept in between.
const heldBytes = 1 << 20

// hold keeps a small remote input, so that it is requested once.
func (p *part) hold(ctx context.Context) error {
	in := p.unit.inputs[0]
	if !p.digested() || !in.Remote || in.Size > heldBytes {
		return nil
	}
	if err := p.take(ctx, in.Size); err != nil {
		return err
	}
	held, err := source.Hold(ctx, in)
	if err == nil {
		p.unit.inputs = []source.Input{held}
	}
	return err
}

// aheadBytes is how much is read, unpacked, before the identity of an input is known. Most
// inputs have no more, so they are read and unpacked once; others are read twice.
const aheadBytes = 8 << 20

// digested reports whether the unit is this input alone, and its digest is needed before
// anything is written.
func (p *part) digested() bool {
	u := p.unit
	return len(u.inputs) == 1 && u.inputs[0].Identity == "" && u.inputs[0].Size >= 0 && p.run.config.EarlyIdentity
}

// identify finds the identity of the unit before anything is written, if that is possible
// and configured.
func (p *part) identify(ctx context.Context) error {
	u := p.unit
	if p.ordinal > 0 {
		return nil
	}
	if p.digested() {
		if ended, err := p.readAhead(); err != nil || ended {
			u.early = p.reader.Digest()
			return err
		}
	}
	if err := p.take(ctx, readerBytes); err != nil { // another reader
		return err
	}
	defer p.give(readerBytes)
	return p.run.identify(ctx, u)
}

// readAhead reads the first chunks, as far as nobody else needs the memory, and reports
// whether these are the whole input.
func (p *part) readAhead() (ended bool, err error) {
	for size := 0; size < aheadBytes; {
		// The first chunk has its memory already.
		more := min(int64(len(p.ahead)), 1) * p.run.chunkBytes()
		if !p.run.share.Try(memory.Reading, more) {
			return false, nil
		}
		p.held += more
		chunk, err := p.reader.Next()
		if err != nil {
			p.give(more)
			if err == io.EOF {
				return true, nil
			}
			return false, err
		}
		p.ahead = append(p.ahead, chunk)
		size += chunk.Size()
	}
	return false, nil
}

// first returns the first of the chunks that were read ahead, or else reads one.
func (p *part) first() (*source.Chunk, error) {
	if len(p.ahead) == 0 {
		return p.reader.Next()
	}
	chunk := p.ahead[0]
	p.ahead = p.ahead[1:]
	return chunk, nil
}

// identify finds the unit's identity before it is read, if that is possible and
// configured.
func (r *run) identify(ctx context.Context, u *unit) error {
	var all []string
	for _, in := range u.inputs {
		identity := in.Identity
		if identity == "" && r.config.EarlyIdentity && in.Size >= 0 {
			var err error
			if identity, err = source.Digest(ctx, in, r.config.Read); err != nil {
				return err
			}
		}
		if identity == "" {
			return nil // only known after reading
		}
		all = append(all, identity)
	}
	u.early = joined(all)
	return nil
}
