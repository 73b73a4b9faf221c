package s3

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// Changed reads a small object unless it still has this tag; with the tag "" it always
// reads. If the object has not changed, Changed returns the same tag and no text. An
// object of more than limit bytes is an error.
func (c *Client) Changed(ctx context.Context, ref Ref, tag string, limit int) (text []byte, now string, err error) {
	text, now, err = (&body{ctx: ctx, client: c, ref: ref, unless: tag}).whole(int64(limit) + 1)
	switch {
	case tag != "" && status(err) == 304:
		return nil, tag, nil
	case err != nil:
		return nil, "", err
	case len(text) > limit:
		return nil, "", fmt.Errorf("%s has over %d bytes: split it", ref, limit)
	}
	return text, now, nil
}

// Tags returns the entity tags of all objects whose keys begin with the ref's, by key. It
// needs s3:ListBucket.
func (c *Client) Tags(ctx context.Context, ref Ref) (map[string]string, error) {
	tags := map[string]string{}
	err := c.pages(ctx, ref, func(page *awss3.ListObjectsV2Output) error {
		for _, o := range page.Contents {
			tags[aws.ToString(o.Key)] = aws.ToString(o.ETag)
		}
		return nil
	})
	return tags, err
}
