package table

import (
	"fmt"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

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
