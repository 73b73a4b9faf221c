package source

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"
)

func TestDigest(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("a"), someLines(5000)} {
		sum := xxh3.Hash128(data).Bytes()
		for _, pace := range paces {
			got, err := Digest(t.Context(), bytesInput("in", data, pace), Options{})
			if want := hex.EncodeToString(sum[:]); err != nil || got != want {
				t.Errorf("%d bytes: digest %s, want %s (%v)", len(data), got, want, err)
			}
		}
	}
}

// The digest is of the content: packing does not change it, a break does.
func TestDigestOfPackedContent(t *testing.T) {
	data := someLines(5000)
	want, err := Digest(t.Context(), bytesInput("in", data, atOnce), Options{})
	if err != nil {
		t.Fatal(err)
	}
	halves := append(gzipped(t, data[:1000]), gzipped(t, data[1000:])...)
	for _, stored := range [][]byte{gzipped(t, data), zstded(t, data), halves} {
		for _, pace := range paces {
			in := bytesInput("in", stored, pace)
			_, _, read := readAll(t, in, Options{ChunkBytes: 1000})
			if got, err := Digest(t.Context(), in, Options{}); err != nil || got != want || read != want {
				t.Errorf("digest %s, of a Reader %s, want %s (%v)", got, read, want, err)
			}
		}
	}
	cut := bytesInput("in", halves[:len(gzipped(t, data[:1000]))+5], atOnce)
	whole, err := Digest(t.Context(), bytesInput("in", data[:1000], atOnce), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Digest(t.Context(), cut, Options{}); err != nil || got == whole {
		t.Errorf("a stream that breaks has the digest of what came before (%v)", err)
	}
}

func TestSameContent(t *testing.T) {
	unread := func(name string, size int64, identity string) Input {
		return Input{Name: name, Size: size, Identity: identity, Open: func(context.Context) (io.ReadCloser, error) {
			t.Errorf("%s was opened, and nothing has its size", name)
			return nil, io.ErrClosedPipe
		}}
	}
	ins := []Input{
		bytesInput("a", []byte("xx"), atOnce),
		unread("alone", 77, ""),
		bytesInput("b", []byte("yy"), atOnce),
		unread("stream 1", -1, ""),
		unread("stream 2", -1, ""),
		unread("object", 2, "bucket/key/1"),
		bytesInput("c", []byte("xx"), atOnce),
		bytesInput("d", []byte("yy"), atOnce),
		bytesInput("e", []byte("xx"), atOnce),
		unread("same object", 2, "bucket/key/1"),
		unread("other version", 2, "bucket/key/2"),
		bytesInput("logs/f.json", []byte("zz\n"), atOnce),
		bytesInput("old/f.json.gz", gzipped(t, []byte("zz\n")), atOnce),
	}
	first, repeats, err := SameContent(t.Context(), ins, true, -1, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a", "alone", "b", "stream 1", "stream 2", "object", "other version", "logs/f.json"}
	if diff := cmp.Diff(want, names(first)); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	wantRepeats := []Repeat{{"c", "a"}, {"d", "b"}, {"e", "a"}, {"same object", "object"}, {"old/f.json.gz", "logs/f.json"}}
	if diff := cmp.Diff(wantRepeats, repeats); diff != "" {
		t.Errorf("repeats (-want +got):\n%s", diff)
	}
}

func TestSameContentThatCannotBeRead(t *testing.T) {
	broken := Input{Name: "b", Size: 2, Open: func(context.Context) (io.ReadCloser, error) { return nil, io.ErrClosedPipe }}
	_, _, err := SameContent(t.Context(), []Input{bytesInput("a", []byte("xx"), atOnce), broken}, true, -1, Options{})
	if !errors.Is(err, io.ErrClosedPipe) || !strings.HasPrefix(err.Error(), "b: ") {
		t.Errorf("error %v", err)
	}
}

func TestLogstashName(t *testing.T) {
	const uuid, hyphens = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	const whole = "ls.s3." + hyphens + ".2024-05-06T07.00.part0.txt"
	for name, want := range map[string]string{
		whole:                                  uuid,
		whole + ".gz":                          uuid,
		"s3://raw/20240506/" + whole + ".gz":   uuid,
		"/var/tmp/" + strings.ToUpper(hyphens): "",
		"ls.s3." + strings.ToUpper(hyphens) + ".2024-05-06T07.00.part0.txt": uuid,
		"ls.s3." + hyphens + ".2024-05-06T07.00.part7.txt":                  uuid + ".part7",
		"ls.s3." + hyphens + ".2024-05-06T07.00.part00.txt":                 uuid + ".part00",
		"ls.s3." + hyphens + ".2024-05-06T07.00.part129.txt.gz":             uuid + ".part129",
		"ls.s3." + hyphens + ".2024-05-06T07.00.tag_a.b.part2.txt":          uuid + ".part2",
		"ls.s3." + hyphens + ".2024-05-06T07.00.tag_x.part1.part0.txt":      uuid,
		"20240506" + whole:                                  "",
		"20240506_" + whole:                                 "",
		whole + ".aa":                                       "",
		whole + ".gz.1":                                     "",
		strings.TrimSuffix(whole, ".txt"):                   "",
		strings.TrimSuffix(whole, "part0.txt"):              "",
		strings.Replace(whole, ".txt", "-recovered.txt", 1): "",
		strings.Replace(whole, ".txt", ".gz", 1):            "",
		strings.Replace(whole, "part0", "part", 1):          "",
		strings.Replace(whole, "part0", "part-1", 1):        "",
		strings.Replace(whole, "part0", "x.part0", 1):       "",
		strings.Replace(whole, "07.00", "07:00", 1):         "",
		strings.Replace(whole, "-05-", "-13-", 1):           "",
		strings.Replace(whole, "a", "g", 1):                 "",
		strings.Replace(whole, hyphens, uuid, 1):            "",
		strings.Replace(whole, "b2c3d-", "b2c3d0", 1):       "",
		whole + "/alerts.json":                              "",
		"ls_s3_" + hyphens + ".txt":                         "",
		"alerts.json":                                       "",
		"":                                                  "",
	} {
		if got, ok := LogstashName(name); got != want || ok != (want != "") {
			t.Errorf("%s: %q %t, want %q", name, got, ok, want)
		}
	}
}
