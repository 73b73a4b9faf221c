package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
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
	var before entries // of the map that is loaded
	for i, chunk := range chunks {
		leaf := &b.schema.leaves[i]
		if leaf.role == mapKey {
			before = b.unfold(leaf.list)
		}
		l := b.loader(i, rows)
		if err := l.chunk(chunk); err != nil {
			return fmt.Errorf("column %s: %w", leaf.name(), err)
		}
		if err := l.complete(rows); err != nil {
			return err
		}
		if leaf.role != mapValue {
			continue
		}
		if err := b.fold(leaf.list, before); err != nil {
			return fmt.Errorf("column %s: %w", leaf.name(), err)
		}
	}
	b.rows += rows
	b.bytes += rows * b.schema.rowBytes
	if b.rows-rows < trialRows && b.rows >= trialRows {
		b.judge()
	}
	return nil
}

// loader adds the pages of one chunk to its column.
type loader struct {
	batch  *Batch
	column *column
	leaf   *leaf
	index  int      // of the leaf
	list   *entries // nil for a flat column
	first  bool     // the first column of its list, which says what entries there are
	before int      // rows that are there already; none of a map, see unfold
	at     int      // the next entry
	end    int      // of the rows

	known []uint32 // by number of the dictionary: that of the text in the batch plus one
	texts struct { // of the dictionary
		data []byte
		ends []uint32
	}
}

// loader returns one for so many rows behind those of the batch.
func (b *Batch) loader(leaf, rows int) *loader {
	l := &loader{batch: b, column: b.column(leaf), leaf: &b.schema.leaves[leaf], index: leaf, before: b.rows, at: b.rows, end: b.rows + rows}
	if list := l.leaf.list; list != flat {
		if l.leaf.role != member {
			l.before = 0
		}
		l.list, l.first = &b.lists[list], b.schema.lists[list].leaves[0] == leaf
		l.at = l.list.start(l.before)
	}
	return l
}

// complete reports whether the chunk had the rows of its row group.
func (l *loader) complete(rows int) error {
	switch got := l.at - l.batch.rows; {
	case l.list == nil && got != rows:
		return fmt.Errorf("column %s has %d rows, and its row group %d", l.leaf.name(), got, rows)
	case l.list != nil && len(l.list.ends) != l.before+rows:
		return fmt.Errorf("column %s has %d rows, and its row group %d", l.leaf.name(), len(l.list.ends)-l.before, rows)
	case l.list != nil && l.at != len(l.list.reps):
		return fmt.Errorf("column %s has other entries than the columns before it in its list", l.leaf.name())
	}
	return nil
}

func (l *loader) chunk(chunk parquet.ColumnChunk) (err error) {
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
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

func (l *loader) page(page parquet.Page) error {
	defs, reps := page.DefinitionLevels(), page.RepetitionLevels()
	n := int(page.NumValues())
	if len(defs) != n && l.leaf.maxDef > 0 || l.list != nil && len(reps) != n {
		return errors.New("a page has other levels than values")
	}
	if l.leaf.maxDef == 0 {
		defs = make([]byte, n)
	}
	if err := l.enter(reps, n); err != nil {
		return err
	}
	if err := l.levels(defs); err != nil {
		return err
	}
	if err := l.values(page, count(defs, l.leaf.maxDef)); err != nil {
		return err
	}
	l.at += n
	return nil
}

// levels adds the definition levels of a page. The first column of a list or branch says where that is;
// the others must agree.
func (l *loader) levels(defs []byte) error {
	b := l.batch
	if l.first {
		item := b.schema.lists[l.leaf.list].item
		for i, def := range defs {
			l.list.base[l.at+i] = min(def, item)
		}
	}
	for i := l.leaf.branch; i != trunk; i = b.schema.branches[i].parent {
		of := &b.schema.branches[i]
		for k, def := range defs {
			if of.first == l.index && def >= of.def {
				b.branches[i].add(l.at + k)
			}
		}
	}
	for i, def := range defs {
		around := b.around(l.index, l.at+i)
		switch {
		case def == l.leaf.maxDef && around == l.leaf.around:
			l.column.there.add(l.at + i)
		case def != around:
			return errors.New("a page has other levels than the columns before it")
		}
	}
	return nil
}

// values adds the values of a page. The weights are those of levels.go.
func (l *loader) values(page parquet.Page, there int) error {
	c, b := l.column, l.batch
	if c.texts == nil {
		nums, err := l.numbers(page, there)
		if err != nil {
			return err
		}
		c.nums = append(c.nums, nums...)
		if l.list != nil {
			b.bytes += numberBytes * there
		}
		return nil
	}
	before := c.texts.size()
	ids, err := l.numbersOfTexts(page, there)
	if err != nil {
		return err
	}
	c.ids = append(c.ids, ids...)
	b.bytes += c.texts.size() - before
	if l.list != nil {
		b.bytes += textBytes * there
	}
	return nil
}

// enter makes room for n entries of a page, whose repetition levels are those of the other columns
// of their list. A long row may continue in the next page.
func (l *loader) enter(reps []byte, n int) error {
	switch {
	case l.list == nil && l.at+n > l.end:
		return errors.New("a page has more rows than its row group")
	case l.list == nil || n == 0:
		return nil
	case !l.first && !bytes.HasPrefix(l.list.reps[l.at:], reps):
		return errors.New("a page has other entries than the columns before it in its list")
	case !l.first:
		return nil
	}
	if reps[0] != 0 {
		last := len(l.list.ends) - 1
		if last < l.before {
			return errors.New("the first page begins within a row")
		}
		l.list.ends = l.list.ends[:last]
	}
	for i, rep := range reps {
		if rep == 0 && i > 0 {
			l.list.ends = append(l.list.ends, uint32(l.at+i))
		}
	}
	l.list.ends = append(l.list.ends, uint32(l.at+n))
	l.batch.enterLoaded(l.leaf.list, reps)
	return nil
}

// enterLoaded adds entries of a list, without the levels of their columns.
func (b *Batch) enterLoaded(list int, reps []byte) {
	l, at := b.extend(list, len(reps))
	copy(l.reps[at:], reps)
}
