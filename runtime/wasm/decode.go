package wasm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// decoder reads a value that a guest wrote. Nothing that it gives aliases its
// input, and it asks for no more memory than the input's size allows.
type decoder struct {
	in    []byte
	at    int
	count int
}

var errCut = errors.New("ends in the middle of a value")

// DecodeValue reads exactly one value in the ABI's form. The value is a copy.
// Errors name the byte, from 0, and none of the contents.
func DecodeValue(in []byte) (alert.Value, error) {
	d := decoder{in: in}
	v, err := d.value(0)
	if err != nil {
		return alert.Value{}, fmt.Errorf("byte %d: %w", d.at, err)
	}
	if d.at != len(in) {
		return alert.Value{}, fmt.Errorf("byte %d: bytes after the value", d.at)
	}
	return v, nil
}

func (d *decoder) value(depth int) (alert.Value, error) {
	if d.at >= len(d.in) {
		return alert.Value{}, errCut
	}
	tag := d.in[d.at]
	d.at++
	switch tag {
	case tagNil:
		return alert.Value{}, nil
	case tagFalse, tagTrue:
		return alert.OfBool(tag == tagTrue), nil
	case tagInt:
		n, err := d.word()
		return alert.OfInt(int64(n)), err
	case tagFloat:
		n, err := d.word()
		return alert.OfFloat(math.Float64frombits(n)), err
	case tagText:
		s, err := d.text()
		return alert.OfText(s), err
	case tagList, tagObject:
		if depth >= MaxDepth {
			return alert.Value{}, fmt.Errorf("nested more than %d deep", MaxDepth)
		}
		if tag == tagList {
			return d.list(depth)
		}
		return d.object(depth)
	}
	d.at--
	return alert.Value{}, fmt.Errorf("0x%02x begins no value", tag)
}

func (d *decoder) word() (uint64, error) {
	if len(d.in)-d.at < 8 {
		return 0, errCut
	}
	n := binary.LittleEndian.Uint64(d.in[d.at:])
	d.at += 8
	return n, nil
}

// size reads a count of things that take at least each bytes, and fails if so
// many cannot follow.
func (d *decoder) size(each int) (int, error) {
	if len(d.in)-d.at < 4 {
		return 0, errCut
	}
	n := uint64(binary.LittleEndian.Uint32(d.in[d.at:]))
	if n*uint64(each) > uint64(len(d.in)-d.at-4) {
		return 0, fmt.Errorf("a length of %d where %d bytes follow", n, len(d.in)-d.at-4)
	}
	d.at += 4
	return int(n), nil
}

// members is size for a list or an object. All members are counted before room
// is made for them: lists inside lists may each claim the same bytes.
func (d *decoder) members(each int) (int, error) {
	n, err := d.size(each)
	if err != nil {
		return 0, err
	}
	if d.count += n; d.count >= MaxValues {
		return 0, fmt.Errorf("more than %d values", MaxValues)
	}
	return n, nil
}

func (d *decoder) text() (string, error) {
	n, err := d.size(1)
	if err != nil {
		return "", err
	}
	b := d.in[d.at : d.at+n]
	if !utf8.Valid(b) {
		return "", errors.New("a text that is not UTF-8")
	}
	d.at += n
	return string(b), nil
}

func (d *decoder) list(depth int) (alert.Value, error) {
	n, err := d.members(1)
	if err != nil {
		return alert.Value{}, err
	}
	items := make([]alert.Value, n)
	for i := range items {
		if items[i], err = d.value(depth + 1); err != nil {
			return alert.Value{}, err
		}
	}
	return alert.OfList(items), nil
}

func (d *decoder) object(depth int) (alert.Value, error) {
	n, err := d.members(5)
	if err != nil {
		return alert.Value{}, err
	}
	members := make([]alert.Member, n)
	for i := range members {
		if members[i].Name, err = d.text(); err != nil {
			return alert.Value{}, err
		}
		if members[i].Value, err = d.value(depth + 1); err != nil {
			return alert.Value{}, err
		}
	}
	return alert.OfObject(members), nil
}
