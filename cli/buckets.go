package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/source"
)

// bucketDefaults lets the Lambda's variables choose the buckets that no flag
// chooses. The variables for the copies count only beside a lake in a bucket: who
// writes to a folder does not expect a copy elsewhere.
func (a *app) bucketDefaults(given func(string) bool, f *runFlags) error {
	if bucket := a.getenv("AWS_BUCKET"); bucket != "" && !given("out") {
		if err := s3.CheckBucket("AWS_BUCKET", bucket); err != nil {
			return err
		}
		f.out = s3.Scheme + bucket
	}
	if !s3.Is(f.out) {
		return nil
	}
	a.fromEnv(given("rejects"), &f.rejects, "SLUICE_REJECTS", "./rejects")
	if bucket := a.getenv("S3_BUCKET_OCSF"); bucket != "" && !given("ocsf-json") {
		if err := s3.CheckBucket("S3_BUCKET_OCSF", bucket); err != nil {
			return err
		}
		f.ocsfJSON = s3.Scheme + bucket
	}
	return nil
}

// lambdaDefaults are the Lambda's own settings of the mapping.
func (a *app) lambdaDefaults(given func(string) bool, f *runFlags) error {
	switch strict := strings.ToLower(a.getenv("SLUICE_STRICT")); {
	case given("strict") || strict == "":
	case strict == "true" || strict == "1":
		f.strict = true
	case strict != "false" && strict != "0":
		return fmt.Errorf("SLUICE_STRICT is %q: set it to true or false, or unset it", strict)
	}
	name := a.getenv("SLUICE_MAPPING")
	switch {
	case name == "" || given("mapping") || given("class"):
	case s3.Is(name):
		return fmt.Errorf("SLUICE_MAPPING is %s, and the command line reads mappings from files: copy it and name the copy with -m", name)
	default:
		f.mappings = strings.Split(name, ",")
	}
	return nil
}

// checkBuckets finds what is wrong with the addresses before anything is done.
func (a *app) checkBuckets(f *runFlags) error {
	_, err := s3.DevEndpoint(a.getenv)
	errs := []error{err}
	for _, place := range []struct{ flag, value string }{{"--out", f.out}, {"--rejects", f.rejects}, {"--ocsf-json", f.ocsfJSON}} {
		if s3.Is(place.value) {
			if _, err := s3.ParseAddress(place.value); err != nil {
				errs = append(errs, fmt.Errorf("%s %w", place.flag, err))
			}
		}
	}
	a.fromEnv(f.sse != "", &f.sse, "SLUICE_SSE", "")
	_, err = s3.ParseEncryption("--sse", f.sse)
	return errors.Join(append(errs, err)...)
}

// buckets are the two identities of a run, each made when it is first needed:
// its own, and the one that writes the lake.
type buckets struct {
	app  *app
	own  *s3.Client
	lake *s3.Client
}

func (b *buckets) ownClient(ctx context.Context) (*s3.Client, error) {
	if b.own != nil {
		return b.own, nil
	}
	endpoint, err := s3.DevEndpoint(b.app.getenv)
	if err == nil {
		b.own, err = s3.NewClient(ctx, s3.Options{Endpoint: endpoint})
	}
	return b.own, err
}

func (b *buckets) lakeClient(ctx context.Context, f *runFlags) (*s3.Client, error) {
	if b.lake != nil {
		return b.lake, nil
	}
	endpoint, err := s3.DevEndpoint(b.app.getenv)
	if err == nil {
		b.lake, err = s3.NewClient(ctx, s3.Options{Endpoint: endpoint, Region: f.bucketRegion,
			RoleARN: b.app.getenv("ROLE_ARN"), ExternalID: b.app.getenv("EXTERNAL_ID")})
	}
	return b.lake, err
}

// sink opens an address for writing, with the lake's identity or the own one.
func (b *buckets) sink(ctx context.Context, f *runFlags, address string, ofLake bool) (lake.Sink, error) {
	ref, err := s3.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	encryption, err := s3.ParseEncryption("--sse", f.sse)
	if err != nil {
		return nil, err
	}
	client, err := b.ownClient(ctx)
	if ofLake {
		client, err = b.lakeClient(ctx, f)
	}
	if err != nil {
		return nil, err
	}
	return client.NewSink(ref, encryption), nil
}

// inputs turns the arguments into inputs, in their order. All faults are joined.
func (b *buckets) inputs(ctx context.Context, args []string) ([]source.Input, error) {
	var all []source.Input
	var errs []error
	for len(args) > 0 {
		n := 0
		for n < len(args) && !s3.Is(args[n]) {
			n++
		}
		if n > 0 {
			found, err := source.Expand(args[:n], b.app.In)
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
	return client.Expand(ctx, ref)
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
