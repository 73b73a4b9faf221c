//go:build wasip1

// Package sluice is for guests of sluice that are written in Go. A guest is a
// main package that is built with
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags='-s -w' -o guest.wasm
//
// and whose functions look like this:
//
//	//go:wasmexport twice
//	func twice(ptr, n uint32) uint64 {
//		args := sluice.Args(ptr, n)
//		if x, ok := args.At(0).(int64); ok {
//			return sluice.Return(2 * x)
//		}
//		return sluice.Absent
//	}
//
//	func main() {}
//
// Values are nil, bool, int64, float64, string, []any and map[string]any. All
// that Args and Line give are copies or, where they say so, hold until the
// function returns. A guest runs in one goroutine; its clock stands still.
//
// The package is one file without dependencies, so that a guest may have a copy.
package sluice

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"
)

// Absent is no result; of a stage it means: drop it.
const Absent uint64 = 0

// Level is how grave something is that is logged.
type Level uint32

// The levels that the host knows.
const (
	Debug Level = iota
	Info
	Warning
	Error
)

//go:wasmimport sluice log
func hostLog(level uint32, text *byte, size uint32)

//go:wasmimport sluice refuse
func hostRefuse(reason *byte, size uint32)

// Log says something to whoever runs sluice.
func Log(level Level, text string) {
	hostLog(uint32(level), unsafe.StringData(text), uint32(len(text)))
}

// Refuse rejects the alert with a reason. It does not return.
func Refuse(reason string) {
	hostRefuse(unsafe.StringData(reason), uint32(len(reason)))
	panic("unreachable")
}

//go:wasmexport sluice_abi_v1
func abi() int32 { return 1 }

var (
	buffers   = make(map[uint32][]byte) // what the host holds
	result    []byte
	configure func(config any) error
)

//go:wasmexport sluice_alloc
func alloc(n uint32) uint32 {
	b := make([]byte, max(n, 1))
	ptr := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	buffers[ptr] = b
	return ptr
}

//go:wasmexport sluice_free
func free(ptr, _ uint32) { delete(buffers, ptr) }

// Configure says what takes the mapping's config, a value as Args gives them,
// nil if there is none. Call it in an init function. An error refuses the guest.
func Configure(take func(config any) error) { configure = take }

//go:wasmexport sluice_configure
func configured(ptr, n uint32) int32 {
	if configure == nil {
		return 0
	}
	config, _ := value(Line(ptr, n))
	if err := configure(config); err != nil {
		Refuse(err.Error())
	}
	return 0
}

// Line is what a stage got: one JSON text. It holds, and may be changed, until
// the stage returns.
func Line(ptr, n uint32) []byte { return buffers[ptr][:n:n] }

// List is the arguments of a function.
type List []any

// Args reads what a function got.
func Args(ptr, n uint32) List {
	v, _ := value(Line(ptr, n))
	list, _ := v.([]any)
	return list
}

// At is the i-th argument, nil if there are less.
func (l List) At(i int) any {
	if i < 0 || i >= len(l) {
		return nil
	}
	return l[i]
}

// Number is an int64 or a float64 as a number.
func Number(v any) (n float64, ok bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// value reads the value that b begins with. The host writes only well-formed
// ones.
func value(b []byte) (v any, rest []byte) {
	tag, b := b[0], b[1:]
	switch tag {
	case 1, 2:
		return tag == 2, b
	case 3:
		return int64(binary.LittleEndian.Uint64(b)), b[8:]
	case 4:
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), b[8:]
	case 5:
		return text(b)
	case 6:
		n := binary.LittleEndian.Uint32(b)
		list := make([]any, n)
		b = b[4:]
		for i := range list {
			list[i], b = value(b)
		}
		return list, b
	case 7:
		n := binary.LittleEndian.Uint32(b)
		object := make(map[string]any, n)
		b = b[4:]
		for range n {
			var name string
			name, b = text(b)
			object[name], b = value(b)
		}
		return object, b
	}
	return nil, b
}

func text(b []byte) (string, []byte) {
	n := binary.LittleEndian.Uint32(b)
	return string(b[4 : 4+n]), b[4+n:]
}

// Return is the result of a function: nil, a bool, a string, a number, or
// []any, []string or map[string]any of these. Anything else is absence.
func Return(v any) uint64 {
	if v == nil {
		return Absent
	}
	result = put(result[:0], v)
	return pack(result)
}

// Pass is the result of a stage: the line or event to go on with, which must
// be one JSON object.
func Pass(line []byte) uint64 {
	result = append(result[:0], line...)
	return pack(result)
}

// pack gives bytes that must not be collected until the host has read them.
func pack(b []byte) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))<<32 | uint64(len(b))
}

func put(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, 2)
		}
		return append(b, 1)
	case int:
		return binary.LittleEndian.AppendUint64(append(b, 3), uint64(v))
	case int64:
		return binary.LittleEndian.AppendUint64(append(b, 3), uint64(v))
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, 4), math.Float64bits(v))
	case string:
		return putText(append(b, 5), v)
	case []any:
		b = binary.LittleEndian.AppendUint32(append(b, 6), uint32(len(v)))
		for _, item := range v {
			b = put(b, item)
		}
		return b
	case []string:
		b = binary.LittleEndian.AppendUint32(append(b, 6), uint32(len(v)))
		for _, item := range v {
			b = putText(append(b, 5), item)
		}
		return b
	case map[string]any:
		return putObject(b, v)
	}
	return append(b, 0)
}

// putObject writes members in the order of their names: the order of a map is
// never the same.
func putObject(b []byte, v map[string]any) []byte {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	b = binary.LittleEndian.AppendUint32(append(b, 7), uint32(len(v)))
	for _, name := range names {
		b = put(putText(b, name), v[name])
	}
	return b
}

func putText(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
}
