package inspect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// What the footer of a file may claim. Beyond these bounds a file is not read: a
// small one could otherwise ask for any amount of memory and time.
const (
	largestFooter  = 64 << 20 // bytes
	deepestThrift  = 32       // structs and lists inside each other; the format needs 9
	mostStructs    = 1 << 20
	deepestSchema  = 64 // groups inside each other
	mostElements   = 20_000
	longestName    = 4 << 10  // bytes
	longestPaths   = 16 << 20 // bytes of the paths of all leaves together
	longestFixed   = 64 << 10 // bytes of a FIXED_LEN_BYTE_ARRAY
	bytesPerStruct = 8        // of the encoded ones, on average: less is made up
)

var (
	errThriftEnds  = errors.New("a value ends outside of it")
	errThriftDeep  = fmt.Errorf("its values are nested deeper than %d", deepestThrift)
	errThriftMany  = errors.New("it has more values than fit its bytes")
	errThriftTypes = errors.New("a value has a type that does not exist")
)

// thriftWalk walks a value of Thrift's compact protocol, without keeping any of it.
// parquet-go decodes such values recursively and trusts their lengths.
type thriftWalk struct {
	data    []byte
	at      int
	structs int
}

// walkThrift checks that data begins with a struct whose nesting, lengths and number
// of parts are plausible, and returns its length.
func walkThrift(data []byte) (length int, err error) {
	w := thriftWalk{data: data}
	if err := w.structure(0); err != nil {
		return 0, err
	}
	if w.structs > min(mostStructs, 4096+w.at/bytesPerStruct) {
		return 0, errThriftMany
	}
	return w.at, nil
}

// The types of the compact protocol.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftInt16
	thriftInt32
	thriftInt64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

func (w *thriftWalk) structure(depth int) error {
	if depth > deepestThrift {
		return errThriftDeep
	}
	w.structs++
	for {
		b, err := w.byte()
		if err != nil || b&15 == thriftStop {
			return err
		}
		if b>>4 == 0 { // the field's number follows
			if _, err := w.varint(); err != nil {
				return err
			}
		}
		if kind := b & 15; kind != thriftTrue && kind != thriftFalse { // a field's type says which
			if err := w.value(kind, depth); err != nil {
				return err
			}
		}
	}
}

// value walks a value of a type, at a depth that a list or struct in it exceeds.
func (w *thriftWalk) value(kind byte, depth int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return w.skip(1)
	case thriftInt16, thriftInt32, thriftInt64:
		_, err := w.varint()
		return err
	case thriftDouble:
		return w.skip(8)
	case thriftBinary:
		n, err := w.varint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftList, thriftSet:
		return w.list(depth + 1)
	case thriftMap:
		return w.pairs(depth + 1)
	case thriftStruct:
		return w.structure(depth + 1)
	}
	return errThriftTypes
}

func (w *thriftWalk) list(depth int) error {
	if depth > deepestThrift {
		return errThriftDeep
	}
	b, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(b >> 4)
	if n == 15 {
		if n, err = w.varint(); err != nil {
			return err
		}
	}
	return w.items(n, depth, b&15)
}

func (w *thriftWalk) pairs(depth int) error {
	n, err := w.varint()
	if err != nil || n == 0 {
		return err
	}
	if depth > deepestThrift {
		return errThriftDeep
	}
	b, err := w.byte()
	if err != nil {
		return err
	}
	return w.items(n, depth, b>>4, b&15)
}

// items walks n groups of values. Each has a byte at least.
func (w *thriftWalk) items(n uint64, depth int, kinds ...byte) error {
	if n > uint64(len(w.data)-w.at) {
		return errThriftEnds
	}
	for range n {
		for _, kind := range kinds {
			if err := w.value(kind, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *thriftWalk) byte() (byte, error) {
	if w.at == len(w.data) {
		return 0, errThriftEnds
	}
	w.at++
	return w.data[w.at-1], nil
}

func (w *thriftWalk) varint() (uint64, error) {
	u, n := binary.Uvarint(w.data[w.at:])
	if n <= 0 {
		return 0, errThriftEnds
	}
	w.at += n
	return u, nil
}

func (w *thriftWalk) skip(n uint64) error {
	if n > uint64(len(w.data)-w.at) {
		return errThriftEnds
	}
	w.at += int(n)
	return nil
}

// checkFooter checks the footer of a file before parquet-go decodes it. It is length
// bytes long and ends 8 bytes before the file does.
func checkFooter(r io.ReaderAt, size, length int64) error {
	if length > largestFooter {
		return fmt.Errorf("it has %d bytes, and up to %d are read", length, largestFooter)
	}
	data := make([]byte, length)
	if n, err := r.ReadAt(data, size-8-length); n < len(data) {
		return fmt.Errorf("reading its %d bytes: %w", length, err)
	}
	if _, err := walkThrift(data); err != nil {
		return err
	}
	var m format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data, &m); err != nil {
		return err
	}
	return checkMetadata(&m, size)
}

// checkMetadata checks what a footer says about a file of size bytes.
func checkMetadata(m *format.FileMetaData, size int64) error {
	if err := checkSchema(m.Schema); err != nil {
		return err
	}
	left := size
	for i := range m.RowGroups {
		for j := range m.RowGroups[i].Columns {
			// Chunks do not overlap, or a small file could have its pages read again
			// for each of many chunks.
			n := m.RowGroups[i].Columns[j].MetaData.TotalCompressedSize
			if n < 0 || n > left {
				return errors.New("its column chunks have more bytes than the file")
			}
			left -= n
		}
	}
	return nil
}

// checkSchema checks the tree that a schema's elements make, in depth-first order.
func checkSchema(elements []format.SchemaElement) error {
	if len(elements) == 0 || len(elements) > mostElements {
		return fmt.Errorf("its schema has %d elements; 1 to %d are read", len(elements), mostElements)
	}
	type group struct{ left, path int } // children to come, and bytes of the path to it
	open := []group{{1, 0}}
	paths := 0
	for i := range elements {
		e := &elements[i]
		for len(open) > 0 && open[len(open)-1].left == 0 {
			open = open[:len(open)-1]
		}
		switch n := int(e.NumChildren.V); {
		case len(open) == 0:
			return errors.New("its schema has elements outside of any group")
		case len(open) > deepestSchema:
			return fmt.Errorf("its schema is deeper than %d groups", deepestSchema)
		case len(e.Name) > longestName:
			return fmt.Errorf("a name in its schema is longer than %d bytes", longestName)
		case e.TypeLength.V < 0 || e.TypeLength.V > longestFixed:
			return fmt.Errorf("a type in its schema has %d bytes; up to %d are read", e.TypeLength.V, longestFixed)
		case n < 0 || n > len(elements):
			return fmt.Errorf("a group in its schema claims %d children", n)
		default:
			top := &open[len(open)-1]
			top.left--
			path := top.path + len(e.Name) + 1
			if paths += path; paths > longestPaths {
				return fmt.Errorf("the paths of its columns are longer than %d bytes together", longestPaths)
			}
			open = append(open, group{n, path})
		}
	}
	for _, g := range open {
		if g.left > 0 {
			return errors.New("its schema ends within a group")
		}
	}
	return nil
}
