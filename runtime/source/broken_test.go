package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// someLines differ enough that packing leaves more than a few bytes.
func someLines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "{\"id\":\"%x\",\"level\":%d}\n", i*i*7919, i%16)
	}
	return b.Bytes()
}

// checkCut expects the lines before a break, whole and in order, and then the
// break as one bad line that begins where they end.
func checkCut(t *testing.T, lines []Line, plain []byte, reason string) {
	t.Helper()
	if len(lines) == 0 {
		t.Fatal("no line reports the break")
	}
	want := plainLines("in", plain, 1<<20)
	good, cut := lines[:len(lines)-1], lines[len(lines)-1]
	if len(good) > len(want) {
		t.Fatalf("%d lines before the break, there were only %d", len(good), len(want))
	}
	if diff := cmp.Diff(want[:len(good)], good, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("lines before the break (-want +got):\n%s", diff)
	}
	if cut.Bad == nil || !strings.Contains(cut.Bad.Reason, reason) {
		t.Fatalf("the break is %+v, want %q", cut.Bad, reason)
	}
	at := 0
	for _, l := range good {
		at += len(l.Text) + 1
	}
	head := plain[at:min(len(plain), at+len(cut.Bad.Head))]
	if diff := cmp.Diff(wholeBad(head, cut.Bad.Reason, int64(at)), cut.Bad); diff != "" {
		t.Fatalf("the break (-want +got):\n%s", diff)
	}
	if !strings.Contains(cut.Bad.Reason, fmt.Sprintf(" after %d bytes", at+len(head))) {
		t.Errorf("%q does not say that %d bytes came before", cut.Bad.Reason, at+len(head))
	}
}

func TestTruncatedAnywhere(t *testing.T) {
	plain := someLines(60)
	for kind, stored := range map[string][]byte{"gzip": gzipped(t, plain), "zstd": zstded(t, plain)} {
		magic := map[string]int{"gzip": 2, "zstd": 4}[kind]
		for n := magic; n < len(stored); n++ {
			in := bytesInput("in", stored[:n], atOnce)
			lines, _, digest := readAll(t, in, Options{ChunkBytes: 300})
			checkCut(t, lines, plain, "the "+kind+" stream is cut short after ")
			if want, err := Digest(t.Context(), in, Options{}); err != nil || want != digest {
				t.Errorf("%s cut at %d: digest %s, want %s (%v)", kind, n, digest, want, err)
			}
		}
	}
}

func TestTruncatedLongAfterManyLines(t *testing.T) {
	plain := someLines(40000)
	for kind, stored := range map[string][]byte{"gzip": gzipped(t, plain), "zstd": zstded(t, plain)} {
		lines, _, _ := readAll(t, bytesInput("in", stored[:len(stored)*9/10], atOnce), Options{})
		checkCut(t, lines, plain, "the "+kind+" stream is cut short after ")
		if len(lines) < 30000 {
			t.Errorf("%s: only %d of 40000 lines came before the cut at nine tenths", kind, len(lines))
		}
	}
}

func TestWrongChecksum(t *testing.T) {
	plain := someLines(60)
	unfinished := append(bytes.Clone(plain), "{\"id\":"...)
	for kind, crc := range map[string]int{"gzip": 8, "zstd": 4} {
		for _, content := range [][]byte{plain, unfinished} {
			stored := zstded(t, content)
			if kind == "gzip" {
				stored = gzipped(t, content)
			}
			stored[len(stored)-crc] ^= 1
			lines, _, _ := readAll(t, bytesInput("in", stored, atOnce), Options{})
			if len(lines) != 61 {
				t.Errorf("%s: %d lines, want 60 and the break", kind, len(lines))
			}
			checkCut(t, lines, content, "the "+kind+" stream is corrupt after ")
		}
	}
}

func TestRestAfterABreakIsRead(t *testing.T) {
	stored := gzipped(t, someLines(60))
	stored[len(stored)/2] ^= 0xff
	stored = append(stored, bytes.Repeat([]byte{'x'}, 3*rawBytes)...)
	in := bytesInput("in", stored, atOnce)
	_, _, digest := readAll(t, in, Options{}) // compares BytesIn too
	if want, err := Digest(t.Context(), in, Options{}); err != nil || want != digest {
		t.Errorf("digest %s, want %s (%v)", digest, want, err)
	}
}

func TestMembersAndFrames(t *testing.T) {
	a, b := someLines(40), []byte("{\"last\":1}")
	skip := binary.LittleEndian.AppendUint32([]byte{0x5a, 0x2a, 0x4d, 0x18}, 3)
	skip = append(skip, 'a', '\n', 'b')
	cat := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	zeros := make([]byte, 1000)
	both := cat(a, b)
	tests := []struct {
		name          string
		stored, plain []byte
	}{
		{"two gzip members", cat(gzipped(t, a), gzipped(t, b)), both},
		{"a member that ends within a line", cat(gzipped(t, both[:7]), gzipped(t, both[7:])), both},
		{"an empty member", cat(gzipped(t, nil), gzipped(t, a), gzipped(t, nil)), a},
		{"only an empty member", gzipped(t, nil), nil},
		{"zero padding", cat(gzipped(t, a), zeros), a},
		{"zero padding between members", cat(gzipped(t, a), zeros, gzipped(t, b)), both},
		{"two zstd frames", cat(zstded(t, a), zstded(t, b)), both},
		{"skippable frames", cat(skip, zstded(t, a), skip, zstded(t, b), skip), both},
		{"only a skippable frame", skip, nil},
		{"BOM within gzip", gzipped(t, cat(utf8BOM, a)), cat(utf8BOM, a)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, pace := range paces {
				lines, _, _ := readAll(t, bytesInput("in", test.stored, pace), Options{ChunkBytes: 100})
				if diff := cmp.Diff(plainLines("in", test.plain, 1<<20), lines); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestWhatFollowsAStream(t *testing.T) {
	plain := someLines(10)
	for _, test := range []struct {
		name          string
		stored        []byte
		after, reason string
	}{
		{"text after gzip", gzipped(t, plain), "{}\n", "what follows it is not gzip"},
		{"text after padding", gzipped(t, plain), "\x00\x00{}\n", "what follows it is not gzip"},
		{"half a gzip magic", gzipped(t, plain), "\x1f", "cut short"},
		{"text after zstd", zstded(t, plain), "{\"a\":1}\n", "the zstd stream is corrupt"},
		{"half a zstd magic", zstded(t, plain), "\x28\xb5", "cut short"},
	} {
		lines, _, _ := readAll(t, bytesInput("in", append(test.stored, test.after...), atOnce), Options{})
		if len(lines) != 11 {
			t.Errorf("%s: %d lines, want 10 and the break", test.name, len(lines))
		}
		checkCut(t, lines, plain, test.reason)
	}
}

func TestFramesThatNeedTooMuch(t *testing.T) {
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00} // a window of 1 GiB
	single := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0}, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
	for _, stored := range [][]byte{frame, single} {
		lines, _, _ := readAll(t, bytesInput("in", stored, atOnce), Options{})
		checkCut(t, lines, nil, "needs a window over 128 MiB")
	}
	named := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x01, 0, 7, 0x01, 0x00, 0x00}
	lines, _, _ := readAll(t, bytesInput("in", named, atOnce), Options{})
	checkCut(t, lines, nil, "needs a dictionary")
}

// TestBreakWithinALongLine: the break and not the length is the reason of a
// line that is over the limit, or just longer than a chunk, when it breaks.
func TestBreakWithinALongLine(t *testing.T) {
	noise := make([]byte, 400_000)
	for i, state := 0, uint32(1); i < len(noise); i++ {
		state = state*1664525 + 1013904223
		noise[i] = "0123456789abcdef\rghi"[(state>>24)%20]
	}
	plain := append([]byte("{}\n"), noise...)
	for kind, stored := range map[string][]byte{"gzip": gzipped(t, plain), "zstd": zstded(t, plain)} {
		for _, limit := range []int{1000, 1 << 20} {
			lines, _, _ := readAll(t, bytesInput("in", stored[:len(stored)-100], atOnce), Options{ChunkBytes: 16, LineLimit: limit})
			if len(lines) != 2 || lines[1].Bad == nil {
				t.Fatalf("%s, limit %d: %d lines, want 2 and the second bad", kind, limit, len(lines))
			}
			bad := lines[1].Bad
			if bad.Length < 200_000 || !strings.Contains(bad.Reason, fmt.Sprintf("cut short after %d bytes", 3+bad.Length)) {
				t.Errorf("%s, limit %d: %d bytes and %s", kind, limit, bad.Length, bad.Reason)
			}
			if diff := cmp.Diff(wholeBad(noise[:bad.Length], bad.Reason, 3), bad); diff != "" {
				t.Errorf("%s, limit %d (-want +got):\n%s", kind, limit, diff)
			}
		}
	}
}

func TestForeignFiles(t *testing.T) {
	utf16 := []byte("\xff\xfe{\x00}\x00\n\x00{\x00}\x00\n\x00")
	once, other := gzipped(t, []byte("{}\n")), zstded(t, []byte("{}\n"))
	for _, test := range []struct {
		stored, content []byte
		reason          string
	}{
		{utf16, utf16, "UTF-16"},
		{gzipped(t, utf16), utf16, "UTF-16"},
		{[]byte("\xfe\xff\x00{\x00}\x00\n"), []byte("\xfe\xff\x00{\x00}\x00\n"), "UTF-16"},
		{[]byte("\xff\xfe\x00\x00{\x00\x00\x00\n"), []byte("\xff\xfe\x00\x00{\x00\x00\x00\n"), "UTF-32"},
		{[]byte("{\x00\"\x00a\x00\n\x00"), []byte("{\x00\"\x00a\x00\n\x00"), "UTF-16LE"},
		{[]byte("\x00{\x00\"\x00\n"), []byte("\x00{\x00\"\x00\n"), "UTF-16BE"},
		{[]byte("\x04\"M\x18\n\n"), []byte("\x04\"M\x18\n\n"), "lz4"},
		{[]byte("PK\x03\x04\n\n\n"), []byte("PK\x03\x04\n\n\n"), "zip"},
		{gzipped(t, once), once, "packed again"},
		{zstded(t, once), once, "packed again"},
		{gzipped(t, other), other, "packed again"},
		{[]byte("PAR1\x15\n\n\nPAR1"), []byte("PAR1\x15\n\n\nPAR1"), "Parquet"},
	} {
		lines, _, _ := readAll(t, bytesInput("in", test.stored, atOnce), Options{ChunkBytes: 4})
		if len(lines) != 1 || lines[0].Bad == nil || !strings.Contains(lines[0].Bad.Reason, test.reason) {
			t.Fatalf("lines %+v, want one that reports %s", lines, test.reason)
		}
		if diff := cmp.Diff(wholeBad(test.content, lines[0].Bad.Reason, 0), lines[0].Bad); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.reason, diff)
		}
	}
}
