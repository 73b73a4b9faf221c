package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-lake/sluice/runtime/source"
)

// Expand returns the object that an address names, or an input with the Listing of all objects whose
// keys begin with it. It returns an error if there are none. To an identity that may not list the bucket,
// a key that is only the beginning of others looks like a forbidden object, so Expand then
// lists too. Of the keys that begin with the address only those after another are listed, "" for all.
func (c *Client) Expand(ctx context.Context, ref Ref, after string) (source.Input, error) {
	listing := source.Input{Name: ref.String(), Size: -1, Remote: true, Listing: c.Listing(ref, after)}
	all := []source.Input{listing}
	if after != "" {
		all = []source.Input{{Listing: c.Listing(ref, "")}}
	}
	if ref.Key != "" && !strings.HasSuffix(ref.Key, "/") {
		in, err := c.Input(ctx, ref)
		if err == nil {
			return in, nil
		}
		if status(err) == 403 {
			if some, listErr := source.AnyIn(ctx, all); listErr == nil && some {
				return listing, nil
			}
		}
		if !Missing(err) {
			return source.Input{}, err
		}
	}
	some, err := source.AnyIn(ctx, all)
	if err == nil && !some {
		err = fmt.Errorf("%s: no object has this key or a key that begins with it: check the address (it takes no wildcards)", ref)
	}
	return listing, err
}

// List returns all objects that Listing lists.
func (c *Client) List(ctx context.Context, ref Ref) ([]source.Input, error) {
	return source.List(ctx, []source.Input{{Listing: c.Listing(ref, "")}})
}

// Listing lists all objects whose keys begin with the ref's and come after another, "" for
// none, in the order of their keys, without the empty ones that represent folders. It holds
// one page of them at a time, and, after a look that ended within the first page, that page for the
// next call. It needs s3:ListBucket, and s3:GetObject for the checksums of large objects.
func (c *Client) Listing(ref Ref, after string) source.Listing {
	var seen atomic.Pointer[awss3.ListObjectsV2Output]
	return func(ctx context.Context) iter.Seq2[source.Input, error] {
		return func(yield func(source.Input, error) bool) {
			pages := 0
			err := c.pagesAfter(ctx, ref, after, seen.Swap(nil), func(page *awss3.ListObjectsV2Output) error {
				pages++
				err := c.yieldPage(ctx, ref.Bucket, page, yield)
				if pages == 1 && errors.Is(err, errEnough) {
					seen.Store(page)
				}
				return err
			})
			if err != nil && !errors.Is(err, errEnough) {
				yield(source.Input{}, err)
			}
		}
	}
}

// yieldPage yields the objects of a page. It returns errEnough when no more are wanted.
func (c *Client) yieldPage(ctx context.Context, bucket string, page *awss3.ListObjectsV2Output, yield func(source.Input, error) bool) error {
	for i := range page.Contents {
		in, err := c.listed(ctx, bucket, &page.Contents[i])
		if err != nil {
			return err
		}
		if in.Open != nil && !yield(in, nil) {
			return errEnough
		}
	}
	return nil
}

// listed is the input of an object that was listed, an empty one for a folder.
func (c *Client) listed(ctx context.Context, bucket string, o *types.Object) (source.Input, error) {
	key, size := aws.ToString(o.Key), aws.ToInt64(o.Size)
	switch {
	case size == 0 && strings.HasSuffix(key, "/"):
		return source.Input{}, nil
	case size > hashedBytes:
		return c.Input(ctx, Ref{Bucket: bucket, Key: key})
	}
	return c.Known(Ref{Bucket: bucket, Key: key}, aws.ToString(o.ETag), size, aws.ToTime(o.LastModified)), nil
}

// pages lists what begins with a ref's key, page by page.
func (c *Client) pages(ctx context.Context, ref Ref, each func(*awss3.ListObjectsV2Output) error) error {
	return c.pagesAfter(ctx, ref, "", nil, each)
}

// pagesAfter is pages for the keys after one, "" for all. The first page may be there already.
func (c *Client) pagesAfter(ctx context.Context, ref Ref, after string, page *awss3.ListObjectsV2Output, each func(*awss3.ListObjectsV2Output) error) error {
	list := &awss3.ListObjectsV2Input{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Prefix: &ref.Key, StartAfter: optional(after)}
	for ; ; page = nil {
		if page == nil {
			err := c.follow(ref.Bucket, func(in func(*awss3.Options)) (err error) {
				page, err = c.api.ListObjectsV2(ctx, list, in)
				return err
			})
			if err != nil {
				return advise(ctx, "list", "s3:ListBucket", ref, err)
			}
		}
		if err := each(page); err != nil || !aws.ToBool(page.IsTruncated) {
			return err
		}
		list.ContinuationToken = page.NextContinuationToken
	}
}
