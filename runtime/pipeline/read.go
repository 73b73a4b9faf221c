package pipeline

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// readAhead is the most inputs that are open at the same time: the one whose chunks are
// sent, and those after it with their first chunk. So the latency of opening small
// inputs, of a bucket above all, does not add up.
const readAhead = 16

// read divides the inputs, in their order, into items. An item goes to the workers and,
// in the order of the input, to the appender.
func (r *run) read(ctx context.Context) {
	defer close(r.items)
	defer close(r.toMap)
	var parts sync.WaitGroup
	defer parts.Wait()
	open := make(chan struct{}, readAhead)
	turn := make(chan struct{})
	close(turn)
	for u := range r.eachUnit(ctx) {
		for i := range u.inputs {
			select {
			case open <- struct{}{}:
			case <-ctx.Done():
				return
			}
			p := &part{run: r, unit: u, ordinal: i, turn: turn, over: make(chan struct{})}
			parts.Go(func() {
				p.read(ctx)
				<-open
			})
			turn = p.over
		}
	}
}

// part reads one input of a unit, in a goroutine of its own. Before its turn it touches
// nothing of the unit; only the first input finds the identity.
type part struct {
	run     *run
	unit    *unit
	ordinal int // of the input in the unit
	turn    <-chan struct{}
	over    chan struct{} // closed when it is the turn of the next part

	reader  *source.Reader
	counted int64           // bytes of the input that are counted
	held    int64           // bytes that it has of the run's memory
	room    int64           // of these, those for the next chunk
	ahead   []*source.Chunk // that were read before the identity was known
}

func (p *part) read(ctx context.Context) {
	defer close(p.over)
	defer func() { p.run.share.Add(memory.Reading, -p.held) }()
	chunk, err := p.begin(ctx)
	if p.reader != nil {
		defer p.reader.Close()
	}
	if p.wait(ctx) != nil {
		return
	}
	u := p.unit
	if p.ordinal == 0 && err == nil {
		u.skipped = p.run.repeats(u)
	}
	if u.failed == nil && !u.skipped {
		u.failed = p.send(ctx, chunk, err)
	}
	if again := (*repeated)(nil); errors.As(u.failed, &again) {
		u.early, u.failed, u.skipped = again.identity, nil, true
	}
	if large := (*memory.TooLarge)(nil); errors.As(u.failed, &large) {
		p.run.stop(u.failed)
		return
	}
	if p.ordinal == len(u.inputs)-1 && p.run.flush(ctx, u) {
		if u.failed == nil && p.run.mayRepeat() {
			p.run.contents.begun(u.identity(), u.number)
		}
		p.run.send(ctx, &item{unit: u, end: true, places: 1, identity: u.identity(), err: u.failed})
	}
}

// begin opens the input and reads its first chunk, before the turn of the part.
func (p *part) begin(ctx context.Context) (*source.Chunk, error) {
	u := p.unit
	options := p.run.config.Read
	first := int64(options.FirstChunk(u.inputs[p.ordinal]))
	if err := p.take(ctx, inProgress*first+first+readerBytes); err != nil {
		return nil, err
	}
	p.room = inProgress * first
	options.Grow = func(n int64) error { return p.take(ctx, n) }
	var err error
	if p.reader, err = source.NewReader(ctx, u.inputs[p.ordinal], options); err != nil {
		return nil, err
	}
	if err := u.checkUUID(p.reader); err != nil {
		return nil, err
	}
	if p.ordinal == 0 {
		if err := p.identify(ctx); err != nil {
			return nil, err
		}
	}
	chunk, err := p.first(ctx)
	if err == nil && u.early == "" && len(u.inputs) == 1 {
		u.early = p.reader.Digest() // if that was all
	}
	return chunk, err
}

// repeats reports whether the content of a unit is known to be that of an earlier one
// before it is read. Such a unit is skipped, and the committer reports it.
func (r *run) repeats(u *unit) bool {
	if u.early == "" || !r.mayRepeat() {
		return false
	}
	return r.contents.begun(u.early, u.number)
}

// send sends the first chunk, if there was no error, and the rest of the input.
func (p *part) send(ctx context.Context, chunk *source.Chunk, err error) error {
	u := p.unit
	for ; err == nil; chunk, err = p.next(ctx) {
		if err := u.names.Failed(); err != nil {
			return err
		}
		p.count()
		u.result.Lines += chunk.Count
		if err := p.hand(ctx, chunk); err != nil {
			return err
		}
	}
	if p.reader != nil {
		p.count()
	}
	if err != io.EOF {
		return err
	}
	in := u.inputs[p.ordinal]
	if found := p.reader.Found(); found != "" {
		u.result.Found = append(u.result.Found, in.Name+": "+found)
	}
	u.known.add(cmp.Or(in.Identity, p.reader.Digest()))
	return nil
}

// makeRoom takes the memory that the first chunk has beyond what was taken for it before the
// input was open: it was packed, has grown, or begins with a long line.
func (p *part) makeRoom(ctx context.Context, c *source.Chunk) error {
	more := inProgress*int64(c.Size()) - p.room
	if more <= 0 {
		return nil
	}
	p.room += more
	return p.take(ctx, more)
}

// hand sends a chunk, with what it takes of the memory.
func (p *part) hand(ctx context.Context, c *source.Chunk) error {
	size := inProgress * int64(c.Size())
	if err := p.take(ctx, size-p.room); err != nil {
		return err
	}
	p.held -= size // it is the item's now
	if !p.run.add(ctx, p.unit, c, len(p.ahead) == 0 && p.reader.AtEnd()) {
		return context.Cause(ctx)
	}
	return nil
}

// next returns the next chunk, and reads it when there is memory for it.
func (p *part) next(ctx context.Context) (*source.Chunk, error) {
	if p.room = p.run.chunkBytes(); len(p.ahead) > 0 {
		return p.first(ctx) // which has it
	}
	if p.reader.AtEnd() {
		p.room = 0
	} else if err := p.take(ctx, p.room); err != nil {
		return nil, err
	}
	return p.reader.Next()
}

// take takes memory, or gives it back if n is negative. Before its turn, a part takes
// only what nobody else needs, and else waits for its turn: others of its run would wait
// for what it holds.
func (p *part) take(ctx context.Context, n int64) error {
	if n < 0 {
		p.give(-n)
		return nil
	}
	p.held += n
	if p.run.share.Try(memory.Reading, n) {
		return nil
	}
	err := p.wait(ctx)
	if err == nil {
		err = p.run.share.Take(ctx, memory.Reading, n)
	}
	if err != nil {
		p.held -= n
	}
	return err
}

func (p *part) wait(ctx context.Context) error {
	select {
	case <-p.turn:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *part) give(n int64) {
	p.held -= n
	p.run.share.Add(memory.Reading, -n)
}

const (
	// inProgress is how much more memory a chunk takes while it is mapped than its
	// lines have: they, and about as much for what becomes of them. What that really
	// takes is counted once it is there.
	inProgress = 2
	// readerBytes is what an open input takes besides its chunks and a window on it, which is
	// as large as its first chunk: what reads and unpacks it.
	readerBytes = 1 << 19
)

// chunkBytes is what a chunk of the usual size takes.
func (r *run) chunkBytes() int64 { return inProgress * int64(r.config.Read.ChunkBytes) }

// count counts the bytes that were read since the last call.
func (p *part) count() {
	now := p.reader.BytesIn()
	p.unit.result.BytesIn += now - p.counted
	p.run.progress.BytesIn.Add(now - p.counted)
	p.counted = now
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
	}
	return err
}
