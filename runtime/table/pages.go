package table

import (
	"encoding/binary"
	"slices"
	"sort"

	"github.com/parquet-go/parquet-go/format"
)

// page is a data page of the current column: entries and values by their number in
// the chunk.
type page struct {
	row               int // its first row
	entries, entryEnd int
	values, valueEnd  int
	byNumber          bool // values are dictionary numbers
}

// cutPages divides the chunk into pages within the bounds. Pages begin with rows. Only
// a row with too many entries for a page is divided, and then the chunk gets no offset
// index, which cannot express that.
func (e *encoder) cutPages() {
	e.pages = e.pages[:0]
	e.out.hasOffsets = true
	e.out.firstPage = len(e.group.pages)
	at := page{}
	for at.row < e.rows {
		at.byNumber = at.values < e.taken
		end := e.rows
		if at.byNumber {
			end = e.dictionaryRows(at.row)
		}
		end = min(end, at.row+e.options.PageRows)
		if e.bytesTo(at, end) > e.options.PageBytes {
			end = at.row + sort.Search(end-at.row, func(i int) bool {
				return e.bytesTo(at, at.row+i+1) > e.options.PageBytes
			})
		}
		if end == at.row {
			at = e.divideRow(at)
			continue
		}
		at.entryEnd = e.entriesTo(end)
		at.valueEnd = at.values + count(e.defs[at.entries:at.entryEnd], e.leaf.maxDef)
		e.pages = append(e.pages, at)
		at = page{row: end, entries: at.entryEnd, values: at.valueEnd}
	}
}

// dictionaryRows returns the first row from row on that must be written plain.
func (e *encoder) dictionaryRows(row int) int {
	if e.taken == e.count {
		return e.rows
	}
	return row + sort.Search(e.rows-row, func(i int) bool {
		return count(e.defs[:e.entriesTo(row+i+1)], e.leaf.maxDef) > e.taken
	})
}

// entriesTo is the number of entries of the rows before row.
func (e *encoder) entriesTo(row int) int {
	if e.leaf.maxRep == 0 || row == 0 {
		return row
	}
	return int(e.rowEnds[row-1])
}

// bytesTo bounds the bytes of a page that begins like at and ends before row.
func (e *encoder) bytesTo(at page, row int) int {
	at.entryEnd = e.entriesTo(row)
	at.valueEnd = at.values + count(e.defs[at.entries:at.entryEnd], e.leaf.maxDef)
	return e.bound(&at)
}

// divideRow divides the entries of a row that is too large for one page into pages of
// as many entries as fit, at least one.
func (e *encoder) divideRow(at page) page {
	end := e.entriesTo(at.row + 1)
	if end-at.entries > 1 {
		e.out.hasOffsets = false
	}
	for at.entries < end {
		at.entryEnd, at.valueEnd = at.entries, at.values
		for at.entryEnd < end {
			next := at
			next.entryEnd++
			if e.defs[at.entryEnd] == e.leaf.maxDef {
				next.valueEnd++
			}
			if next.entryEnd-next.entries > 1 && e.bound(&next) > e.options.PageBytes {
				break
			}
			at = next
		}
		e.pages = append(e.pages, at)
		at.entries, at.values = at.entryEnd, at.valueEnd
	}
	return page{row: at.row + 1, entries: at.entries, values: at.values}
}

// bound is the greatest size that a page can have before compression.
func (e *encoder) bound(p *page) int {
	entries, values := p.entryEnd-p.entries, p.valueEnd-p.values
	n := levelBound(entries, e.leaf.maxDef)
	if e.leaf.maxRep > 0 {
		n += levelBound(entries, e.leaf.maxRep)
	}
	switch {
	case p.byNumber:
		return n + 1 + runBound(values, e.indexWidth())
	case e.leaf.physical == format.ByteArray:
		return n + e.sizes[p.valueEnd-e.taken] - e.sizes[p.values-e.taken]
	case e.leaf.physical == format.Boolean:
		return n + values/8 + 1
	}
	return n + values*widths[e.leaf.physical]
}

// writePage encodes a data page of version 1: repetition levels, definition levels
// and values, compressed together.
func (e *encoder) writePage(p *page) error {
	e.plain, e.blocks = e.plain[:0], e.blocks[:0]
	if e.leaf.maxRep > 0 {
		e.appendLevels(e.reps[p.entries:p.entryEnd], e.leaf.maxRep)
	}
	e.appendLevels(e.defs[p.entries:p.entryEnd], e.leaf.maxDef)
	encoding := format.Plain
	if p.byNumber {
		encoding = format.RLEDictionary
		e.out.numberedPages++
		if err := e.appendIndexes(e.indexes[p.values:p.valueEnd]); err != nil {
			return err
		}
	} else {
		e.out.plainPages++
		e.appendPlain(p)
	}
	crc, err := e.pack(e.mostStored(p.byNumber))
	if err != nil {
		return err
	}
	entries := p.entryEnd - p.entries
	nulls := entries - (p.valueEnd - p.values)
	e.header = appendDataPageHeader(e.header[:0], len(e.plain), len(e.packed), crc, entries, nulls, encoding)
	e.group.pages = append(e.group.pages, pageEntry{
		offset: e.group.Bytes + e.out.packedBytes, size: len(e.header) + len(e.packed),
		row: p.row, nulls: nulls, empty: p.values == p.valueEnd,
	})
	e.emit(len(e.plain))
	return nil
}

// writeDictionary encodes the dictionary page, which is always plain.
func (e *encoder) writeDictionary() error {
	size, crc, err := e.packDictionary()
	if err != nil {
		return err
	}
	e.header = appendDictionaryPageHeader(e.header[:0], size, len(e.packed), crc, e.distinct())
	e.emit(size)
	e.out.dictionaryBytes = e.out.packedBytes
	return nil
}

// emit adds the page in e.packed, with its header, to the row group. Size is that of the
// page before compression.
func (e *encoder) emit(size int) {
	e.group.data.write(e.header)
	e.group.data.write(e.packed)
	e.out.packedBytes += int64(len(e.header) + len(e.packed))
	e.out.plainBytes += int64(len(e.header) + size)
}

// spell collects the texts from value k on, and their plain sizes.
func (e *encoder) spell(k int) {
	clear(e.strs)
	e.strs = slices.Grow(e.strs[:0], e.count-k)
	e.sizes = append(slices.Grow(e.sizes[:0], e.count-k+1), 0)
	if k == e.count {
		return
	}
	if e.leaf.role != member {
		e.expand()
	}
	from, size := 0, 0
	for i := range e.runs {
		r := &e.runs[i]
		texts := r.batch.cols[e.column].texts
		for _, id := range e.ids[max(from, min(k, r.values)):r.values] {
			s := texts.at(id)
			size += 4 + len(s)
			e.strs, e.sizes = append(e.strs, s), append(e.sizes, size)
		}
		from = r.values
	}
}

func (e *encoder) appendPlain(p *page) {
	switch e.leaf.physical {
	case format.ByteArray:
		e.plain = appendTexts(e.plain, e.strs[p.values-e.taken:p.valueEnd-e.taken])
	default:
		e.plain = appendNumbers(e.plain, e.nums[p.values:p.valueEnd], e.leaf.physical)
	}
}

func appendTexts(dst []byte, texts []string) []byte {
	for _, s := range texts {
		dst = appendText(dst, s)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(s))), s...)
}

func appendNumbers(dst []byte, nums []int64, t format.Type) []byte {
	switch t {
	case format.Boolean:
		for i, v := range nums {
			if i%8 == 0 {
				dst = append(dst, 0)
			}
			dst[len(dst)-1] |= byte(v&1) << (i % 8)
		}
	case format.Int32:
		for _, v := range nums {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
		}
	default:
		for _, v := range nums {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v))
		}
	}
	return dst
}
