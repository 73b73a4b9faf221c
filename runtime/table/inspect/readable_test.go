package inspect

import (
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// FuzzLZ4: of any block, parquet-go's decoder makes as many bytes as lz4Size says.
func FuzzLZ4(f *testing.F) {
	for _, text := range []string{"", "a", strings.Repeat("abc", 1000), "it was the best of times, it was the worst of times"} {
		block, err := parquet.Lz4Raw.Encode(nil, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		if n := lz4Size(block); n != int64(len(text)) {
			f.Errorf("a block of %d bytes has %d by lz4Size", len(text), n)
		}
		f.Add(block)
	}
	f.Add([]byte{0x28, 'a', 'b'})
	f.Fuzz(func(t *testing.T, block []byte) {
		n := lz4Size(block)
		if n < 0 || n > 1<<20 {
			return // the decoder would never end, or take long
		}
		plain, err := parquet.Lz4Raw.Decode(nil, block)
		if err != nil || int64(len(plain)) != n {
			t.Errorf("%x unpacks to %d bytes (%v), not %d", block, len(plain), err, n)
		}
	})
}
