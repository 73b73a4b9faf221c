package lambda

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// rules are the mappings that a function applies. Those of the package are
// compiled once; those of a bucket are looked at again when the time has come,
// and compiled beside the old ones when they changed. The last set that was
// good stays for as long as there is no better one.
type rules struct {
	config config
	client *s3.Client

	mu     sync.Mutex
	good   *engine.Engine // nil before the first good set
	tried  string         // the files of the last set, good or not
	fault  error          // of the last set, nil when it is the good one
	looked time.Time
	known  map[string]text // of the bucket, by key
}

// text is a file of the bucket in the state that its tag names.
type text struct {
	tag  string
	body []byte
}

func (r *rules) inBucket() bool { return len(r.config.mappings) == 1 && s3.Is(r.config.mappings[0]) }

// packaged compiles the mappings unless they are in a bucket. A file of the
// package comes before the shipped mapping of the same name: the package has
// those as files, so that they can be edited there.
func (r *rules) packaged() error {
	if len(r.config.mappings) == 0 || r.inBucket() {
		return nil
	}
	var files []engine.File
	for _, name := range r.config.mappings {
		found, err := mapping.Under(filepath.Join(r.config.taskRoot, "mappings"), name)
		if err == nil && found == nil {
			found, err = mapping.Load([]string{name})
		}
		if err != nil {
			return fmt.Errorf("SLUICE_MAPPING: %w", err)
		}
		files = append(files, found...)
	}
	var err error
	r.good, err = r.compile(files)
	return err
}

func (r *rules) compile(files []engine.File) (*engine.Engine, error) {
	e, err := engine.Compile(files, engine.Options{Strict: r.config.strict})
	if err != nil {
		return nil, fmt.Errorf("the mapping has faults: %w", err)
	}
	return e, r.settle(e)
}

// settle gives all mappings the one custom source of the environment, unless
// they name several.
func (r *rules) settle(e *engine.Engine) error {
	var errs []error
	several := false
	for _, m := range e.Mappings {
		several = several || m.Source != e.Mappings[0].Source
	}
	for i := range e.Mappings {
		m := &e.Mappings[i]
		if m.Source == "" || !several {
			m.Source = r.config.source
		}
		if several {
			errs = append(errs, lake.CheckValue("the `source:` of "+m.File, m.Source))
		}
	}
	return errors.Join(errs...)
}

// current gives the rules to apply. The fault is that of a newer set which is
// not applied because of it; without any good set it is the error too.
func (r *rules) current(ctx context.Context, now time.Time) (e *engine.Engine, fault, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inBucket() && (r.good == nil || now.Sub(r.looked) >= r.config.reload) {
		r.looked = now
		r.fault = r.look(ctx)
		fault = r.fault
	}
	if r.good == nil {
		return nil, fault, fmt.Errorf("there is no mapping to apply: %w", fault)
	}
	return r.good, fault, nil
}

// look reads the set of the bucket, as far as it changed, and compiles it.
func (r *rules) look(ctx context.Context) error {
	ref, err := s3.ParseAddress(r.config.mappings[0])
	if err != nil {
		return fmt.Errorf("SLUICE_MAPPING: %w", err)
	}
	if r.known == nil {
		r.known = map[string]text{}
	}
	names, err := r.names(ctx, ref)
	if err != nil {
		return err
	}
	set := ""
	files, err := mapping.Read(names, func(key string) ([]byte, error) {
		t, err := r.read(ctx, s3.Ref{Bucket: ref.Bucket, Key: key})
		set += key + "\x00" + t.tag + "\n"
		return t.body, err
	})
	if err != nil {
		return err
	}
	if set == r.tried {
		return r.fault
	}
	e, err := r.compile(files)
	if err == nil {
		r.good = e
	}
	r.tried = set
	return err
}

// names lists the keys of the set: the one that the address names, or all
// mappings of the folder.
func (r *rules) names(ctx context.Context, ref s3.Ref) ([]string, error) {
	if mapping.IsMapping(ref.Key) {
		return []string{ref.Key}, nil
	}
	folder := s3.Ref{Bucket: ref.Bucket, Key: strings.Trim(ref.Key, "/") + "/"}
	if folder.Key == "/" {
		folder.Key = ""
	}
	listed, err := r.client.List(ctx, folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, in := range listed {
		key := strings.TrimPrefix(in.Name, s3.Scheme+ref.Bucket+"/")
		if mapping.IsMapping(key) {
			names = append(names, key)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds no mapping: put .yaml files there, or correct SLUICE_MAPPING", folder)
	}
	return names, nil
}

// read asks for a file on the condition that it changed.
func (r *rules) read(ctx context.Context, ref s3.Ref) (text, error) {
	old := r.known[ref.Key]
	body, tag, err := r.client.Changed(ctx, ref, old.tag, syntax.MaxBytes)
	if err != nil {
		return text{}, err
	}
	if tag == old.tag {
		return old, nil
	}
	r.known[ref.Key] = text{tag, body}
	return r.known[ref.Key], nil
}
