package pipeline

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Names come back as they were, whatever they share, and those of one listing take little.
func TestNamesComeBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var n nameList
	var want []string
	for i := range 1000 {
		name := fmt.Sprintf("s3://bucket/20260314/ls.s3.%016x-200e.part%d.txt.gz", random.Uint64(), i%3)
		switch i % 10 {
		case 3:
			name = ""
		case 5:
			name = want[i-1] // shares all
		case 7:
			name = want[i-1] + want[i-1]
		case 8:
			name = string(byte(i)) + "\x00ä"
		}
		want = append(want, name)
		n.add(name)
		if k := random.IntN(len(want)); n.at(k) != want[k] {
			t.Fatalf("%d of %d is %q and was %q", k, len(want), n.at(k), want[k])
		}
	}
	var size, plain int
	n = nameList{}
	for range 1 << 12 {
		name := fmt.Sprintf("s3://bucket/20260314/ls.s3.%016x%016x.2026-03-14T09.05.part0.txt.gz", random.Uint64(), random.Uint64())
		plain += len(name)
		n.add(name)
	}
	for _, b := range n.blocks {
		size += len(b)
	}
	if size > plain/2 {
		t.Errorf("%d bytes take %d", plain, size)
	}
}
