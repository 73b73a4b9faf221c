package s3

import (
	"context"
	"fmt"
	"strings"
	"sync"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
)

// Roles writes to a lake whose custom sources have a role each. Several goroutines may use
// it at once.
type Roles struct {
	options Options
	role    func(source string) string

	mu     sync.Mutex
	byRole map[string]*Client
	proved map[string]bool // sources that may be written
}

// NewRoles returns the writer of a lake. Role gives the role of a custom source, "" for
// the process's own identity.
func NewRoles(o Options, role func(source string) string) *Roles {
	return &Roles{options: o, role: role, byRole: map[string]*Client{}, proved: map[string]bool{}}
}

// client returns the client of a source, made when it is first needed.
func (r *Roles) client(ctx context.Context, source string) (*Client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.options
	o.RoleARN = r.role(source)
	if c := r.byRole[o.RoleARN]; c != nil {
		return c, nil
	}
	c, err := NewClient(context.WithoutCancel(ctx), o)
	if err == nil {
		r.byRole[o.RoleARN] = c
	}
	return c, err
}

// MayWrite is that of Client, with the role of a source.
func (r *Roles) MayWrite(ctx context.Context, source string, ref Ref, e Encryption) error {
	c, err := r.client(ctx, source)
	if err != nil {
		return err
	}
	return c.MayWrite(ctx, ref, e)
}

// NewSink makes a sink for the bucket of a ref. With prove, it makes sure that a source
// may be written before the first object of it is begun: so an input of several sources
// fails before an object of any of them is visible. Share is that of Sink.Memory.
func (r *Roles) NewSink(at Ref, e Encryption, share *memory.Share, prove bool) lake.Sink {
	return &roleSink{roles: r, at: at, encrypt: e, share: share, prove: prove, sinks: map[string]*Sink{}}
}

type roleSink struct {
	roles   *Roles
	at      Ref
	encrypt Encryption
	share   *memory.Share
	prove   bool

	mu    sync.Mutex
	sinks map[string]*Sink // by source
}

// Create begins an object with the role of the source in its key, of which it must have the
// folder.
func (s *roleSink) Create(ctx context.Context, key string) (lake.Object, error) {
	sink, source, err := s.of(ctx, key)
	if err != nil {
		return nil, err
	}
	if s.prove {
		if err := s.roles.proveSource(ctx, sink, source, key); err != nil {
			return nil, err
		}
	}
	return sink.Create(ctx, key)
}

// Remove is that of Sink, with the role of the source.
func (s *roleSink) Remove(ctx context.Context, key string) error {
	sink, _, err := s.of(ctx, key)
	if err != nil {
		return err
	}
	return sink.Remove(ctx, key)
}

func (s *roleSink) of(ctx context.Context, key string) (*Sink, string, error) {
	source := lake.Value(key, "ext/")
	if source == "" {
		return nil, "", fmt.Errorf("the key %q has no custom source, and so no role: run the input from a file or an object", key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sink := s.sinks[source]; sink != nil {
		return sink, source, nil
	}
	client, err := s.roles.client(ctx, source)
	if err != nil {
		return nil, "", err
	}
	sink := client.NewSink(s.at, s.encrypt)
	sink.Memory = s.share
	s.sinks[source] = sink
	return sink, source, nil
}

// proveSource begins an upload and discards it, once for each source: only a request that
// writes shows whether one may. An upload without parts costs nothing, so it does not
// matter that the provider roles of Security Lake may not discard it.
func (r *Roles) proveSource(ctx context.Context, sink *Sink, source, key string) error {
	r.mu.Lock()
	proved := r.proved[source]
	r.mu.Unlock()
	if proved {
		return nil
	}
	u, err := sink.begin(ctx, key)
	if err != nil {
		return fmt.Errorf("the custom source %s: %w", source, err)
	}
	u.cancel(errEnded)
	_, _ = sink.client.api.AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{ExpectedBucketOwner: sink.client.owner, Bucket: &u.ref.Bucket, Key: &u.ref.Key, UploadId: u.id},
		sink.client.in(u.ref.Bucket)) // see above
	r.mu.Lock()
	r.proved[source] = true
	r.mu.Unlock()
	return nil
}

// The placeholders of a role for several sources.
const (
	SourcePlaceholder = "{source}"
	RegionPlaceholder = "{region}"
)

// RoleOf returns the role of a source: the one that is given for it, else the ARN with its
// placeholders filled in.
func RoleOf(arn, region string, of map[string]string, source string) string {
	if own := of[source]; own != "" {
		return own
	}
	return strings.NewReplacer(SourcePlaceholder, source, RegionPlaceholder, region).Replace(arn)
}
