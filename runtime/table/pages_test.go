package table

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/rle"
)

// TestLevelRuns: levels are read as they were written, and take no more bytes than the bound
// by which pages are cut, whether they change often or seldom.
func TestLevelRuns(t *testing.T) {
	m := rand.New(rand.NewPCG(1, 2))
	e := &encoder{}
	const rounds = 2000
	packed := 0
	for range rounds {
		highest, longest, n := uint8(1+m.IntN(7)), 1<<m.IntN(12), 1+m.IntN(3000)
		levels := []uint8{}
		for len(levels) < n {
			levels = append(levels, bytes.Repeat([]byte{uint8(m.IntN(int(highest) + 1))}, 1+m.IntN(longest))...)
		}
		e.plain, e.blocks = e.plain[:0], e.blocks[:0]
		e.appendLevels(levels, highest)
		if most := levelBound(len(levels), highest); len(e.plain) > most {
			t.Fatalf("%d levels take %d bytes, and %d at most", len(levels), len(e.plain), most)
		}
		if size := binary.LittleEndian.Uint32(e.plain); int(size) != len(e.plain)-4 {
			t.Fatalf("%d levels take %d bytes, and their size says %d", len(levels), len(e.plain)-4, size)
		}
		if e.plain[4]&1 == 1 {
			packed++
		}
		enc := rle.Encoding{BitWidth: bits.Len8(highest)}
		got, err := enc.DecodeLevels(nil, e.plain[4:])
		if err != nil || len(got) < len(levels) || !bytes.Equal(got[:len(levels)], levels) {
			t.Fatalf("levels %v are read as %v: %v", levels, got, err)
		}
	}
	if packed == 0 || packed == rounds {
		t.Errorf("levels were packed in %d of %d rounds", packed, rounds)
	}
}

// TestPagesInBlocks: a page of several blocks is one frame, which says its size and is read as it was.
// A block ends where one is to end, unless it or the last one would be short, or after 64 KiB.
func TestPagesInBlocks(t *testing.T) {
	m := rand.New(rand.NewPCG(3, 4))
	reader, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	e := &encoder{}
	for range 500 {
		e.plain, e.blocks = e.plain[:0], e.blocks[:0]
		most, from := 1, 0
		for range 1 + m.IntN(4) {
			kind, n := m.IntN(200), 1+m.IntN(1<<m.IntN(18))
			for range n {
				e.plain = append(e.plain, byte(kind+m.IntN(8)))
			}
			if e.endBlock(); len(e.plain)-from >= leastBlock {
				most, from = most+1+(len(e.plain)-from)/oneBlock, len(e.plain)
			}
		}
		e.plain = append(e.plain, noise(m.IntN(1000))...)
		if _, err := e.pack(longestStored); err != nil {
			t.Fatal(err)
		}
		var header zstd.Header
		if err := header.Decode(e.packed); err != nil || len(e.plain) >= 256 && header.FrameContentSize != uint64(len(e.plain)) {
			t.Fatalf("a page of %d bytes says that it has %d: %v", len(e.plain), header.FrameContentSize, err)
		}
		if got, err := reader.DecodeAll(e.packed, nil); err != nil || !bytes.Equal(got, e.plain) {
			t.Fatalf("a page of %d bytes in blocks that end at %v is read otherwise: %v", len(e.plain), e.blocks, err)
		}
		if n := blocksOf(e.packed[header.HeaderSize:]); n < len(e.blocks)+1 || n > most {
			t.Fatalf("a page of %d bytes has %d blocks, and ends of them at %v", len(e.plain), n, e.blocks)
		}
	}
}

// blocksOf counts the blocks of a frame behind its header (RFC 8878, section 3.1.1.2).
func blocksOf(frame []byte) (n int) {
	for last := false; !last; n++ {
		header := int(frame[0]) | int(frame[1])<<8 | int(frame[2])<<16
		size := header >> 3
		if header>>1&3 == 1 {
			size = 1 // a byte that is repeated
		}
		last, frame = header&1 == 1, frame[3+size:]
	}
	return n
}

// TestPagesAgain: a page that is that of an earlier column is written as that was, and one that
// differs in a byte is not. One that is not compressed says its size, too.
func TestPagesAgain(t *testing.T) {
	reader, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	m := rand.New(rand.NewPCG(5, 6))
	e := &encoder{}
	again := 0
	for range 200 {
		e.kept, e.keptPages = e.kept[:0], e.keptPages[:0]
		stored := m.IntN(longestBitsStoredOfFew + 1)
		var pages [][]byte
		seen := map[string]string{}
		for range 1 + m.IntN(60) {
			page := []byte(strings.Repeat(noise(1+m.IntN(40)), 1+m.IntN(300)))
			if len(pages) > 0 && m.IntN(2) == 0 {
				page = bytes.Clone(pages[m.IntN(len(pages))])
				page[m.IntN(len(page))] ^= byte(m.IntN(2))
			}
			pages = append(pages, page)
			e.plain, e.blocks = append(e.plain[:0], page...), e.blocks[:0]
			crc, err := e.pack(stored)
			if err != nil || crc != crc32.ChecksumIEEE(e.packed) {
				t.Fatalf("the checksum of a page of %d bytes is %x: %v", len(page), crc, err)
			}
			var header zstd.Header
			got, err := reader.DecodeAll(e.packed, nil)
			if err != nil || !bytes.Equal(got, page) || header.Decode(e.packed) != nil || len(page) <= stored && header.FrameContentSize != uint64(len(page)) {
				t.Fatalf("a page of %d bytes is read as %d others, and its size as %d: %v", len(page), len(got), header.FrameContentSize, err)
			}
			if before, is := seen[string(page)]; is {
				again++
				if before != string(e.packed) {
					t.Fatalf("a page of %d bytes became others when it came again", len(page))
				}
			}
			seen[string(page)] = string(e.packed)
			if len(e.kept) > mostKept {
				t.Fatalf("%d bytes of pages are kept", len(e.kept))
			}
		}
	}
	if again == 0 {
		t.Error("no page came again")
	}
}

// TestFewEncoders: many goroutines that encode at the same time share a few encoders.
func TestFewEncoders(t *testing.T) {
	texts := []string{}
	for i := range 500 {
		texts = append(texts, noise(i))
	}
	s, rows := textRows(texts)
	var encoding sync.WaitGroup
	for range 50 {
		encoding.Go(func() {
			if _, err := s.Encode(rows, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	encoding.Wait()
	if made, most := len(s.scratch.encoders), cap(s.scratch.atWork); made == 0 || made > most {
		t.Errorf("%d encoders were made, and %d may be at work", made, most)
	}
}

// TestMapDictionary: a dictionary of a map, larger than a page, has the values of one key beside
// each other, and all is read as it was.
func TestMapDictionary(t *testing.T) {
	texts := []string{}
	for i := range 4000 {
		texts = append(texts, noise(500+i%2000))
	}
	s, rows := batchedRows(texts, 700)
	data := write(t, s, rows, len(rows), Options{})
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	values := f.RowGroups()[0].ColumnChunks()[3].Pages()
	defer values.Close()
	page, err := values.ReadPage()
	if err != nil {
		t.Fatal(err)
	}
	got, want := []string{}, []string{}
	for i := range page.Dictionary().Len() {
		got = append(got, page.Dictionary().Index(int32(i)).String())
	}
	for i := range texts {
		want = append(want, strconv.Itoa(i))
	}
	want = append(append(want, texts[:2000]...), "z")
	if diff := cmp.Diff(want, got); diff != "" || page.Dictionary().Size() < pageWindow {
		t.Errorf("a dictionary of %d bytes: %s", page.Dictionary().Size(), diff)
	}
	read, _ := arrowRows(t, data)
	for i, row := range read {
		if strings.Count(row, texts[i]) != 2 || !strings.Contains(row, `"`+strconv.Itoa(i)+`"`) {
			t.Fatalf("row %d is %s", i, row)
		}
	}
}
