package wasm

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sluice-lake/sluice/engine/alert"
)

// The bounds of a value that crosses.
const (
	MaxDepth  = 64
	MaxValues = 1 << 16
)

const (
	tagNil byte = iota
	tagFalse
	tagTrue
	tagInt
	tagFloat
	tagText
	tagList
	tagObject
)

// encoder writes values as the package comment lays them out.
type encoder struct {
	out   []byte
	count int
}

// appendArgs appends the arguments as one list value.
func appendArgs(dst []byte, args []alert.Value) ([]byte, error) {
	e := encoder{out: dst}
	e.head(tagList, len(args))
	for i := range args {
		if err := e.value(&args[i], 1); err != nil {
			return nil, fmt.Errorf("argument %d %w", i+1, err)
		}
	}
	return e.out, nil
}

// AppendValue appends one value in the ABI's form, as a guest reads it.
func AppendValue(dst []byte, v alert.Value) ([]byte, error) {
	e := encoder{out: dst}
	if err := e.value(&v, 0); err != nil {
		return nil, fmt.Errorf("the value %w", err)
	}
	return e.out, nil
}

func (e *encoder) head(tag byte, n int) {
	e.out = binary.LittleEndian.AppendUint32(append(e.out, tag), uint32(n))
}

func (e *encoder) word(tag byte, n uint64) {
	e.out = binary.LittleEndian.AppendUint64(append(e.out, tag), n)
}

func (e *encoder) text(s string) {
	e.head(tagText, len(s))
	e.out = append(e.out, s...)
}

func (e *encoder) value(v *alert.Value, depth int) error {
	if e.count++; e.count > MaxValues {
		return fmt.Errorf("holds more than %d values: pass less of the alert", MaxValues)
	}
	switch v.Kind {
	case alert.Bool:
		e.out = append(e.out, tagFalse+byte(v.Num&1))
	case alert.Int:
		e.word(tagInt, v.Num)
	case alert.Float:
		e.word(tagFloat, v.Num)
	case alert.Text:
		if uint64(len(v.Text)) > math.MaxUint32 {
			return fmt.Errorf("has a text of %d bytes: no guest can hold it", len(v.Text))
		}
		e.text(v.Text)
	case alert.List, alert.Object:
		if depth >= MaxDepth {
			return fmt.Errorf("is nested more than %d deep: pass a part of it", MaxDepth)
		}
		if v.Kind == alert.List {
			return e.list(v, depth)
		}
		return e.object(v, depth)
	default:
		e.out = append(e.out, tagNil)
	}
	return nil
}

// list does without the list's length in advance: a raw one does not know it.
func (e *encoder) list(v *alert.Value, depth int) error {
	at := len(e.out)
	e.head(tagList, 0)
	n := 0
	for it := v.Items(); it.Next(); n++ {
		item := it.Value()
		if err := e.value(&item, depth+1); err != nil {
			return err
		}
	}
	binary.LittleEndian.PutUint32(e.out[at+1:], uint32(n))
	return nil
}

func (e *encoder) object(v *alert.Value, depth int) error {
	members := v.Members()
	e.head(tagObject, len(members))
	for i := range members {
		name := members[i].Name
		e.out = binary.LittleEndian.AppendUint32(e.out, uint32(len(name)))
		e.out = append(e.out, name...)
		if err := e.value(&members[i].Value, depth+1); err != nil {
			return err
		}
	}
	return nil
}
