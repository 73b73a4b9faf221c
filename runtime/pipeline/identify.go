package pipeline

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// aheadBytes is how much is read, unpacked, before the first line is mapped. Most inputs have
// no more, so their names are known then.
const aheadBytes = 8 << 20

// identify finds the identity of the unit before anything is written, if it takes no more
// than the first chunks.
func (p *part) identify(ctx context.Context) error {
	u := p.unit
	if given := identitiesOf(u.inputs); len(given) == len(u.inputs) {
		u.early = joined(given)
	} else if len(u.inputs) == 1 && u.names.MayFind() {
		if ended, err := p.readAhead(ctx); err != nil || !ended {
			return err
		}
		u.early = p.reader.Digest()
	}
	if u.early == "" {
		return nil
	}
	return p.run.name(ctx, u, u.early)
}

// identitiesOf are those that are known without reading, of the first inputs.
func identitiesOf(ins []source.Input) (all []string) {
	for _, in := range ins {
		if in.Identity == "" {
			break
		}
		all = append(all, in.Identity)
	}
	return all
}

// readAhead reads the first chunks, as far as nobody else needs the memory, and reports
// whether these are the whole input.
func (p *part) readAhead(ctx context.Context) (ended bool, err error) {
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
		if len(p.ahead) == 0 {
			if err := p.makeRoom(ctx, chunk); err != nil {
				return false, err
			}
		}
		p.ahead = append(p.ahead, chunk)
		size += chunk.Size()
	}
	return false, nil
}

// first returns the first of the chunks that were read ahead, or else reads one.
func (p *part) first(ctx context.Context) (*source.Chunk, error) {
	if len(p.ahead) == 0 {
		chunk, err := p.reader.Next()
		if err == nil {
			err = p.makeRoom(ctx, chunk)
		}
		return chunk, err
	}
	chunk := p.ahead[0]
	p.ahead = p.ahead[1:]
	return chunk, nil
}

// namesOf are the names of a unit. Those that a sink may need before the end of the inputs
// can be found as long as the inputs can be read again.
func (r *run) namesOf(u *unit) *lake.Names {
	if !r.config.EarlyIdentity || slices.ContainsFunc(u.inputs, func(in source.Input) bool { return in.Size < 0 && in.Identity == "" }) {
		return lake.NewNames(nil)
	}
	return lake.NewNames(func(ctx context.Context) (lake.Named, error) { return r.find(ctx, u) })
}

// find finds the names of a unit while it is read: it reads what is left, and what is being
// read, a second time. Any goroutine may call it.
func (r *run) find(ctx context.Context, u *unit) (lake.Named, error) {
	all := u.known.all()
	for _, in := range u.inputs[len(all):] {
		identity := in.Identity
		if identity == "" {
			var err error
			if identity, err = r.digestOf(ctx, in); err != nil {
				return lake.Named{}, err
			}
		}
		all = append(all, identity)
	}
	identity := joined(all)
	if r.mayRepeat() && r.contents.begun(identity, u.number) {
		return lake.Named{}, &repeated{u.result.Name, identity}
	}
	return r.named(ctx, u, identity)
}

// digestOf reads an input. Whoever waits for the names gives back nothing meanwhile, so it
// takes the memory for that without asking, and of the last stage, on which the others wait.
func (r *run) digestOf(ctx context.Context, in source.Input) (string, error) {
	held := int64(readerBytes + r.config.Read.FirstChunk(in))
	r.share.Add(memory.Writing, held)
	defer func() { r.share.Add(memory.Writing, -held) }()
	options := r.config.Read
	options.Grow = func(n int64) error {
		held += n
		r.share.Add(memory.Writing, n)
		return nil
	}
	return source.Digest(ctx, in, options)
}

// name gives a unit the names of an identity, unless it has its names.
func (r *run) name(ctx context.Context, u *unit, identity string) error {
	if u.names.Known() != nil {
		return nil
	}
	named, err := r.named(ctx, u, identity)
	if err == nil {
		u.names.Set(named)
	}
	return err
}

// repeated is the error of a unit that has the content of an earlier one.
type repeated struct{ name, identity string }

func (e *repeated) Error() string {
	return fmt.Sprintf("%s has the same content as an input that failed, and was not read: run it again", e.name)
}

// identities are those of the inputs of a unit that were read. Several goroutines may use
// them at once.
type identities struct {
	mu   sync.Mutex
	read []string
}

func (i *identities) add(identity string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.read = append(i.read, identity)
}

func (i *identities) all() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.read)
}

func joined(identities []string) string {
	if len(identities) == 1 {
		return identities[0]
	}
	return lake.JoinIdentities(identities)
}
