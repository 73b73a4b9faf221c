package table

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// AppendGroup adds the rows of a row group, column by column: a text is looked up once for
// each entry of a dictionary, not for each row. The schema is that of the file. After an
// error the batch must be reset.
func (b *Batch) AppendGroup(f *File, group int) error {
	rg := f.file.RowGroups()[group]
	rows, chunks := int(rg.NumRows()), rg.ColumnChunks()
	if len(chunks) != len(b.cols) {
		return ErrOtherSchema
	}
	for b.space < b.rows+rows {
		b.grow()
	}
	for i, chunk := range chunks {
		l := loader{batch: b, column: &b.cols[i], leaf: &b.schema.leaves[i], row: b.rows}
		if err := l.chunk(chunk); err != nil {
			return fmt.Errorf("column %s: %w", l.leaf.name(), err)
		}
		if l.rows() != b.rows+rows {
			return fmt.Errorf("column %s has %d rows, and its row group %d", l.leaf.name(), l.rows()-b.rows, rows)
		}
	}
	before := b.rows
	b.rows += rows
	b.bytes += rows * b.schema.rowBytes
	if before < trialRows && b.rows >= trialRows {
		for i := range b.cols {
			b.cols[i].judge(b.schema.leaves[i].maxDef)
		}
	}
	return nil
}

// loader adds the pages of one chunk to its column.
type loader struct {
	batch  *Batch
	column *column
	leaf   *leaf
	row    int // the first of the row group; of a flat column, the next

	known []uint32 // by number of the dictionary: that of the text in the batch plus one
	texts struct { // of the dictionary
		data []byte
		ends []uint32
	}
}

// rows is the number of rows that the column has.
func (l *loader) rows() int {
	if l.column.repeated {
		return len(l.column.entryEnd)
	}
	return l.row
}

func (l *loader) chunk(chunk parquet.ColumnChunk) (err error) {
	before := l.weight()
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			l.batch.bytes += l.weight() - before
			return nil
		}
		if err != nil {
			return err
		}
		err = l.page(page)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

// weight is the part of Batch.Bytes that is the column's, without what each row takes.
func (l *loader) weight() (n int) {
	c := l.column
	if c.texts != nil {
		n = c.texts.size()
	}
	if c.repeated {
		n += 2*len(c.defs) + 8*len(c.nums) + 4*len(c.ids)
	}
	return n
}

func (l *loader) page(page parquet.Page) error {
	defs, reps := page.DefinitionLevels(), page.RepetitionLevels()
	n := int(page.NumValues())
	if len(defs) != n && l.leaf.maxDef > 0 || l.column.repeated && len(reps) != n {
		return errors.New("a page has other levels than values")
	}
	if l.leaf.maxDef == 0 {
		defs = make([]byte, n)
	}
	there := count(defs, l.leaf.maxDef)
	if l.column.repeated {
		return l.repeated(page, defs, reps, there)
	}
	if l.row+n > l.batch.space {
		return errors.New("a page has more rows than its row group")
	}
	copy(l.column.defs[l.row:], defs)
	var err error
	if l.column.texts == nil {
		var nums []int64
		if nums, err = l.numbers(page, there); err == nil {
			place(l.column.nums[l.row:], nums, defs, l.leaf.maxDef)
		}
	} else {
		var ids []uint32
		if ids, err = l.numbersOfTexts(page, there); err == nil {
			place(l.column.ids[l.row:], ids, defs, l.leaf.maxDef)
		}
	}
	l.row += n
	return err
}

// place puts values where their levels say that they are present. It is the inverse of
// pick.
func place[T any](dst, values []T, defs []uint8, there uint8) {
	if len(values) == len(defs) {
		copy(dst, values)
		return
	}
	for i, d := range defs {
		if d == there {
			dst[i], values = values[0], values[1:]
		}
	}
}

// repeated adds a page of a repeated column. A long row may go on in the next page.
func (l *loader) repeated(page parquet.Page, defs, reps []byte, there int) error {
	c := l.column
	if len(reps) > 0 && reps[0] != 0 {
		last := len(c.entryEnd) - 1
		if last < l.row {
			return errors.New("the first page begins within a row")
		}
		c.entryEnd, c.valueEnd = c.entryEnd[:last], c.valueEnd[:last]
	}
	entry, value := uint32(len(c.defs)), uint32(max(len(c.nums), len(c.ids)))
	for i, d := range defs {
		if reps[i] == 0 && i > 0 {
			c.entryEnd, c.valueEnd = append(c.entryEnd, entry+uint32(i)), append(c.valueEnd, value)
		}
		if d == l.leaf.maxDef {
			value++
		}
	}
	if len(defs) > 0 {
		c.entryEnd, c.valueEnd = append(c.entryEnd, entry+uint32(len(defs))), append(c.valueEnd, value)
	}
	c.defs, c.reps = append(c.defs, defs...), append(c.reps, reps...)
	if c.texts == nil {
		nums, err := l.numbers(page, there)
		c.nums = append(c.nums, nums...)
		return err
	}
	ids, err := l.numbersOfTexts(page, there)
	c.ids = append(c.ids, ids...)
	return err
}

// numbers returns the numbers of a page, of which there are so many.
func (l *loader) numbers(page parquet.Page, there int) ([]int64, error) {
	values := make([]parquet.Value, there)
	nums := make([]int64, 0, there)
	for r := page.Values(); len(nums) < there; {
		n, err := r.ReadValues(values)
		for _, v := range values[:n] {
			if !v.IsNull() {
				nums = append(nums, l.number(v))
			}
		}
		if err != nil && len(nums) < there {
			return nil, fmt.Errorf("a page has %d values, and its levels say %d: %w", len(nums), there, err)
		}
	}
	if len(nums) > there {
		return nil, fmt.Errorf("a page has over %d values, which its levels say", there)
	}
	return nums, nil
}

func (l *loader) number(v parquet.Value) int64 {
	switch l.leaf.physical {
	case format.Boolean:
		if v.Boolean() {
			return 1
		}
		return 0
	case format.Int32:
		return int64(v.Int32())
	case format.Double:
		return int64(math.Float64bits(v.Double()))
	}
	return v.Int64()
}

// numbersOfTexts returns the texts of a page by their numbers in the batch.
func (l *loader) numbersOfTexts(page parquet.Page, there int) ([]uint32, error) {
	ids := make([]uint32, 0, there)
	t := l.column.texts
	values := page.Data()
	if page.Dictionary() == nil {
		data, ends := values.ByteArray()
		for i := 1; i < len(ends); i++ {
			ids = append(ids, t.add(string(data[ends[i-1]:ends[i]]), &t.last))
		}
	} else {
		l.dictionary(page.Dictionary())
		for _, x := range values.Int32() {
			if l.known[x] == 0 {
				text := l.texts.data[l.texts.ends[x]:l.texts.ends[x+1]]
				l.known[x] = t.add(string(text), &t.last) + 1
			}
			ids = append(ids, l.known[x]-1)
		}
	}
	if len(ids) != there {
		return nil, fmt.Errorf("a page has %d texts, and its levels say %d", len(ids), there)
	}
	return ids, nil
}

// dictionary takes up that of the chunk before the first page that uses it.
func (l *loader) dictionary(d parquet.Dictionary) {
	if l.known != nil {
		return
	}
	values := d.Page().Data()
	data, ends := values.ByteArray()
	l.texts.data, l.texts.ends = data, ends
	l.known = slices.Grow(l.known, d.Len())[:d.Len()]
	clear(l.known)
}
