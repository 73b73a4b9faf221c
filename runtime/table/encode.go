package table

import (
	"bytes"
	"fmt"
	"math/bits"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// RowGroup is rows encoded and compressed, ready to be committed to a file of the
// same schema. It does not alias any batch.
type RowGroup struct {
	Rows  int
	Bytes int64 // compressed

	schema *Schema
	sorted bool // by time
	chunks []chunk
	pages  []pageEntry // of all chunks
	bounds []byte      // what spans refer to
	data   segments    // dictionary and data pages of all chunks
}

// chunk is one column of a row group. Its bytes are those of its pages with their
// headers.
type chunk struct {
	entries, nulls           int64
	plainBytes, packedBytes  int64
	dictionaryBytes          int64 // packed; 0 without a dictionary
	numberedPages            int32 // data pages of dictionary numbers
	plainPages               int32
	low, high                span // statistics, empty if there are none
	firstPage, lastPage      int  // [first, last) of RowGroup.pages
	order                    format.BoundaryOrder
	hasColumns, hasOffsets   bool
	columnIndex, offsetIndex location // once written
}

// pageEntry is a data page in the page index.
type pageEntry struct {
	offset    int64 // in RowGroup.data
	size      int   // packed, with the header
	row       int   // the first
	nulls     int
	low, high span
	empty     bool // has no values
}

// span is a part of RowGroup.bounds.
type span struct{ from, to int32 }

// location is a place in the file.
type location struct{ offset, length int64 }

// newRowGroup returns a row group without data.
func (s *Schema) newRowGroup(rows int) *RowGroup {
	g, ok := s.groups.Get().(*RowGroup)
	if !ok {
		g = &RowGroup{schema: s, chunks: make([]chunk, len(s.leaves)), data: segments{pool: &s.scratch.segments}}
	}
	clear(g.chunks)
	g.Rows, g.Bytes, g.sorted, g.pages, g.bounds = rows, 0, false, g.pages[:0], g.bounds[:0]
	return g
}

func (g *RowGroup) bound(s span) []byte { return g.bounds[s.from:s.to] }

func (g *RowGroup) addBound(b []byte) span {
	from := int32(len(g.bounds))
	g.bounds = append(g.bounds, b...)
	return span{from, int32(len(g.bounds))}
}

// encoder is the scratch memory of one Encode.
type encoder struct {
	schema   *Schema
	options  Options
	runs     []run
	order    []uint32 // rows of the runs, one after the other
	batches  []*Batch
	ordinals map[*Batch]int
	rows     int

	// of the current column
	column     int
	leaf       *leaf
	out        *chunk
	defs       []uint8
	count      int // of values that are present
	nums       []int64
	ids        []uint32
	indexes    []int32 // dictionary numbers of the first values
	taken      int     // number of values written as dictionary numbers
	strs       []string
	sizes      []int // sizes[i] is the plain size of strs[:i]
	textDict   dictionary[string]
	numberDict dictionary[int64]
	known      []int32
	bases      []int
	keys       []int32 // dictionary numbers of a map's keys, for the column of its values
	keyCount   int     // of different keys
	place      []int32 // of each text in the dictionary once it is arranged
	arranged   []string
	used       []bool

	// of the current list or map, whose columns follow one another as a rule
	list       int // flat before the first one
	reps, base []uint8
	rowEnds    []uint32 // the end of each row's entries
	entries    []uint32 // of places
	parts      []places // of runs
	pieces     []piece
	gaps       []gap
	stocks     []int                 // of each batch, the texts of its pieces in those of all
	firsts     []int32               // of each of these that a piece begins with, one more than the first of its numbers
	groups     map[sourceGroup]int32 // the first number of each
	zeros      []uint8               // the levels of rows
	levels     []levels              // of branches that are in each other, by their depth

	pages                []page
	pageBounds           []bounds
	low, high            []byte
	plain, runs8, packed []byte
	blocks               []int  // where in plain a block ends, but for the last one
	kept                 []byte // of keptPages
	keptPages            []keptPage
	header               []byte
	group                *RowGroup
	zstd, stream         *zstd.Encoder // for pages, and for dictionaries that are larger; made when first needed
}

// levels are the definition levels of entries in a branch.
type levels struct {
	branch int // or trunk
	defs   []uint8
}

// Encode makes a row group of the rows, in this order, in memory. It may run on many
// goroutines at once; the rows' batches must not change meanwhile. Besides the result
// it takes memory for one column at a time.
func (s *Schema) Encode(rows []Row, o Options) (*RowGroup, error) {
	e := s.scratch.encoder(s)
	defer s.scratch.putBack(e)
	e.options = o.withDefaults()
	return e.encode(rows)
}

func (e *encoder) encode(rows []Row) (*RowGroup, error) {
	if err := e.plan(rows); err != nil {
		return nil, err
	}
	e.rows, e.list, e.kept, e.keptPages = len(rows), flat, e.kept[:0], e.keptPages[:0]
	g := e.schema.newRowGroup(len(rows))
	if len(rows) == 0 {
		return g, nil
	}
	e.group = g
	for i := range g.chunks {
		e.column, e.leaf, e.out = i, &e.schema.leaves[i], &g.chunks[i]
		if err := e.chunk(); err != nil {
			return nil, fmt.Errorf("encoding %d rows of column %s: %w", len(rows), e.leaf.name(), err)
		}
		g.Bytes += e.out.packedBytes
		if i == e.schema.timeLeaf {
			g.sorted = len(e.nums) == len(rows) && ascending(e.nums)
		}
	}
	return g, nil
}

// chunk gathers one column, chooses its encoding, cuts it into pages and writes
// them.
func (e *encoder) chunk() error {
	e.gather()
	e.taken = 0
	isText := e.leaf.physical == format.ByteArray
	switch {
	case isText:
		e.taken = e.indexTexts()
	case e.leaf.physical != format.Boolean:
		e.taken = e.indexNumbers()
	}
	e.cut()
	if isText {
		e.spell(e.taken)
	}
	if e.leaf.role == mapValue {
		e.arrange()
	}
	e.begin()
	if e.taken > 0 {
		if err := e.writeDictionary(); err != nil {
			return err
		}
	}
	e.cutPages()
	for i := range e.pages {
		if err := e.writePage(&e.pages[i]); err != nil {
			return err
		}
	}
	e.summarise()
	if e.leaf.role == mapKey {
		e.keepKeys()
	}
	return nil
}

// cut moves the end of the dictionary back to the beginning of a row, because a page
// has one encoding and begins with a row, and drops the entries that only later values
// use.
func (e *encoder) cut() {
	if e.taken == e.count {
		return
	}
	value, start := 0, 0 // start: the values of the rows before the current one
	for i, d := range e.defs {
		if e.leaf.maxRep == 0 || e.reps[i] == 0 {
			start = value
		}
		if d == e.leaf.maxDef {
			if value == e.taken {
				break
			}
			value++
		}
	}
	e.taken = start
	e.indexes = e.indexes[:start]
	distinct := 0
	for _, x := range e.indexes {
		distinct = max(distinct, int(x)+1)
	}
	e.textDict.values = e.textDict.values[:min(distinct, len(e.textDict.values))]
	e.numberDict.values = e.numberDict.values[:min(distinct, len(e.numberDict.values))]
}

// distinct is the number of dictionary entries of the current column.
func (e *encoder) distinct() int {
	if e.leaf.physical == format.ByteArray {
		return len(e.textDict.values)
	}
	return len(e.numberDict.values)
}

// indexWidth is the number of bits of a dictionary number. It is never 0, which some
// readers do not support. Up to a byte it divides one, so that what comes again is the same
// bytes again: with 3 or 5 bits these are fewer, but take more once compressed.
func (e *encoder) indexWidth() int {
	switch n := bits.Len(uint(max(1, e.distinct()) - 1)); {
	case n == 3:
		return 4
	case n > 4 && n < 8:
		return 8
	default:
		return max(1, n)
	}
}

// begin fills in what is known about the chunk before its pages.
func (e *encoder) begin() {
	e.out.entries = int64(len(e.defs))
	e.out.nulls = int64(len(e.defs) - e.count)
}

const keptBytes = 4 << 20

// release drops whatever aliases batches, and scratch memory that a large value
// inflated.
func (e *encoder) release() {
	clear(e.strs)
	clear(e.arranged)
	clear(e.pageBounds)
	clear(e.runs)
	clear(e.batches)
	clear(e.ordinals)
	clear(e.groups)
	e.textDict.reset(0)
	e.group, e.out = nil, nil
	if cap(e.plain)+cap(e.packed) > keptBytes {
		e.plain, e.packed = nil, nil
	}
}

func ascending(v []int64) bool {
	for i := 1; i < len(v); i++ {
		if v[i] < v[i-1] {
			return false
		}
	}
	return true
}

func count(levels []uint8, level uint8) int { return bytes.Count(levels, []byte{level}) }
