package s3

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// abortTime bounds the request that aborts an upload. It does not depend on the run's
// context, which may have ended.
const abortTime = 2 * time.Second

// upload is a multipart upload. It sends one part while the next is being filled. It
// belongs to one goroutine at a time.
type upload struct {
	sink *Sink
	ref  Ref
	id   *string

	ctx    context.Context
	cancel context.CancelCauseFunc
	count  int // parts begun
	parts  []types.CompletedPart
	way    sync.WaitGroup
	err    error // of the part that was sent last
	spare  []byte
}

func (s *Sink) begin(ctx context.Context, key string) (*upload, error) {
	ref := s.ref(key)
	var out *awss3.CreateMultipartUploadOutput
	err := s.client.follow(ref.Bucket, func(in func(*awss3.Options)) (err error) {
		out, err = s.client.api.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{
			ExpectedBucketOwner: s.client.owner, Bucket: &ref.Bucket, Key: &ref.Key, ContentType: ptr(contentType(key)),
			ChecksumAlgorithm:    types.ChecksumAlgorithmCrc32,
			ServerSideEncryption: s.encrypt.mode, SSEKMSKeyId: optional(s.encrypt.key),
		}, in)
		return err
	})
	if err != nil {
		return nil, advise(ctx, "write", "s3:PutObject", ref, err)
	}
	u := &upload{sink: s, ref: ref, id: out.UploadId}
	u.ctx, u.cancel = context.WithCancelCause(ctx)
	return u, nil
}

// send starts to send a part, once the one before has been sent, and returns an empty
// buffer for the next. The upload owns the part until then.
func (u *upload) send(part []byte) (next []byte, err error) {
	if err := u.wait(); err != nil {
		return part, err
	}
	next, u.spare = u.spare[:0], part
	u.count++
	number := int32(u.count)
	u.way.Go(func() {
		out, err := u.sink.client.api.UploadPart(u.ctx, &awss3.UploadPartInput{
			ExpectedBucketOwner: u.sink.client.owner, Bucket: &u.ref.Bucket, Key: &u.ref.Key, UploadId: u.id, PartNumber: &number,
			Body: bytes.NewReader(part), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		}, u.sink.client.in(u.ref.Bucket))
		if err != nil {
			u.err = advise(u.ctx, "write", "s3:PutObject", u.ref, err)
			return
		}
		u.parts = append(u.parts, types.CompletedPart{ETag: out.ETag, PartNumber: &number, ChecksumCRC32: out.ChecksumCRC32})
	})
	return next, nil
}

func (u *upload) wait() error {
	u.way.Wait()
	return u.err
}

// complete makes the object visible. With keep it leaves an object that is there, and
// discards the parts.
func (u *upload) complete(ctx context.Context, keep bool) error {
	there, err := onlyIf(ctx, keep, func(none *string) error {
		_, err := u.sink.client.api.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{
			ExpectedBucketOwner: u.sink.client.owner, Bucket: &u.ref.Bucket, Key: &u.ref.Key, UploadId: u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
			IfNoneMatch: none,
		}, u.sink.client.in(u.ref.Bucket))
		return err
	})
	if err != nil {
		return advise(ctx, "write", "s3:PutObject", u.ref, err)
	}
	if there {
		// A role of Security Lake may not abort: the parts then wait for the bucket's
		// rule for unfinished uploads.
		_ = u.abort()
		return nil
	}
	u.cancel(nil)
	u.spare = nil
	return nil
}

// abort discards the parts. If that fails too, only a lifecycle rule can remove them;
// they are not visible meanwhile. An identity that may not abort is not a failure of the
// object: the provider roles of Security Lake never may.
func (u *upload) abort() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), abortTime)
	defer cancel()
	u.cancel(errEnded)
	u.way.Wait()
	u.spare = nil
	_, err := u.sink.client.api.AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{
		ExpectedBucketOwner: u.sink.client.owner, Bucket: &u.ref.Bucket, Key: &u.ref.Key, UploadId: u.id,
	}, u.sink.client.in(u.ref.Bucket))
	if err != nil && status(err) == http.StatusForbidden {
		u.sink.client.denied(u.ref, err)
		return nil
	}
	if err != nil && code(err) != "NoSuchUpload" {
		return advise(context.WithoutCancel(ctx), "discard the unfinished parts of", "s3:AbortMultipartUpload", u.ref, err)
	}
	return nil
}

// denied warns that parts stay, once.
func (c *Client) denied(ref Ref, err error) {
	if c.warn == nil || c.deniedAbort.Swap(true) {
		return
	}
	c.warn(&Fault{What: "discard the unfinished parts of", Where: ref.String(), Err: err, reason: reason(err),
		advice: "nothing of the object is visible, and no right is missing: the permissions boundary of Security Lake's provider roles denies s3:AbortMultipartUpload for good. The parts are stored, and paid for, until a lifecycle rule with AbortIncompleteMultipartUpload removes them: give the bucket one"})
}
