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
			got, err := Digest(t.Context(), bytesInput("in", data, pace))
			if want := hex.EncodeToString(sum[:]); err != nil || got != want {
				t.Errorf("%d bytes: digest %s, want %s (%v)", len(data), got, want, err)
			}
		}
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
	}
	first, repeats, err := SameContent(t.Context(), ins)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a", "alone", "b", "stream 1", "stream 2", "object", "other version"}
	if diff := cmp.Diff(want, names(first)); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	wantRepeats := []Repeat{{"c", "a"}, {"d", "b"}, {"e", "a"}, {"same object", "object"}}
	if diff := cmp.Diff(wantRepeats, repeats); diff != "" {
		t.Errorf("repeats (-want +got):\n%s", diff)
	}
}

func TestSameContentThatCannotBeRead(t *testing.T) {
	broken := Input{Name: "b", Size: 2, Open: func(context.Context) (io.ReadCloser, error) { return nil, io.ErrClosedPipe }}
	_, _, err := SameContent(t.Context(), []Input{bytesInput("a", []byte("xx"), atOnce), broken})
	if !errors.Is(err, io.ErrClosedPipe) || !strings.HasPrefix(err.Error(), "b: ") {
		t.Errorf("error %v", err)
	}
}

func TestLogstashUUID(t *testing.T) {
	const uuid = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	const hyphens = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	for name, want := range map[string]string{
		"ls.s3." + hyphens + ".2024-05-06T07.00.part0.txt":                                  uuid,
		"s3://raw/20240506ls.s3." + strings.ToUpper(hyphens) + ".2024-05-06T07.00.part0.gz": uuid,
		"/tmp/als.s3.ls.s3." + hyphens + ".txt":                                             uuid,
		"ls.s3.x.ls.s3." + hyphens + ".txt":                                                 uuid,
		"ls.s3." + hyphens + ".d/alerts.json":                                               "",
		"ls.s3." + hyphens:                                                                  "",
		"ls.s3." + hyphens + "-x":                                                           "",
		"ls.s3." + uuid + ".txt":                                                            "",
		"ls.s3." + strings.Replace(hyphens, "a", "g", 1) + ".txt":                           "",
		"ls.s3." + strings.Replace(hyphens, "-", "0", 1) + ".txt":                           "",
		"ls.s3." + strings.Replace(hyphens, "a", "-", 1) + ".txt":                           "",
		"ls_s3_" + hyphens + ".txt":                                                         "",
		"alerts.json":                                                                       "",
		"":                                                                                  "",
	} {
		if got, ok := LogstashUUID(name); got != want || ok != (want != "") {
			t.Errorf("%s: %q %t, want %q", name, got, ok, want)
		}
	}
}
