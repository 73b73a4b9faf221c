package verify

import (
	"errors"
	"math"

	"github.com/parquet-go/parquet-go"
)

// column goes through the pages of a column chunk.
type column struct {
	*object
	leaf         *leaf
	group, index int

	row    int64 // rows that have begun
	nulls  int64 // entries without a value
	page   int   // data pages so far
	from   int64 // the first row of the page
	all    bounds
	part   bounds // of the page
	tokens []uint64
	stats  stats
	known  dictionary
	direct []int64 // the values of a page, of a special column
}

// dictionary is what is known of the entries of one.
type dictionary struct {
	of     parquet.Dictionary
	tokens []uint64
	used   []int32 // the last page that has it, counted from 1
}

var (
	errLevels  = errors.New("a page has other levels than values")
	errNumbers = errors.New("a page has a number that its dictionary does not have")
	errRows    = errors.New("it has other rows than its row group")
	errWithin  = errors.New("its first page begins within a row")
	errPairs   = errors.New("the row has other values than keys")
)

// visit judges a page.
func (c *column) visit(page parquet.Page) error {
	n := int(page.NumValues())
	defs, reps := page.DefinitionLevels(), page.RepetitionLevels()
	if c.leaf.maxDef > 0 && len(defs) != n || c.leaf.maxRep > 0 && len(reps) != n {
		return errLevels
	}
	there := n
	if c.leaf.maxDef > 0 {
		there = 0
		for _, d := range defs {
			if d > c.leaf.maxDef {
				return errLevels
			}
			if d == c.leaf.maxDef {
				there++
			}
		}
	}
	c.page++
	c.from = c.row
	c.part.reset(c.leaf.order, true)
	if err := c.values(page, there); err != nil {
		return err
	}
	if len(c.tokens) != there {
		return errLevels
	}
	c.nulls += int64(n - there)
	if err := c.fold(defs, reps, n); err != nil {
		return err
	}
	if c.leaf.special != usual {
		c.look(defs, n)
	}
	c.stats.page(c, n, there)
	c.all.join(&c.part)
	return nil
}

// values makes the tokens of the values of a page, and its bounds.
func (c *column) values(page parquet.Page, there int) error {
	c.tokens, c.direct = c.tokens[:0], c.direct[:0]
	l, checker := c.leaf, c.plan.checker
	if d := page.Dictionary(); d != nil {
		data := page.Data()
		return c.numbers(d, data.Int32())
	}
	switch data := page.Data(); l.kind {
	case parquet.Int32:
		for _, v := range data.Int32() {
			c.integer(int64(v))
		}
	case parquet.Int64:
		for _, v := range data.Int64() {
			c.integer(v)
		}
	case parquet.ByteArray:
		text, ends := data.ByteArray()
		for i := 1; i < len(ends); i++ {
			v := text[ends[i-1]:ends[i]]
			c.tokens = append(c.tokens, l.text(v, checker))
			if l.order == texts {
				c.part.text(v)
			}
		}
	default:
		return c.boxed(page, there)
	}
	return nil
}

func (c *column) integer(v int64) {
	c.tokens = append(c.tokens, c.leaf.integer(v))
	if c.leaf.order == integers {
		c.part.integer(v)
	}
	if c.leaf.special != usual {
		c.direct = append(c.direct, v)
	}
}

// boxed is values for types that are rare.
func (c *column) boxed(page parquet.Page, there int) error {
	var some [256]parquet.Value
	for r := page.Values(); len(c.tokens) < there; {
		n, err := r.ReadValues(some[:])
		for _, v := range some[:n] {
			if !v.IsNull() {
				c.tokens = append(c.tokens, c.leaf.value(v, c.plan.checker))
				c.part.value(v)
			}
		}
		if err != nil && len(c.tokens) < there {
			return errLevels
		}
	}
	return nil
}

// numbers is values for those that are numbers of a dictionary's entries.
func (c *column) numbers(d parquet.Dictionary, numbers []int32) error {
	k := &c.known
	if k.of != d {
		k.of, k.tokens, k.used = d, k.tokens[:0], k.used[:0]
		for i := range d.Len() {
			k.tokens, k.used = append(k.tokens, c.leaf.value(d.Index(int32(i)), c.plan.checker)), append(k.used, 0)
		}
	}
	for _, x := range numbers {
		if x < 0 || int(x) >= len(k.tokens) {
			return errNumbers
		}
		c.tokens = append(c.tokens, k.tokens[x])
		if k.used[x] != int32(c.page) {
			k.used[x] = int32(c.page)
			c.part.value(d.Index(x))
		}
		if c.leaf.special != usual {
			c.direct = append(c.direct, integerOf(d.Index(x)))
		}
	}
	return nil
}

// fold adds the entries of a page to the digests of their rows.
func (c *column) fold(defs, reps []byte, n int) error {
	if c.leaf.maxRep > 0 {
		return c.foldRepeated(defs, reps)
	}
	if c.row+int64(n) > int64(len(c.hashes)) {
		return errRows
	}
	digests, next := c.hashes[c.row:c.row+int64(n)], 0
	base := uint64(c.index+1) << 16
	for i := range digests {
		x := base
		if defs != nil {
			x |= uint64(defs[i])
		}
		if defs == nil || defs[i] == c.leaf.maxDef {
			x ^= c.tokens[next]
			next++
		}
		digests[i] = mix(digests[i], x)
	}
	c.row += int64(n)
	return nil
}

// foldRepeated is fold for a column in a list or map. How many entries a map has is nothing
// to the Checker, as long as its keys and values are as many.
func (c *column) foldRepeated(defs, reps []byte) error {
	next, base := 0, uint64(c.index+1)<<16
	for i, rep := range reps {
		if rep > c.leaf.maxRep {
			return errLevels
		}
		if rep == 0 {
			if c.row++; c.row > int64(len(c.hashes)) {
				return errRows
			}
		}
		if c.row == 0 {
			return errWithin
		}
		if c.leaf.part != single {
			c.count(rep)
		}
		token, x := uint64(0), base|uint64(rep)<<8|uint64(defs[i])
		if defs[i] == c.leaf.maxDef {
			token = c.tokens[next]
			next++
		}
		if c.leaf.part != single && rep > 0 && rep == c.leaf.maxRep && token == 0 && defs[i] == c.leaf.maxDef {
			continue
		}
		c.hashes[c.row-1] = mix(c.hashes[c.row-1], x^token)
	}
	return nil
}

// count keeps a digest of how the keys of a map in a row come, and one of its values, in the
// halves of a number.
func (c *column) count(rep byte) {
	entries := &c.entries[c.row-1]
	switch c.leaf.part {
	case mapKey:
		if rep == 0 {
			*entries = 0
		}
		*entries = *entries&math.MaxUint32 | uint64(uint32(*entries>>32)*31+uint32(rep)+1)<<32
	case mapValue:
		*entries = *entries&^math.MaxUint32 | uint64(uint32(*entries)*31+uint32(rep)+1)
	}
}
