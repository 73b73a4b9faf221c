package inspect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

var (
	errPageLevels = errors.New("a page has other levels than values")
	errRuns       = errors.New("a page has more encoded values than it claims")
)

// pageChecker checks the pages of one column chunk in their order.
type pageChecker struct {
	codec          format.CompressionCodec
	maxRep, maxDef int
	fixed          int64 // bytes of a FIXED_LEN_BYTE_ARRAY, else 0
	unpacks        *unpacker

	pages            int   // data pages
	values           int64 // of them
	last             int64 // values before the last data page
	rowValues        int64 // so far, of the current row
	longestRow       int64 // values
	page, dictionary int64 // memory of the largest
}

// enough reports whether the first rows, and the page behind them, are checked.
func (p *pageChecker) enough(rows int64) bool {
	return p.maxRep == 0 && p.pages > 1 && p.last > rows
}

// memory is about what reading the pages one after another takes, in bytes.
func (p *pageChecker) memory() int64 {
	return p.page + p.dictionary + p.longestRow*valueBytes
}

// check checks one page, of which packed is the body.
func (p *pageChecker) check(h *format.PageHeader, packed []byte) error {
	if h.DictionaryPageHeader.Valid != (h.Type == format.DictionaryPage) ||
		h.DataPageHeader.Valid != (h.Type == format.DataPage) || h.DataPageHeaderV2.Valid != (h.Type == format.DataPageV2) {
		return errPageHeader
	}
	switch h.Type {
	case format.DictionaryPage:
		return p.checkDictionary(h, packed)
	case format.DataPage:
		return p.checkV1(h, packed)
	case format.DataPageV2:
		return p.checkV2(h, packed)
	}
	return nil // index pages have no values
}

func (p *pageChecker) checkDictionary(h *format.PageHeader, packed []byte) error {
	plain, err := p.unpacks.unpack(p.codec, packed, int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	n := int64(h.DictionaryPageHeader.V.NumValues)
	if n < 0 || n > 8*int64(len(plain)) || p.fixed > 0 && n*p.fixed > int64(len(plain)) {
		return errRuns
	}
	if e := h.DictionaryPageHeader.V.Encoding; e != format.Plain && e != oldDictionary {
		return fmt.Errorf("a dictionary is encoded as %s, which is not read", e)
	}
	p.dictionary = max(p.dictionary, 2*int64(len(plain))+8*n)
	return nil
}

func (p *pageChecker) checkV1(h *format.PageHeader, packed []byte) error {
	plain, err := p.unpacks.unpack(p.codec, packed, int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	v1 := &h.DataPageHeader.V
	if err := p.count(h, int64(v1.NumValues)); err != nil {
		return err
	}
	levels := func(max int, e format.Encoding, each func(uint64, int64)) error {
		if max == 0 {
			return nil
		}
		if len(plain) < 4 || uint64(binary.LittleEndian.Uint32(plain)) > uint64(len(plain)-4) {
			return errPageLevels
		}
		end := 4 + int(binary.LittleEndian.Uint32(plain))
		data := plain[4:end]
		plain = plain[end:]
		if e != format.RLE {
			return p.oldLevels(max, int64(v1.NumValues))
		}
		return walkRuns(data, bits.Len(uint(max)), int64(v1.NumValues), each)
	}
	if err := levels(p.maxRep, v1.RepetitionLevelEncoding, p.row); err != nil {
		return err
	}
	if err := levels(p.maxDef, v1.DefinitionLevelEncoding, nil); err != nil {
		return err
	}
	return p.encoding(v1.Encoding, plain, int64(v1.NumValues))
}

// oldLevels are packed without runs, so they take no more memory than they should.
// Their rows are not counted one by one: the page counts as one.
func (p *pageChecker) oldLevels(max int, values int64) error {
	if max == p.maxRep {
		p.row(1, values)
	}
	return nil
}

func (p *pageChecker) checkV2(h *format.PageHeader, packed []byte) error {
	v2 := &h.DataPageHeaderV2.V
	if err := p.count(h, int64(v2.NumValues)); err != nil {
		return err
	}
	reps, defs := int64(v2.RepetitionLevelsByteLength), int64(v2.DefinitionLevelsByteLength)
	if reps < 0 || defs < 0 || reps+defs > int64(len(packed)) || v2.NumNulls < 0 || v2.NumNulls > v2.NumValues {
		return errPageLevels
	}
	if p.maxRep > 0 {
		if err := walkRuns(packed[:reps], bits.Len(uint(p.maxRep)), int64(v2.NumValues), p.row); err != nil {
			return err
		}
	}
	if p.maxDef > 0 {
		if err := walkRuns(packed[reps:reps+defs], bits.Len(uint(p.maxDef)), int64(v2.NumValues), nil); err != nil {
			return err
		}
	}
	plain := packed[reps+defs:]
	if !v2.IsCompressed.Valid || v2.IsCompressed.V {
		var err error
		if plain, err = p.unpacks.unpack(p.codec, plain, int(h.UncompressedPageSize)); err != nil {
			return err
		}
	}
	return p.encoding(v2.Encoding, plain, int64(v2.NumValues))
}

// count counts a data page and its values.
func (p *pageChecker) count(h *format.PageHeader, n int64) error {
	if n < 0 || n > mostPageValues || p.fixed > 0 && n*p.fixed > 4*largestReadable {
		return errManyValues
	}
	p.pages++
	p.last = p.values
	p.values += n
	// Packed and unpacked; two levels, an offset or an index for each value.
	p.page = max(p.page, int64(h.CompressedPageSize)+2*int64(h.UncompressedPageSize)+6*n)
	if p.maxRep == 0 {
		p.longestRow = 1
	}
	return nil
}

// row counts repetition levels, each the level of a number of values.
func (p *pageChecker) row(level uint64, n int64) {
	if level == 0 {
		p.longestRow = max(p.longestRow, p.rowValues, 1)
		p.rowValues = 1
		return
	}
	p.rowValues += n
	p.longestRow = max(p.longestRow, p.rowValues)
}

// oldDictionary is how old writers mark dictionaries and the pages that use them.
//
//lint:ignore SA1019 files that have it are there
const oldDictionary = format.PlainDictionary

// encoding checks the values of a page, n with the nulls.
func (p *pageChecker) encoding(e format.Encoding, data []byte, n int64) error {
	switch e {
	case format.Plain, format.ByteStreamSplit:
		return nil
	case oldDictionary, format.RLEDictionary:
		if len(data) == 0 {
			return nil
		}
		if data[0] > 32 {
			return errRuns
		}
		return walkRuns(data[1:], int(data[0]), n, nil)
	case format.RLE:
		if len(data) < 4 {
			return errRuns
		}
		return walkRuns(data[4:], 1, n, nil)
	case format.DeltaBinaryPacked:
		_, err := walkDelta(data, n, nil)
		return err
	case format.DeltaLengthByteArray:
		sum := int64(0)
		rest, err := walkDelta(data, n, func(_ int, length int64) error { return addLength(&sum, length) })
		if err == nil && sum > int64(len(rest)) {
			err = errRuns
		}
		return err
	case format.DeltaByteArray:
		return p.prefixes(data, n)
	}
	return fmt.Errorf("a page is encoded as %s, which is not read", e)
}

// prefixes checks a page whose values have only what differs from the value before.
func (p *pageChecker) prefixes(data []byte, n int64) error {
	var prefixes []int32
	shared, own, before := int64(0), int64(0), int64(0) // bytes
	rest, err := walkDelta(data, n, func(_ int, length int64) error {
		prefixes = append(prefixes, int32(length))
		return addLength(&shared, length)
	})
	if err != nil {
		return err
	}
	rest, err = walkDelta(rest, int64(len(prefixes)), func(i int, length int64) error {
		if int64(prefixes[i]) > before {
			return errRuns
		}
		before = int64(prefixes[i]) + length
		return addLength(&own, length)
	})
	if err == nil && own > int64(len(rest)) {
		err = errRuns
	}
	p.page = max(p.page, 2*(shared+own))
	return err
}

// addLength adds the length of a value to those before.
func addLength(sum *int64, length int64) error {
	if length < 0 {
		return errRuns
	}
	if *sum += length; *sum > largestReadable {
		return errLargePage
	}
	return nil
}
