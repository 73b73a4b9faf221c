package source

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzLines: any bytes, at any sizes of chunks, limits and reads, give the
// lines of a plain split, in chunks that only the bytes and options decide;
// packed bytes give the same as plain ones.
func FuzzLines(f *testing.F) {
	f.Add([]byte("{}\n\n{\"a\":1}\r\nlast"), uint16(4), uint16(6))
	f.Add([]byte("\ufeffa\r\r\n\rb\r"), uint16(1), uint16(1))
	f.Add([]byte("aaaaaaaaaaaaaaaaaaaaaaaa\r\nbb\ncccccccccc\r"), uint16(3), uint16(9))
	f.Add([]byte("{\"a\":[1,2,3,4,5,6,7,8,9],\"b\":\"cccccccccccccccc\xff\"}\n{\"d\":1}x\n{\"e\":{\"f\":[]}} \r\n"), uint16(3), uint16(6))
	f.Add([]byte("\r\r\ra\r\r\rb\r\r\r\r\nc\r\r"), uint16(1), uint16(1))
	f.Add(append(Reject{Origin: "o", Line: 7, Raw: "x"}.AppendJSON(nil), "\n{\"origin\":1}\n"...), uint16(2), uint16(2))
	f.Add(append(Reject{Origin: "o", Line: 7, Raw: "xxxxxxxxx"}.AppendJSON([]byte("1\n")), "\r\n2"...), uint16(5), uint16(8))
	f.Fuzz(func(t *testing.T, data []byte, chunk, limit uint16) {
		head := bytes.TrimPrefix(data, utf8BOM)
		if packedAs(data) != "" || foreignReason(data) != "" || len(head) > 1<<16 {
			return
		}
		opt := Options{ChunkBytes: int(chunk), LineLimit: int(limit)}
		if _, found := seen(t, string(data), opt); found != "" {
			return // FuzzForms is for these
		}
		want := plainLines("in", data, opt.withDefaults().LineLimit)
		lines, chunks, _ := readAll(t, bytesInput("in", data, atOnce), opt)
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Fatalf("lines (-want +got):\n%s", diff)
		}
		for i, stored := range [][]byte{data, gzipped(t, data), zstded(t, data)} {
			for j, pace := range paces {
				got, gotChunks, _ := readAll(t, bytesInput("in", stored, pace), opt)
				if diff := cmp.Diff(want, got) + cmp.Diff(chunks, gotChunks); diff != "" {
					t.Fatalf("form %d, pace %d: (-want +got):\n%s", i, j, diff)
				}
			}
		}
	})
}

// FuzzPacked: any bytes that claim to be packed end without an error, whatever
// the reads are, and all of them are read.
func FuzzPacked(f *testing.F) {
	for _, packed := range [][]byte{gzipped(f, []byte("{}\n{}\n")), zstded(f, []byte("{}\n{}\n"))} {
		f.Add(packed)
		f.Add(append(packed, 0, 0))
		f.Add(append(packed, packed...))
		f.Add(append(packed[:len(packed)-1:len(packed)-1], packed...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		opt := Options{ChunkBytes: 64, LineLimit: 100}
		want, chunks, digest := readAll(t, bytesInput("in", data, atOnce), opt)
		for i, pace := range paces {
			got, gotChunks, gotDigest := readAll(t, bytesInput("in", data, pace), opt)
			if diff := cmp.Diff(want, got) + cmp.Diff(chunks, gotChunks); diff != "" || gotDigest != digest {
				t.Fatalf("pace %d: (-want +got):\n%s", i, diff)
			}
		}
	})
}
