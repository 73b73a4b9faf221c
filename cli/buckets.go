package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/source"
)

// buckets are the two identities of a run, each made when it is first needed:
// its own, and the one that writes the lake.
type buckets struct {
	settings  *settings.Settings
	selection source.Selection
	since     string // a key: of prefixes only those behind it are read
	stdin     io.Reader
	warn      func(error)
	links     []string // that folders and globs brought along, and nobody follows
	own       *s3.Client
	lake      *s3.Client
}

func (b *buckets) ownClient(ctx context.Context) (*s3.Client, error) {
	var err error
	if b.own == nil {
		b.own, err = s3.NewClient(ctx, s3.Options{Endpoint: b.settings.Endpoint, Owner: b.settings.BucketAccount, Warn: b.warn})
	}
	return b.own, err
}

func (b *buckets) lakeClient(ctx context.Context) (*s3.Client, error) {
	var err error
	if b.lake == nil {
		b.lake, err = s3.NewClient(ctx, s3.Options{Endpoint: b.settings.Endpoint, Owner: b.settings.LakeAccount,
			RoleARN: b.settings.RoleARN, ExternalID: b.settings.ExternalID, Warn: b.warn})
	}
	return b.lake, err
}

// sink opens an address for writing, with the lake's identity or the own one. Share is of
// the memory of the run that writes.
func (b *buckets) sink(ctx context.Context, address string, ofLake bool, share *memory.Share) (lake.Sink, error) {
	ref, err := s3.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	encryption, err := s3.ParseEncryption("--sse", b.settings.SSE)
	if err != nil {
		return nil, err
	}
	client := b.ownClient
	if ofLake {
		client = b.lakeClient
	}
	c, err := client(ctx)
	if err != nil {
		return nil, err
	}
	sink := c.NewSink(ref, encryption)
	sink.Memory = share
	return sink, nil
}

// inputs turns the arguments into inputs, in their order. All faults are joined.
func (b *buckets) inputs(ctx context.Context, args []string) ([]source.Input, error) {
	var all []source.Input
	var errs []error
	files := b.selection
	files.Links = func(name string) { b.links = append(b.links, name) }
	for len(args) > 0 {
		n := 0
		for n < len(args) && !s3.Is(args[n]) {
			n++
		}
		if n > 0 {
			found, err := files.Expand(args[:n], b.stdin)
			all, errs, args = append(all, found...), append(errs, err), args[n:]
			continue
		}
		found, err := b.expand(ctx, args[0])
		all, errs, args = append(all, found...), append(errs, err), args[1:]
	}
	return once(all), errors.Join(errs...)
}

func (b *buckets) expand(ctx context.Context, address string) ([]source.Input, error) {
	ref, err := s3.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	client, err := b.ownClient(ctx)
	if err != nil {
		return nil, err
	}
	found, err := client.Expand(ctx, ref)
	return slices.DeleteFunc(found, func(in source.Input) bool {
		below := strings.TrimLeft(strings.TrimPrefix(in.Name, address), "/")
		ours := strings.Contains("/"+below, "/"+lake.LedgerFolder+"/") // as folders that are hidden
		done := strings.TrimPrefix(in.Name, s3.Scheme+ref.Bucket+"/") <= b.since
		return in.Name != address && (ours || done || !b.selection.Admits(below))
	}), err
}

// once leaves out objects that came up before; files have been compared already,
// but for those on both sides of an address.
func once(all []source.Input) []source.Input {
	seen := map[string]bool{}
	kept := all[:0]
	for _, in := range all {
		if strings.HasPrefix(in.Name, s3.Scheme) || in.Size < 0 {
			if seen[in.Name] {
				continue
			}
			seen[in.Name] = true
		}
		kept = append(kept, in)
	}
	return kept
}
