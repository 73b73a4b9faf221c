package s3

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// put writes an object with one request. If onlyNew is set it leaves an object that is
// there, and says so. It needs s3:PutObject and no more.
func (s *Sink) put(ctx context.Context, key string, data pieces, onlyNew bool) (there bool, err error) {
	ref := s.ref(key)
	there, err = onlyIf(ctx, onlyNew, func(none *string) error {
		return s.client.follow(ref.Bucket, func(in func(*awss3.Options)) error {
			probe := func(*awss3.Options) {}
			if onlyNew {
				probe = s.client.probe(ref, in)
			}
			_, err := s.client.api.PutObject(ctx, &awss3.PutObjectInput{
				ExpectedBucketOwner: s.client.owner, Bucket: &ref.Bucket, Key: &ref.Key, Body: io.NewSectionReader(data, 0, data.size()), ContentType: ptr(contentType(key)),
				ChecksumAlgorithm:    types.ChecksumAlgorithmCrc32,
				ServerSideEncryption: s.encrypt.mode, SSEKMSKeyId: optional(s.encrypt.key),
				IfNoneMatch: none,
			}, in, probe)
			return err
		})
	})
	if err != nil {
		return false, advise(ctx, "write", "s3:PutObject", ref, err)
	}
	return there, nil
}

// Overwrite writes a small object, and replaces one that is there. It needs s3:PutObject.
func (s *Sink) Overwrite(ctx context.Context, key string, body []byte) error {
	_, err := s.put(ctx, key, pieces{body}, false)
	return err
}

// errThere is the error of a request that was not sent again, as its object is there.
var errThere = errors.New("the object is there")

// probe lets a request that writes a new object look whether there is one, before it is
// sent again because the connection broke. A server that refuses it before it has read the body
// resets the connection, and then its answer is lost each time. Where looking is
// forbidden, the request is sent as without it.
func (c *Client) probe(ref Ref, in func(*awss3.Options)) func(*awss3.Options) {
	broke := false
	look := func(ctx context.Context, input middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, meta middleware.Metadata, err error) {
		if broke {
			_, err := c.api.HeadObject(ctx, &awss3.HeadObjectInput{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Key: &ref.Key}, in, once)
			if err == nil {
				return out, meta, errThere
			}
		}
		out, meta, err = next.HandleFinalize(ctx, input)
		broke = err != nil && status(err) == 0
		return out, meta, err
	}
	return func(o *awss3.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("sluice: look before sending again", look), "Retry", middleware.After)
		})
	}
}

// once lets a request be sent a single time.
func once(o *awss3.Options) { o.Retryer = aws.NopRetryer{} }

// conflicts is how often a request is sent again that met another one for the same key.
const conflicts = 8

// onlyIf sends a request that writes, if onlyNew is set under the condition that there is
// no object of its key: then it reports whether there is one. None is the value of
// If-None-Match.
func onlyIf(ctx context.Context, onlyNew bool, send func(none *string) error) (there bool, err error) {
	if !onlyNew {
		return false, send(nil)
	}
	for try := range conflicts {
		err = send(ptr("*"))
		switch {
		case status(err) == 412, errors.Is(err, errThere):
			return true, nil
		case status(err) == 409: // another request writes the key now
		default:
			return false, err
		}
		select {
		case <-time.After(time.Duration(try+1) * 50 * time.Millisecond):
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	return false, err
}

// Remove deletes an object. It needs s3:DeleteObject, and asks no more once that was
// denied.
func (s *Sink) Remove(ctx context.Context, key string) error {
	s.mu.Lock()
	stays := s.stays
	s.mu.Unlock()
	if stays {
		return lake.ErrMayNotRemove
	}
	ref := s.ref(key)
	err := s.client.follow(ref.Bucket, func(in func(*awss3.Options)) error {
		_, err := s.client.api.DeleteObject(ctx, &awss3.DeleteObjectInput{ExpectedBucketOwner: s.client.owner, Bucket: &ref.Bucket, Key: &ref.Key}, in)
		return err
	})
	switch {
	case err == nil:
		return nil
	case status(err) == 403:
		s.mu.Lock()
		s.stays = true
		s.mu.Unlock()
		return lake.ErrMayNotRemove
	}
	return advise(ctx, "remove", "s3:DeleteObject", ref, err)
}
