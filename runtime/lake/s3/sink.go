package s3

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
)

// partBytes is the size of a part of an upload, and of the largest object that is sent
// in one request if there is no memory to spare. S3 accepts parts of at least 5 MiB, and 10,000 of them: see partSize.
const partBytes = 8 << 20

// unnamedBytes bounds the bytes of all objects of a Sink that wait for their key.
const unnamedBytes = 128 << 20

// Encryption is how the server encrypts objects; the zero value leaves it to the bucket.
type Encryption struct {
	mode types.ServerSideEncryption
	key  string
}

// ParseEncryption parses AES256, aws:kms (with the key of the bucket or the account), or
// aws:kms:KEY with the id, the alias or the ARN of a key; "" leaves it to the bucket.
// What names the setting in the error.
func ParseEncryption(what, text string) (Encryption, error) {
	mode, key := text, ""
	if rest, ok := strings.CutPrefix(text, "aws:kms:"); ok && rest != "" {
		mode, key = "aws:kms", rest
	}
	switch mode {
	case "", "AES256", "aws:kms":
		return Encryption{types.ServerSideEncryption(mode), key}, nil
	}
	return Encryption{}, fmt.Errorf("%s %q is not an encryption of S3: write AES256, aws:kms or aws:kms:KEY, or leave it to the bucket", what, text)
}

// CheckEncryption tells whether ParseEncryption takes a text.
func CheckEncryption(what, text string) error {
	_, err := ParseEncryption(what, text)
	return err
}

// Sink writes objects into a bucket, under a prefix. Several goroutines may use it at
// once. It needs s3:PutObject, and s3:AbortMultipartUpload to discard a large object.
type Sink struct {
	client  *Client
	bucket  string
	prefix  string
	encrypt Encryption
	// Memory is the share of the run that writes. An object is sent in one request, and waits for
	// its name, as long as the share has bytes to spare; nil for none.
	Memory *memory.Share

	mu      sync.Mutex
	unnamed int64
	stays   bool // this identity may not delete
}

// NewSink makes a Sink for the bucket of a ref, with its key as the prefix. A prefix is a
// folder: NewSink adds a slash to its end if it has none.
func (c *Client) NewSink(at Ref, e Encryption) *Sink {
	prefix := strings.Trim(at.Key, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &Sink{client: c, bucket: at.Bucket, prefix: prefix, encrypt: e}
}

// Create starts an object. The object holds at most two parts in memory, and more only as
// Sink.Memory has them to spare. Without a name, and without a way to find it, it holds all its
// bytes until Commit, and Write fails when all such objects of the Sink hold more than 128 MiB.
func (s *Sink) Create(ctx context.Context, key string) (lake.Object, error) {
	if strings.HasSuffix(key, "/") {
		key = "" // only the folder is known
	}
	return &object{sink: s, ctx: ctx, key: key}, nil
}

func (s *Sink) ref(key string) Ref { return Ref{Bucket: s.bucket, Key: s.prefix + key} }

func (s *Sink) reserve(n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unnamed+int64(n) > unnamedBytes {
		return fmt.Errorf("write to %s%s/%s: the output of a stream has no name before the stream ends, and more than %d MiB of it would have to stay in memory: write the stream to a file and run that, or write to a folder",
			Scheme, s.bucket, s.prefix, unnamedBytes>>20)
	}
	s.unnamed += int64(n)
	return nil
}

func (s *Sink) release(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unnamed -= n
}

func contentType(key string) string {
	switch {
	case strings.HasSuffix(key, ".parquet"):
		return "application/vnd.apache.parquet"
	case strings.HasSuffix(key, ".gz"):
		return "application/gzip"
	case strings.HasSuffix(key, ".json"):
		return "application/json"
	}
	return "application/x-ndjson"
}
