package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// zstdWindow is the largest window that is unpacked: that of zstd's highest level,
// or of --long. A decoder holds little more than its window.
const zstdWindow = 128 << 20

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	// A skippable frame of zstd begins with any of 0x50 … 0x5f, then this.
	zstdSkip = []byte{0x2a, 0x4d, 0x18}
	utf8BOM  = []byte{0xef, 0xbb, 0xbf}
)

// foreign are beginnings that no line of JSON has, of files that hold no lines
// that can be read here. Splitting those at newlines would give one useless
// reject for each accidental newline.
var foreign = []struct{ magic, reason string }{
	{"\xff\xfe\x00\x00", "this is UTF-32 text: convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"},
	{"{\x00\"\x00", "this is UTF-16 text: convert it to UTF-8 (iconv -f UTF-16LE -t UTF-8)"},
	{"\x00{\x00\"", "this is UTF-16 text: convert it to UTF-8 (iconv -f UTF-16BE -t UTF-8)"},
	{"\xff\xfe", "this is UTF-16 text: convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"},
	{"\xfe\xff", "this is UTF-16 text: convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"},
	{"\xfd7zXZ\x00", "this is xz, which is not read: unpack it (xz -d) or use gzip or zstd"},
	{"BZh91AY&SY", "this is bzip2, which is not read: unpack it (bzip2 -d) or use gzip or zstd"},
	{"\x04\"M\x18", "this is lz4, which is not read: unpack it (lz4 -d) or use gzip or zstd"},
	{"PK\x03\x04", "this is a zip archive, which is not read: unpack it and name the files in it"},
	{"PAR1\x15", parquetReason},
}

const parquetReason = "this is a Parquet file, not lines of JSON: name the files with the alerts"

// againReason is for what was packed once more, as by an upload that packs what is packed.
const againReason = "what was unpacked is packed again, as gzip or zstd: unpack it once (gzip -d, zstd -d) and name what comes out"

// peekBytes is enough for every magic above.
const peekBytes = 10

func foreignReason(head []byte) string {
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.reason
		}
	}
	return ""
}

// packedAs returns the name of the packing that a stream with this beginning has, or "".
func packedAs(head []byte) string {
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		return "gzip"
	case bytes.HasPrefix(head, zstdMagic), len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], zstdSkip):
		return "zstd"
	}
	return ""
}

// unpacked is the stream as it was before it was packed, by any of the three.
type unpacked struct {
	io.Reader
	kind  string // "gzip" or "zstd", "" when it was not packed
	close func() // frees memory
}

// unpack looks at the first bytes of packed and never beyond, so that it gives
// no error of its own: whatever is wrong comes out of the first Read.
func (r *Reader) unpack() (unpacked, error) {
	b, packed := r.buffers, r.packed
	head, _ := packed.Peek(len(zstdMagic))
	switch packedAs(head) {
	case "gzip":
		if b.gzip == nil {
			b.gzip = new(gzip.Reader)
		}
		return unpacked{Reader: &gzipMembers{packed: packed, member: b.gzip}, kind: "gzip", close: func() {}}, nil
	case "zstd":
		if err := r.opt.Grow(windowOf(packed)); err != nil {
			return unpacked{}, err
		}
		// One thread and no look-ahead: memory stays as it is, and the cut of
		// a broken stream lies at the same byte in every run.
		d, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderMaxMemory(zstdWindow))
		if err != nil {
			return unpacked{}, fmt.Errorf("zstd decoder: %w", err)
		}
		return unpacked{Reader: &zstdFrames{frames: d}, kind: "zstd", close: d.Close}, nil
	}
	return unpacked{Reader: packed, close: func() {}}, nil
}

// windowOf is the memory that the first frame of a zstd stream says it needs, 0 if that
// is little.
func windowOf(packed *bufio.Reader) int64 {
	const little = 1 << 20
	var h zstd.Header
	head, _ := packed.Peek(zstd.HeaderMaxSize)
	if h.Decode(head) != nil || h.WindowSize <= little {
		return 0
	}
	return int64(min(h.WindowSize, zstdWindow))
}

// zstdFrames returns what the decoder still holds when it meets an error: the
// decoder reports a wrong checksum before it returns the block that came with it.
type zstdFrames struct {
	frames *zstd.Decoder
	end    error
}

func (z *zstdFrames) Read(p []byte) (int, error) {
	n, err := z.frames.Read(p)
	switch {
	case n > 0:
		return n, nil
	case err == nil || z.end != nil:
		return 0, err
	}
	z.end = err
	n, _ = z.frames.Read(p)
	if n > 0 {
		return n, nil
	}
	return 0, err
}

var errAfterGzip = errors.New("what follows the gzip stream is not gzip")

// gzipMembers reads members one by one, because padding with zero bytes after
// the last one (tapes, block devices) is not a fault, and the library says it is.
type gzipMembers struct {
	packed *bufio.Reader
	member *gzip.Reader
	begun  bool // there was a member
	inside bool
	end    error
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	for g.end == nil {
		if !g.inside {
			g.end = g.next()
			continue
		}
		n, err := g.member.Read(p)
		if err == io.EOF {
			g.inside = false
		} else {
			g.end = err
		}
		if n > 0 {
			return n, nil
		}
		if err == nil {
			return 0, nil
		}
	}
	return 0, g.end
}

// next begins the next member. io.EOF means that there are no more.
func (g *gzipMembers) next() error {
	if g.begun {
		if err := g.skipPadding(); err != nil {
			return err
		}
	}
	g.begun = true
	err := g.member.Reset(g.packed)
	if err == io.EOF {
		return io.ErrUnexpectedEOF // the magic was there
	}
	g.member.Multistream(false)
	g.inside = err == nil
	return err
}

func (g *gzipMembers) skipPadding() error {
	for {
		b, err := g.packed.ReadByte()
		if err != nil {
			return err
		}
		if b == 0 {
			continue
		}
		if err := g.packed.UnreadByte(); err != nil {
			return err
		}
		head, err := g.packed.Peek(len(gzipMagic))
		if bytes.Equal(head, gzipMagic) {
			return nil
		}
		if err != nil && len(head) == 1 && head[0] == gzipMagic[0] {
			return io.ErrUnexpectedEOF
		}
		return errAfterGzip
	}
}

// cutReason says what broke a packed stream, after how many bytes of what it
// held, and what to do.
func cutReason(kind string, after int64, err error) string {
	var beyond *expanded
	switch {
	case errors.As(err, &beyond):
		return fmt.Sprintf("the %s stream holds %s, which files of alerts do not: it was read up to byte %d of what it holds; if that is right, unpack it and run the result", kind, beyond.reason, after)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("the %s stream is cut short after %d bytes: copy the file again", kind, after)
	case errors.Is(err, errAfterGzip):
		return fmt.Sprintf("the gzip stream ends after %d bytes, and what follows it is not gzip: copy the file again", after)
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Sprintf("the zstd stream needs a window over %d MiB after %d bytes: pack the file again with --long=27 or less", zstdWindow>>20, after)
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return fmt.Sprintf("the zstd stream needs a dictionary after %d bytes: pack the file again without one", after)
	}
	return fmt.Sprintf("the %s stream is corrupt after %d bytes (%s): copy the file again", kind, after, err)
}
