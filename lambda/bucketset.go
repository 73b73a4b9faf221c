package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// bucketSet reads a set of mappings from a bucket. One goroutine at a time may use it.
type bucketSet struct {
	client *s3.Client
	ref    s3.Ref // a file, or a folder with its slash
	known  map[string]object
	tried  map[string]string // tags of what was there for the last set, good or not, by key
	fault  error             // of that set, nil where it was good

	listed  map[string]string // tags of the folder's files by key, nil for a single file
	read    map[string]string // tags of what this look read
	digests map[string]string // SHA-256 of the files that the manifest names, by key; nil without one
	passing error             // of a request that may succeed later
	torn    bool              // a file does not agree with the manifest
}

// object is a file of the bucket in the state that its tag names.
type object struct {
	tag  string
	body []byte
}

func newBucketSet(client *s3.Client, address string) (bucketSet, error) {
	ref, err := s3.ParseAddress(address)
	if !mapping.IsMapping(ref.Key) {
		ref.Key = strings.Trim(ref.Key, "/") + "/"
		if ref.Key == "/" {
			ref.Key = ""
		}
	}
	return bucketSet{client: client, ref: ref, known: map[string]object{}}, err
}

func (b *bucketSet) isFile() bool { return mapping.IsMapping(b.ref.Key) }

// passes is the error of a look that may succeed later by itself: the set is not at
// fault.
type passes struct{ error }

func (p *passes) Unwrap() error { return p.error }

var errChanges = errors.New("the folder of the mapping is being changed")

// rereads is how often a folder that changes while it is read is read again.
const rereads = 3

type compiler func(files []engine.File, module func(string) ([]byte, error)) (*set, error)

// next reads the set and compiles it if it changed; nil if it did not, with its fault.
// The error is a *passes unless the set is at fault. Most bounds the requests before compiling,
// each while compiling, and those after it: to compile a large set may take a small function longer.
func (b *bucketSet) next(ctx context.Context, most time.Duration, compile compiler) (*set, error) {
	for range rereads {
		s, err := b.once(ctx, most, compile)
		switch {
		case b.passing != nil:
			return nil, errors.Join(&passes{b.passing}, closed(s))
		case !errors.Is(err, errChanges):
			return s, err
		}
	}
	return nil, &passes{errChanges}
}

func closed(s *set) error {
	if s == nil {
		return nil
	}
	s.warm.Close()
	return s.guests.Close()
}

func (b *bucketSet) once(ctx context.Context, most time.Duration, compile compiler) (*set, error) {
	names, files, err := b.files(ctx, most)
	if err != nil || files == nil {
		return nil, err
	}
	s, err := compile(files, func(key string) ([]byte, error) {
		ctx, cancel := lookContext(ctx, most)
		defer cancel()
		return b.get(ctx, key, mapping.MaxModule)
	})
	if err != nil {
		return nil, b.failed(err)
	}
	if before := b.listed; before != nil {
		ctx, cancel := lookContext(ctx, most)
		defer cancel()
		if err := b.list(ctx); err != nil || !maps.Equal(before, b.listed) {
			return nil, errors.Join(errChanges, err, closed(s))
		}
	}
	s.names, s.parts = names, map[string][]byte{}
	for key := range b.read {
		s.parts[key] = b.known[key].body
	}
	b.tried, b.fault = b.state(), nil
	return s, nil
}

// files reads the files of the set and returns them with the names of its mappings; none if
// nothing changed, with the fault of the set.
func (b *bucketSet) files(ctx context.Context, most time.Duration) (names []string, files []engine.File, err error) {
	ctx, cancel := lookContext(ctx, most)
	defer cancel()
	b.read, b.digests, b.passing, b.torn = map[string]string{}, nil, nil, false
	if err := b.list(ctx); err != nil {
		return nil, nil, err
	}
	if b.tried != nil && maps.Equal(b.listed, b.tried) {
		return nil, nil, b.fault
	}
	if names, err = b.names(ctx); err != nil {
		return nil, nil, b.failed(err)
	}
	files, err = mapping.Read(names, func(key string, limit int) ([]byte, error) { return b.get(ctx, key, limit) })
	if err == nil && b.isFile() && b.unchanged(ctx) {
		return nil, nil, b.fault
	}
	if err != nil || b.passing != nil {
		return nil, nil, b.failed(err)
	}
	return names, files, nil
}

// state is what was there for a set.
func (b *bucketSet) state() map[string]string {
	if b.isFile() {
		return b.read
	}
	return b.listed
}

// failed notes the fault of a set. A folder that contradicts its manifest is probably
// being uploaded: it is at fault when the next look finds the same.
func (b *bucketSet) failed(err error) error {
	if b.passing != nil {
		return err
	}
	b.tried, b.fault = b.state(), err
	if b.torn {
		return &passes{err}
	}
	return err
}

func (b *bucketSet) list(ctx context.Context) (err error) {
	if b.isFile() {
		return nil
	}
	b.listed, err = b.client.Tags(ctx, b.ref)
	return b.note(ctx, err)
}

// unchanged reports whether a single file, and all that it names, is what it was. Only
// compiling shows which modules it names, so those of before are looked at.
func (b *bucketSet) unchanged(ctx context.Context) bool {
	before := maps.Clone(b.read)
	for key := range b.tried {
		if _, ok := b.read[key]; !ok {
			_, _ = b.get(ctx, key, mapping.MaxModule) // an error is a change, or b.passing
		}
	}
	same := maps.Equal(b.read, b.tried)
	b.read = before
	return same
}

// names lists the keys of the set: the one that the address names, those of the manifest,
// or all mappings of the folder.
func (b *bucketSet) names(ctx context.Context) ([]string, error) {
	if b.isFile() {
		return []string{b.ref.Key}, nil
	}
	manifest := b.ref.Key + mapping.Manifest
	if b.listed[manifest] != "" {
		text, err := b.get(ctx, manifest, mapping.MaxManifest)
		if err != nil {
			return nil, err
		}
		if b.digests, err = mapping.ParseManifest(text, b.ref.Key); err != nil {
			return nil, fmt.Errorf("%s: %w", s3.Ref{Bucket: b.ref.Bucket, Key: manifest}, err)
		}
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(b.listed)), func(key string) bool {
		return !mapping.InFolder(strings.TrimPrefix(key, b.ref.Key)) || b.digests != nil && b.digests[key] == ""
	})
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no mapping: put .yaml files there, or correct SLUICE_MAPPING", b.ref)
	}
	return names, nil
}

// get gets a file unless it is known and unchanged, and notes its tag.
func (b *bucketSet) get(ctx context.Context, key string, limit int) ([]byte, error) {
	ref, file := s3.Ref{Bucket: b.ref.Bucket, Key: key}, b.known[key]
	if tag := b.listed[key]; tag == "" || tag != file.tag {
		body, now, err := b.client.Changed(ctx, ref, file.tag, limit)
		if err != nil {
			b.read[key] = "" // the next look tries again
			return nil, b.note(ctx, err)
		}
		if now != file.tag {
			file = object{now, body}
			b.known[key] = file
		}
	}
	b.read[key] = file.tag
	if b.digests != nil && key != b.ref.Key+mapping.Manifest {
		sum := sha256.Sum256(file.body)
		if got := hex.EncodeToString(sum[:]); got != b.digests[key] {
			b.torn = true
			return nil, fmt.Errorf("%s has the SHA-256 %s, and %s has another or none: upload both again, the manifest last", ref, got, mapping.Manifest)
		}
	}
	return file.body, nil
}

// note notes an error that may pass.
func (b *bucketSet) note(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || s3.Curable(err)) && b.passing == nil {
		b.passing = err
	}
	return err
}
