package table

import "encoding/binary"

// This file writes the structures of Parquet in Thrift's compact protocol. The generic
// encoder of parquet-go uses reflection, which takes longer for a small file than its
// rows; TestThrift compares the two.

// Field types of the compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftBinary = 8
	thriftList   = 9
	thriftStruct = 12

	thriftStop = 0
)

// appendField begins a field. Delta is its number less that of the field before it in
// the struct, 1 to 15.
func appendField(dst []byte, delta, kind byte) []byte { return append(dst, delta<<4|kind) }

// appendInt appends a field that is an integer of any size.
func appendInt(dst []byte, delta, kind byte, v int64) []byte {
	return binary.AppendVarint(appendField(dst, delta, kind), v)
}

// appendNonZero appends an optional integer field, unless it is 0, and returns the
// number of the field that was written last: number or last.
func appendNonZero(dst []byte, last, number, kind byte, v int64) ([]byte, byte) {
	if v == 0 {
		return dst, last
	}
	return appendInt(dst, number-last, kind, v), number
}

// appendList begins a list of n elements.
func appendList(dst []byte, n int, kind byte) []byte {
	if n < 15 {
		return append(dst, byte(n)<<4|kind)
	}
	return binary.AppendUvarint(append(dst, 15<<4|kind), uint64(n))
}

// appendBinary appends a text or bytes.
func appendBinary[T string | []byte](dst []byte, v T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(v))), v...)
}
