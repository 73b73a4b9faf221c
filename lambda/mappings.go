package lambda

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
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
	log    *slog.Logger // for what guests say

	mu     sync.Mutex
	good   *engine.Engine    // nil before the first good set
	loaded *mapping.Guests   // of the good set
	tried  map[string]string // tags of the last set, good or not, by key
	fault  error             // of the last set, nil when it is the good one
	looked time.Time
	known  map[string]text // of the bucket, by key

	modules map[string]string // tags of the WebAssembly that the last set named
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
	return r.compile(files, r.packagedModule)
}

// packagedModule reads WebAssembly from where its mapping was found.
func (r *rules) packagedModule(name string) ([]byte, error) {
	if inside := filepath.FromSlash(name); filepath.IsLocal(inside) {
		code, err := mapping.ReadModule(filepath.Join(r.config.taskRoot, "mappings", inside))
		if !errors.Is(err, fs.ErrNotExist) {
			return code, err
		}
	}
	return mapping.ReadModule(name)
}

// compile compiles a set and, when it is good, puts it in the place of the old
// one, whose guests end: no invocation is under way that uses them.
func (r *rules) compile(files []engine.File, module func(string) ([]byte, error)) error {
	guests := r.newGuests(module)
	e, err := engine.Compile(files, engine.Options{Strict: r.config.strict, Load: guests.Load})
	if err != nil {
		return errors.Join(fmt.Errorf("the mapping has faults: %w", err), guests.Close())
	}
	if err := r.settle(e); err != nil {
		return errors.Join(err, guests.Close())
	}
	old := r.loaded
	r.good, r.loaded = e, guests
	if old != nil {
		return old.Close()
	}
	return nil
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
	texts := map[string]string{}
	files, err := mapping.Read(names, func(key string) ([]byte, error) {
		return r.read(ctx, s3.Ref{Bucket: ref.Bucket, Key: key}, syntax.MaxBytes, texts)
	})
	if err != nil {
		return err
	}
	now := maps.Clone(texts)
	for key := range r.modules {
		if _, err := r.read(ctx, s3.Ref{Bucket: ref.Bucket, Key: key}, maxModule, now); err != nil {
			return err
		}
	}
	if maps.Equal(now, r.tried) {
		return r.fault
	}
	// The modules are those that the new set names, which compiling tells.
	modules := map[string]string{}
	err = r.compile(files, func(key string) ([]byte, error) {
		return r.read(ctx, s3.Ref{Bucket: ref.Bucket, Key: key}, maxModule, modules)
	})
	r.modules, r.tried = modules, texts
	maps.Copy(r.tried, modules)
	return err
}

// maxModule bounds a module's object; a Go guest with its runtime has some 4 MB.
const maxModule = 64 << 20

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

// read asks for a file on the condition that it changed, and notes its tag.
func (r *rules) read(ctx context.Context, ref s3.Ref, limit int, tags map[string]string) ([]byte, error) {
	old := r.known[ref.Key]
	body, tag, err := r.client.Changed(ctx, ref, old.tag, limit)
	tags[ref.Key] = tag // "" of one that cannot be read: it is asked for again
	if err != nil {
		return nil, err
	}
	if tag != old.tag {
		r.known[ref.Key] = text{tag, body}
	}
	return r.known[ref.Key].body, nil
}
