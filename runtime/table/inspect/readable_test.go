package inspect

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
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

// Law: a page is unpacked up to the size that it claims, and never further.
func TestUnpackingStopsAtTheClaim(t *testing.T) {
	plain := bytes.Repeat([]byte("abc"), 100_000)
	u, err := newUnpacker()
	if err != nil {
		t.Fatal(err)
	}
	defer u.close()
	for _, codec := range codecs() {
		packed, err := codec.Encode(nil, plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, claim := range []int{0, 1, 8, 1 << 16, len(plain) - 1, len(plain), len(plain) + 1, len(plain) + 5000} {
			got, err := u.unpack(codec.CompressionCodec(), packed, claim)
			if claim < len(plain) && (err == nil || cap(u.page) > len(plain)+8192) {
				t.Errorf("%s: %d bytes are unpacked although %d are claimed", codec, len(got), claim)
			}
			if claim >= len(plain) && (err != nil || !bytes.Equal(got, plain)) {
				t.Errorf("%s: a claim of %d bytes: %v", codec, claim, err)
			}
		}
		for cut := range 50 {
			if got, err := u.unpack(codec.CompressionCodec(), packed[:len(packed)*cut/50], len(plain)); err == nil && len(got) >= len(plain) {
				t.Errorf("%s: cut to %d of 50 it is whole", codec, cut)
			}
		}
	}
}

// Law: of lengths in differences, walkDelta gives what parquet-go writes.
func FuzzWalkDelta(f *testing.F) {
	f.Add(uint64(1), 300)
	f.Fuzz(func(t *testing.T, seed uint64, n int) {
		r := rand.New(rand.NewPCG(seed, 2))
		want := make([]int32, max(0, n%1000))
		for i := range want {
			want[i] = int32(r.Uint32() >> r.IntN(32))
		}
		data, err := new(delta.BinaryPackedEncoding).EncodeInt32(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		var got []int32
		rest, err := walkDelta(append(data, 1, 2, 3), int64(len(want)), func(i int, v int64) error {
			if i != len(got) {
				t.Errorf("number %d comes at %d", i, len(got))
			}
			got = append(got, int32(v))
			return nil
		})
		if err != nil || !bytes.Equal(rest, []byte{1, 2, 3}) || !slices.Equal(got, want) {
			t.Errorf("%v became %v, %v behind them: %v", want, got, rest, err)
		}
		if _, err := walkDelta(data, int64(len(want))-1, nil); err == nil && len(want) > 0 {
			t.Error("one more than there may be is no fault")
		}
	})
}

// Law: of levels in runs, walkRuns gives what parquet-go writes.
func FuzzWalkRuns(f *testing.F) {
	f.Add(uint64(1), 300)
	f.Fuzz(func(t *testing.T, seed uint64, n int) {
		r := rand.New(rand.NewPCG(seed, 3))
		width := 1 + r.IntN(8)
		want := make([]uint8, max(0, n%2000))
		for i := range want {
			if want[i] = uint8(r.IntN(1 << width)); i > 0 && r.IntN(3) > 0 {
				want[i] = want[i-1]
			}
		}
		data, err := (&rle.Encoding{BitWidth: width}).EncodeLevels(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint8
		err = walkRuns(data, width, int64(len(want)), func(v uint64, n int64) {
			for range n {
				got = append(got, uint8(v))
			}
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v became %v: %v", want, got, err)
		}
	})
}
