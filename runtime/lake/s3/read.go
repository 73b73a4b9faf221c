package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-lake/sluice/runtime/source"
)

// Input requests the state of an object (a HEAD request, s3:GetObject) and returns it as
// an input. Reading it needs s3:GetObject, or s3:GetObjectVersion for a version.
func (c *Client) Input(ctx context.Context, ref Ref) (source.Input, error) {
	in, _, err := c.Tagged(ctx, ref)
	return in, err
}

// Tagged is Input, and returns the entity tag of the state too.
func (c *Client) Tagged(ctx context.Context, ref Ref) (in source.Input, tag string, err error) {
	var head *awss3.HeadObjectOutput
	err = c.follow(ref.Bucket, func(in func(*awss3.Options)) (err error) {
		head, err = c.api.HeadObject(ctx, &awss3.HeadObjectInput{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Key: &ref.Key, VersionId: optional(ref.Version),
			ChecksumMode: types.ChecksumModeEnabled}, in)
		return err
	})
	if err != nil {
		return source.Input{}, "", advise(ctx, "look at", rightToRead(ref), ref, c.explained(ctx, ref, err))
	}
	in = c.input(ref, aws.ToString(head.ETag), aws.ToInt64(head.ContentLength))
	in.Modified = aws.ToTime(head.LastModified)
	in.Identity = identity(head)
	return in, aws.ToString(head.ETag), nil
}

// explained returns the error of a HEAD request as a GET request has it, if that fails alike:
// only its answer has a body, which says why. By the reason an error may be one that passes.
func (c *Client) explained(ctx context.Context, ref Ref, err error) error {
	if status(err)/100 != 4 || ctx.Err() != nil {
		return err
	}
	out, getErr := c.api.GetObject(ctx, &awss3.GetObjectInput{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Key: &ref.Key, VersionId: optional(ref.Version),
		Range: aws.String("bytes=0-0")}, c.in(ref.Bucket), once)
	if getErr == nil {
		_ = out.Body.Close() // nothing of it is read
	}
	if status(getErr) != status(err) {
		return err
	}
	return getErr
}

// Small returns an object with what is in it as an input, by one request (s3:GetObject, or
// s3:GetObjectVersion for a version). One of more bytes than most is not read: it is as Input
// returns it. The input holds its bytes, so at most that many, as long as it is reachable.
func (c *Client) Small(ctx context.Context, ref Ref, most int64) (source.Input, error) {
	b := &body{ctx: ctx, client: c, ref: ref}
	out, err := b.request()
	if err != nil {
		return source.Input{}, err
	}
	defer b.Close() // only read
	if b.etag, b.size = aws.ToString(out.ETag), aws.ToInt64(out.ContentLength); b.size > most || b.size < 0 {
		return c.Input(ctx, ref)
	}
	text := make([]byte, b.size)
	if _, err := io.ReadFull(b, text); err != nil {
		return source.Input{}, err
	}
	return source.Input{
		Name: ref.String(), Size: b.size, Remote: true, Modified: aws.ToTime(out.LastModified),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
	}, nil
}

// Known returns an input for a state of an object that was seen before, without a request.
// Reading it fails with an error for which Replaced is true if there is another state by
// then.
func (c *Client) Known(ref Ref, tag string, size int64, modified time.Time) source.Input {
	in := c.input(ref, tag, size)
	in.Modified = modified
	return in
}

// hashedBytes is the size up to which an object is identified by the digest of its
// content, as a local file is. That may take a second read: see lake.Object.NameBy.
const hashedBytes = 256 << 20

// identity identifies the content of a large object, as stored, without reading it: by
// the checksum that the server has of the whole of it, which is the same in any place and
// for any division into parts, else by its tag. It is "" for a smaller object.
func identity(head *awss3.HeadObjectOutput) string {
	size := aws.ToInt64(head.ContentLength)
	if size <= hashedBytes {
		return ""
	}
	if head.ChecksumType == types.ChecksumTypeFullObject {
		for _, sum := range []struct {
			algorithm string
			value     *string
		}{
			{"sha256", head.ChecksumSHA256}, {"sha1", head.ChecksumSHA1}, {"crc64nvme", head.ChecksumCRC64NVME},
			{"crc32c", head.ChecksumCRC32C}, {"crc32", head.ChecksumCRC32},
		} {
			if sum.value != nil {
				return fmt.Sprintf("%s:%s:%d", sum.algorithm, *sum.value, size)
			}
		}
	}
	return fmt.Sprintf("etag:%s:%d", strings.Trim(aws.ToString(head.ETag), `"`), size)
}

func (c *Client) getObject(ctx context.Context, bucket string, get *awss3.GetObjectInput) (out *awss3.GetObjectOutput, err error) {
	err = c.follow(bucket, func(in func(*awss3.Options)) (err error) {
		out, err = c.api.GetObject(ctx, get, in)
		return err
	})
	return out, err
}

// input is one state of an object, that of the entity tag.
func (c *Client) input(ref Ref, etag string, size int64) source.Input {
	return source.Input{
		Name: ref.String(), Size: size, Remote: true,
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			b := &body{ctx: ctx, client: c, ref: ref, etag: etag, size: size}
			if err := b.open(); err != nil {
				return nil, err
			}
			return b, nil
		},
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func rightToRead(ref Ref) string {
	if ref.Version != "" {
		return "s3:GetObjectVersion"
	}
	return "s3:GetObject"
}

const (
	// resumes is how often a broken stream is resumed before progress bytes have
	// arrived.
	resumes  = 4
	progress = 64 << 10
)

// body is the stream of one state of an object.
type body struct {
	ctx    context.Context
	client *Client
	ref    Ref
	etag   string
	unless string // tag of a state that is not wanted, "" for none
	size   int64  // up to which it is read
	part   bool   // there may be more behind that

	stream  io.ReadCloser // nil if it must be opened again
	cancel  context.CancelFunc
	at      int64 // of the next byte
	resumed int   // how often, since the byte good
	good    int64
}

func (b *body) open() error {
	_, err := b.request()
	return err
}

// request requests what is left, and returns what the server says of it.
func (b *body) request() (*awss3.GetObjectOutput, error) {
	get := &awss3.GetObjectInput{ExpectedBucketOwner: b.client.owner, Bucket: &b.ref.Bucket, Key: &b.ref.Key, VersionId: optional(b.ref.Version), IfMatch: optional(b.etag), IfNoneMatch: optional(b.unless)}
	switch {
	case b.part:
		get.Range = aws.String(fmt.Sprintf("bytes=%d-%d", b.at, b.size-1))
	case b.at > 0:
		get.Range = aws.String(fmt.Sprintf("bytes=%d-", b.at))
	}
	ctx, cancel := context.WithCancel(b.ctx)
	out, err := b.client.getObject(ctx, b.ref.Bucket, get)
	if err != nil {
		cancel()
		return nil, advise(b.ctx, "read", rightToRead(b.ref), b.ref, err)
	}
	b.stream, b.cancel = out.Body, cancel
	return out, nil
}

// whole reads a small object, of which it returns at most limit bytes, and its tag.
func (b *body) whole(limit int64) (text []byte, tag string, err error) {
	out, err := b.request()
	if err != nil {
		return nil, "", err
	}
	defer b.Close() // only read
	b.etag, b.unless, b.size = aws.ToString(out.ETag), "", aws.ToInt64(out.ContentLength)
	text, err = io.ReadAll(io.LimitReader(b, limit))
	return text, b.etag, err
}

func (b *body) Read(p []byte) (int, error) {
	for {
		if b.stream == nil {
			if err := b.open(); err != nil {
				return 0, err
			}
		}
		n, err := b.once(p)
		b.at += int64(n)
		if err == io.EOF && b.at < b.size {
			err = io.ErrUnexpectedEOF
		}
		if err == nil || err == io.EOF {
			return n, err
		}
		if b.ctx.Err() != nil || b.at >= b.size || !b.mayResume() {
			return n, b.broken(err)
		}
		b.Close()
		sentAgain(b.ctx)
		if n > 0 {
			return n, nil
		}
		time.Sleep(time.Duration(b.resumed) * 50 * time.Millisecond)
	}
}

// once bounds the time of one read, which nothing else does.
func (b *body) once(p []byte) (int, error) {
	silent := time.AfterFunc(idle, b.cancel)
	n, err := b.stream.Read(p)
	if !silent.Stop() && err != nil && err != io.EOF {
		err = fmt.Errorf("no byte arrived for %s: %w", idle, err)
	}
	return n, err
}

func (b *body) mayResume() bool {
	if b.at-b.good >= progress {
		b.good, b.resumed = b.at, 0
	}
	b.resumed++
	return b.resumed <= resumes
}

func (b *body) broken(err error) error {
	if b.ctx.Err() != nil {
		return context.Cause(b.ctx)
	}
	return &Fault{What: "read", Where: b.ref.String(), Err: err, cure: true,
		reason: fmt.Sprintf("the stream broke after %d of %d bytes (%s)", b.at, b.size, errText(err)),
		advice: "wait and run it again; nothing incomplete stays"}
}

func errText(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ended early"
	}
	return err.Error()
}

// Close ends the stream. It may be called more than once.
func (b *body) Close() error {
	if b.stream == nil {
		return nil
	}
	b.cancel()
	err := b.stream.Close()
	b.stream = nil
	return err
}
