package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// List lists the objects. It needs s3:ListBucket.
func (s *Sink) List(ctx context.Context, prefix string, each func(lake.Stored)) error {
	return s.client.pages(ctx, s.ref(prefix), func(page *awss3.ListObjectsV2Output) error {
		for _, o := range page.Contents {
			each(s.stored(o))
		}
		return nil
	})
}

// errEnough ends a listing.
var errEnough = errors.New("enough")

// Some lists the first objects that List would, at most that many, from those on whose keys
// come after a key. It needs s3:ListBucket.
func (s *Sink) Some(ctx context.Context, prefix, after string, most int) (all []lake.Stored, err error) {
	start := ""
	if after != "" {
		start = s.prefix + after
	}
	err = s.client.pagesAfter(ctx, s.ref(prefix), start, nil, func(page *awss3.ListObjectsV2Output) error {
		for _, o := range page.Contents {
			if len(all) == most {
				return errEnough
			}
			all = append(all, s.stored(o))
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return all, err
}

func (s *Sink) stored(o types.Object) lake.Stored {
	return lake.Stored{Key: strings.TrimPrefix(aws.ToString(o.Key), s.prefix), Bytes: aws.ToInt64(o.Size),
		Modified: aws.ToTime(o.LastModified), Tag: aws.ToString(o.ETag)}
}

// Open reads nothing yet. Reading needs s3:GetObject.
func (s *Sink) Open(ctx context.Context, o lake.Stored) (lake.ReadCloserAt, error) {
	return &blocks{ctx: ctx, client: s.client, ref: s.ref(o.Key), tag: o.Tag, size: o.Bytes, kept: map[int64][]byte{}}, nil
}

const (
	// blockBytes is what one request reads. A small object is read at once.
	blockBytes = 1 << 20
	// mostBlocks are kept of an object: as much as a row group has, as a rule.
	mostBlocks = 16
)

// blocks reads one state of an object block by block, and keeps those that were read last.
type blocks struct {
	ctx    context.Context
	client *Client
	ref    Ref
	tag    string
	size   int64

	mu    sync.Mutex
	kept  map[int64][]byte // by number
	order []int64          // of kept, the one read last at the end
}

func (b *blocks) ReadAt(p []byte, at int64) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n < len(p) {
		if at >= b.size {
			return n, io.EOF
		}
		block, err := b.block(at / blockBytes)
		if err != nil {
			return n, err
		}
		took := copy(p[n:], block[at%blockBytes:])
		n, at = n+took, at+int64(took)
	}
	return n, nil
}

func (b *blocks) block(number int64) ([]byte, error) {
	if block, ok := b.kept[number]; ok {
		return block, nil
	}
	from := number * blockBytes
	to := min(from+blockBytes, b.size)
	in := &body{ctx: b.ctx, client: b.client, ref: b.ref, etag: b.tag, at: from, good: from, size: to, part: true}
	defer in.Close() // only read
	block := make([]byte, to-from)
	if _, err := io.ReadFull(in, block); err != nil {
		if s := status(err); s == 404 || s == 412 {
			err = errors.Join(fmt.Errorf("%s: %w", b.ref, lake.ErrGone), err)
		}
		return nil, err
	}
	if len(b.order) == mostBlocks {
		delete(b.kept, b.order[0])
		b.order = b.order[1:]
	}
	b.kept[number], b.order = block, append(b.order, number)
	return block, nil
}

func (b *blocks) Close() error { return nil }
