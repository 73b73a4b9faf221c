package source

// Options bound the memory of a Reader. Zero fields take the defaults.
type Options struct {
	// ChunkBytes is how many bytes of whole lines a chunk holds at most; a
	// longer line is a chunk of its own. Default 1 MiB.
	ChunkBytes int
	// LineLimit is the length in bytes of the longest line, without its end;
	// longer ones are Long or Bad. Default 16 MiB.
	LineLimit int
	// Strict makes all longer lines Bad.
	Strict bool
	// Memory is shared by Readers one after another; nil for none.
	Memory *Memory
	// Grow, if not nil, is called before a buffer becomes larger than it is for inputs
	// of ordinary lines and of the size that they are said to have, with the bytes that it
	// takes more, and with a negative number when they are given back early. Its error ends
	// the reading.
	Grow func(bytes int64) error
}

// FirstChunk is the most bytes that the first chunk of an input has if its lines are ordinary,
// it is not packed, and has the size that it is said to have.
func (o Options) FirstChunk(in Input) int { return o.withDefaults().firstChunk(in) }

func (o Options) firstChunk(in Input) int {
	if in.Size >= 0 && in.Size < int64(o.ChunkBytes) {
		return int(in.Size)
	}
	return o.ChunkBytes
}

func (o Options) withDefaults() Options {
	if o.ChunkBytes <= 0 {
		o.ChunkBytes = 1 << 20
	}
	if o.LineLimit <= 0 {
		o.LineLimit = 16 << 20
	}
	if o.Memory == nil {
		o.Memory = new(Memory)
	}
	if o.Grow == nil {
		o.Grow = func(int64) error { return nil }
	}
	return o
}

// wrappedLimit is for lines of a reject file: what a line of LineLimit bytes
// can become when AppendJSON wraps it.
func (o Options) wrappedLimit() int { return o.LineLimit + o.LineLimit/3 + 1<<20 }
