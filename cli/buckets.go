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

// inputs turns the arguments into inputs, in their order; prefixes into listings. All faults are joined.
func (b *buckets) inputs(ctx context.Context, args []string) ([]source.Input, error) {
	var all []source.Input
	var errs []error
	files := b.selection
	files.Links = func(name string) { b.links = append(b.links, name) }
	var before []func(source.Input) bool // whether an address before this one has it
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
		in, has, err := b.expand(ctx, args[0])
		errs, args = append(errs, err), args[1:]
		if err != nil {
			continue
		}
		earlier := slices.Clone(before)
		again := func(in source.Input) bool {
			return slices.ContainsFunc(earlier, func(has func(source.Input) bool) bool { return has(in) })
		}
		switch {
		case in.Listing != nil:
			in.Listing = in.Listing.Select(func(in source.Input) bool { return has(in) && !again(in) })
		case again(in):
			continue
		}
		all, before = append(all, in), append(before, has)
	}
	return once(all), errors.Join(errs...)
}

// expand finds what an address names, and a func that says whether it names an object.
func (b *buckets) expand(ctx context.Context, address string) (in source.Input, has func(source.Input) bool, err error) {
	ref, err := s3.ParseAddress(address)
	if err != nil {
		return in, nil, err
	}
	client, err := b.ownClient(ctx)
	if err != nil {
		return in, nil, err
	}
	in, err = client.Expand(ctx, ref, b.since)
	if in.Listing == nil {
		return in, func(other source.Input) bool { return other.Name == in.Name }, err
	}
	return in, func(in source.Input) bool {
		below, inside := strings.CutPrefix(in.Name, address)
		below = strings.TrimLeft(below, "/")
		ours := strings.Contains("/"+below, "/"+lake.LedgerFolder+"/") // as folders that are hidden
		done := strings.TrimPrefix(in.Name, s3.Scheme+ref.Bucket+"/") <= b.since
		return inside && (in.Name == address || !ours && !done && b.selection.Admits(below))
	}, err
}

// once leaves out streams that came up before; files and objects have been compared already,
// but for files on both sides of an address.
func once(all []source.Input) []source.Input {
	seen := map[string]bool{}
	kept := all[:0]
	for _, in := range all {
		if in.Size < 0 {
			if seen[in.Name] {
				continue
			}
			seen[in.Name] = true
		}
		kept = append(kept, in)
	}
	return kept
}
