package pipeline

import "encoding/binary"

// nameList keeps names that are much alike, as keys in a listing are: in blocks of which the first
// one is whole, and of the others what they have between what they share with the one before, at both ends.
type nameList struct {
	blocks [][]byte
	open   []byte // the last block, while names are added
	last   string
	count  int
}

const blockNames = 64

func (n *nameList) add(name string) {
	if n.count%blockNames == 0 {
		n.close()
		n.last = ""
	}
	n.count++
	head := 0
	for head < min(len(name), len(n.last)) && name[head] == n.last[head] {
		head++
	}
	tail := 0
	for tail < min(len(name), len(n.last))-head && name[len(name)-1-tail] == n.last[len(n.last)-1-tail] {
		tail++
	}
	own := name[head : len(name)-tail]
	for _, length := range []int{head, tail, len(own)} {
		n.open = binary.AppendUvarint(n.open, uint64(length))
	}
	n.open, n.last = append(n.open, own...), name
}

// close keeps the open block, without what its buffer has left.
func (n *nameList) close() {
	if len(n.open) > 0 {
		n.blocks, n.open = append(n.blocks, append([]byte(nil), n.open...)), n.open[:0]
	}
}

// at returns a name by how many were added before it.
func (n *nameList) at(i int) string {
	block := n.open
	if at := i / blockNames; at < len(n.blocks) {
		block = n.blocks[at]
	}
	var name []byte
	for range i%blockNames + 1 {
		var lengths [3]int
		for k := range lengths {
			length, size := binary.Uvarint(block)
			lengths[k], block = int(length), block[size:]
		}
		head, tail, own := lengths[0], lengths[1], lengths[2]
		next := append([]byte(nil), name[:head]...)
		next = append(next, block[:own]...)
		name, block = append(next, name[len(name)-tail:]...), block[own:]
	}
	return string(name)
}
