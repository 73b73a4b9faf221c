package table

import (
	"testing"
	"unsafe"
)

// sameSealed: a sealed copy is the batch that it is of, also when that batch is filled with others, and when
// what the copy is made in had others before. It takes the memory that it says.
func sameSealed(t *testing.T, s *Schema, b, plain, used *Batch, fillers []*Filler) *Batch {
	t.Helper()
	for _, f := range fillers {
		f.Release()
	}
	words := b.Words()
	block := make([]uint64, words, words+words/7)
	for i := range block {
		block[i] = 0xdbdbdbdbdbdbdbdb
	}
	sealed := b.Seal(used, block)
	b.Reset()
	b.AppendRow(Row{sealed, sealed.Rows() - 1})
	sameBatches(t, s, sealed, plain)
	if got, least := sealed.Reserved(), 8*cap(block); got < least || got > least+sealed.overhead() {
		t.Fatalf("a block of %d bytes is %d", least, got)
	}
	if back := sealed.Unseal(); len(back) != words || cap(back) != cap(block) || &back[0] != &block[0] || sealed.Unseal() != nil || b.Unseal() != nil {
		t.Fatalf("a block of %d words comes back with %d", words, len(back))
	}
	if sealed.Rows() != 0 || sealed.Bytes() != 0 {
		t.Fatalf("%d rows of %d bytes are left", sealed.Rows(), sealed.Bytes())
	}
	return sealed
}

// overhead is the most that a sealed batch takes besides its block.
func (b *Batch) overhead() int {
	return len(b.cols) * int(unsafe.Sizeof(column{})+2*unsafe.Sizeof(texts{}))
}
