package s3

import (
	"context"
	"io"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// put writes an object with one request. If onlyNew is set it leaves an object that is
// there, and says so. It needs s3:PutObject and no more.
func (s *Sink) put(ctx context.Context, key string, data pieces, onlyNew bool) (there bool, err error) {
	ref := s.ref(key)
	there, err = onlyIf(ctx, onlyNew, func(none *string) error {
		return s.client.follow(ref.Bucket, func(in func(*awss3.Options)) error {
			_, err := s.client.api.PutObject(ctx, &awss3.PutObjectInput{
				ExpectedBucketOwner: s.client.owner, Bucket: &ref.Bucket, Key: &ref.Key, Body: io.NewSectionReader(data, 0, data.size()), ContentType: ptr(contentType(key)),
				ChecksumAlgorithm:    types.ChecksumAlgorithmCrc32,
				ServerSideEncryption: s.encrypt.mode, SSEKMSKeyId: optional(s.encrypt.key),
				IfNoneMatch: none,
			}, in)
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
		switch status(err) {
		case 412:
			return true, nil
		case 409: // another request writes the key now
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
