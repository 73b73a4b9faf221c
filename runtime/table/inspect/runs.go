package inspect

import "encoding/binary"

// paddedValues may follow behind those of a page, in its last group of bits.
const paddedValues = 512

// walkRuns walks values in runs and groups of bits (RLE), of width bits each. It
// fails if they are more than a page may have. Each gets every value with how often it comes.
func walkRuns(data []byte, width int, most int64, each func(value uint64, n int64)) error {
	total := int64(0)
	for len(data) > 0 {
		u, w := binary.Uvarint(data)
		if w <= 0 || u>>1 > uint64(most+paddedValues) {
			return errRuns
		}
		data = data[w:]
		n, size := int64(u>>1), (width+7)/8
		packed := u&1 == 1
		if packed {
			n, size = 8*n, int(u>>1)*width
		}
		if size > len(data) || total+n > most+paddedValues {
			return errRuns
		}
		if each != nil {
			readRun(data[:size], packed, width, min(n, most-total), each)
		}
		total += n
		data = data[size:]
	}
	return nil
}

// readRun gives the values of one run or of one group of bits.
func readRun(data []byte, packed bool, width int, n int64, each func(value uint64, n int64)) {
	if n <= 0 {
		return
	}
	if !packed {
		var le [8]byte
		copy(le[:], data)
		each(binary.LittleEndian.Uint64(le[:]), n)
		return
	}
	for i := range n {
		each(bitsAt(data, int(i)*width, width), 1)
	}
}

// bitsAt reads width bits, the lowest first. Behind the end of data they are 0.
func bitsAt(data []byte, at, width int) (v uint64) {
	for have := 0; have < width; {
		if at/8 >= len(data) {
			return v
		}
		take := min(width-have, 8-at%8)
		part := uint64(data[at/8]>>(at%8)) & (1<<take - 1)
		v |= part << have
		have, at = have+take, at+take
	}
	return v
}

// walkDelta walks integers of which each has its difference to the one before (DELTA_BINARY_PACKED), and
// returns what follows them. It fails if they are more than a page may have. Each
// gets every one, as lengths of values are read: 32 bits.
func walkDelta(data []byte, most int64, each func(i int, v int64) error) (rest []byte, err error) {
	var head [4]uint64 // values of a block, its parts, values, the first value
	for i := range head {
		w := 0
		if head[i], w = binary.Uvarint(data); w <= 0 {
			return nil, errRuns
		}
		data = data[w:]
	}
	block, parts, total := head[0], head[1], head[2]
	if total > uint64(most) || block > 1<<16 || parts == 0 || parts > block || block%parts != 0 {
		return nil, errRuns
	}
	if total == 0 {
		return data, nil
	}
	d := deltas{data: data, per: int(block / parts), parts: int(parts), left: int(total) - 1, last: int32(unzigzag(head[3])), each: each}
	if each != nil {
		if err := each(0, int64(d.last)); err != nil {
			return nil, err
		}
	}
	for d.at = 1; d.left > 0; {
		if err := d.block(); err != nil {
			return nil, err
		}
	}
	return d.data, nil
}

// deltas are what is left of such integers.
type deltas struct {
	data       []byte
	per, parts int // values of a part of a block, and its parts
	at, left   int
	last       int32
	each       func(i int, v int64) error
}

func (d *deltas) block() error {
	least, w := binary.Uvarint(d.data)
	if w <= 0 || len(d.data)-w < d.parts {
		return errRuns
	}
	widths := d.data[w : w+d.parts]
	d.data = d.data[w+d.parts:]
	for _, width := range widths {
		if d.left == 0 {
			return nil // the other parts are not there
		}
		size := min(d.per*int(width)/8, len(d.data))
		n := min(d.per, d.left)
		if width > 64 || d.each != nil && width > 32 {
			return errRuns
		}
		if d.each != nil {
			if err := d.read(d.data[:size], int(width), n, int32(unzigzag(least))); err != nil {
				return err
			}
		}
		d.at, d.left, d.data = d.at+n, d.left-n, d.data[size:]
	}
	return nil
}

func (d *deltas) read(part []byte, width, n int, least int32) error {
	for i := range n {
		d.last += least + int32(bitsAt(part, i*width, width))
		if err := d.each(d.at+i, int64(d.last)); err != nil {
			return err
		}
	}
	return nil
}

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
