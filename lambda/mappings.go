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
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// mappings are what a function applies. Those of the package are compiled once.
// Those of a bucket are checked again after the reload time, and compiled when
// they changed. The last good set stays in use until there is a better one.
type mappings struct {
	config config
	client *s3.Client
	log    *slog.Logger // for what guests log
	// environ are all variables as NAME=VALUE, nil where they are not known.
	environ []string

	files mapping.Loader // of mappings that the package does not have

	mu     sync.Mutex
	good   *set              // nil before the first good set
	tried  map[string]string // tags of the last set, good or not, by key
	fault  error             // of the last set, nil when it is the good one
	looked time.Time
	known  map[string]object // of the bucket, by key

	modules map[string]string // tags of the WebAssembly modules that the last set named
}

// set is a compiled set of mappings.
type set struct {
	engine  *engine.Engine
	sources []string // custom source of each mapping
	guests  *mapping.Guests
}

// object is a file of the bucket in the state that its tag names.
type object struct {
	tag  string
	body []byte
}

func (m *mappings) inBucket() bool { return len(m.config.Mappings) == 1 && s3.Is(m.config.Mappings[0]) }

// packaged compiles the mappings unless they are in a bucket. A file of the
// package wins over the shipped mapping of the same name: the package has those
// as files, so that they can be edited there.
func (m *mappings) packaged() error {
	if len(m.config.Mappings) == 0 || m.inBucket() {
		return nil
	}
	var files []engine.File
	for _, name := range m.config.Mappings {
		found, err := mapping.Under(filepath.Join(m.config.TaskRoot, "mappings"), name)
		if err == nil && found == nil {
			found, err = m.files.Load([]string{name})
		}
		if err != nil {
			return fmt.Errorf("SLUICE_MAPPING: %w", err)
		}
		files = append(files, found...)
	}
	return m.compile(files, m.packagedModule)
}

// packagedModule reads a WebAssembly module from where its mapping was found.
func (m *mappings) packagedModule(name string) ([]byte, error) {
	if inside := filepath.FromSlash(name); filepath.IsLocal(inside) {
		code, err := mapping.ReadModule(filepath.Join(m.config.TaskRoot, "mappings", inside))
		if !errors.Is(err, fs.ErrNotExist) {
			return code, err
		}
	}
	return m.files.Module(name)
}

// compile compiles a set and, when it is good, replaces the old one with it and
// closes the guests of that: no invocation uses them any more.
func (m *mappings) compile(files []engine.File, module func(string) ([]byte, error)) error {
	s := &set{guests: m.newGuests(module)}
	var err error
	if s.engine, err = engine.Compile(files, engine.Options{Strict: m.config.Strict, Load: s.guests.Load, Setting: m.setting}); err != nil {
		return errors.Join(fmt.Errorf("the mapping has faults: %w", err), s.guests.Close())
	}
	if s.sources, err = pipeline.Sources(s.engine, &m.config.Settings); err != nil {
		return errors.Join(err, s.guests.Close())
	}
	for _, w := range pipeline.SourceWarnings(s.engine, &m.config.Settings, s.sources) {
		m.log.Warn(w)
	}
	old := m.good
	m.good = s
	m.strayVariables()
	if old != nil {
		return old.guests.Close()
	}
	return nil
}

// setting gives the value that a variable gives to a setting of the mappings.
func (m *mappings) setting(name string) (engine.Given, bool) {
	value, where, ok := m.config.Setting(name, m.config.getenv)
	return engine.Given{Value: value, Where: where}, ok
}

// strayVariables warns of variables for settings that the good set does not have.
func (m *mappings) strayVariables() {
	if m.good == nil {
		return
	}
	var names []string
	for _, mapping := range m.good.engine.Mappings {
		for _, s := range mapping.Settings {
			names = append(names, s.Name)
		}
	}
	for _, variable := range settings.StrayVariables(m.environ, names) {
		m.log.Warn("a variable has no effect: the mappings have no setting of its name", "variable", variable, "settings", names)
	}
}

// current gives the set to apply. The fault is that of a newer set which cannot
// be applied; without any good set it is the error too.
func (m *mappings) current(ctx context.Context, now time.Time) (s *set, fault, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.inBucket() && (m.good == nil || now.Sub(m.looked) >= m.config.Reload) {
		m.looked = now
		m.fault = m.look(ctx)
		fault = m.fault
	}
	if m.good == nil {
		return nil, fault, fmt.Errorf("there is no mapping to apply: %w", fault)
	}
	return m.good, fault, nil
}

// look reads what changed of the set in the bucket, and compiles it.
func (m *mappings) look(ctx context.Context) error {
	ref, err := s3.ParseAddress(m.config.Mappings[0])
	if err != nil {
		return fmt.Errorf("SLUICE_MAPPING: %w", err)
	}
	if m.known == nil {
		m.known = map[string]object{}
	}
	names, err := m.names(ctx, ref)
	if err != nil {
		return err
	}
	texts := map[string]string{}
	files, err := mapping.Read(names, func(key string, limit int) ([]byte, error) {
		return m.read(ctx, s3.Ref{Bucket: ref.Bucket, Key: key}, limit, texts)
	})
	if err != nil {
		return err
	}
	now := maps.Clone(texts)
	for key := range m.modules {
		if _, err := m.read(ctx, s3.Ref{Bucket: ref.Bucket, Key: key}, mapping.MaxModule, now); err != nil {
			return err
		}
	}
	if maps.Equal(now, m.tried) {
		return m.fault
	}
	// Only compiling tells which modules the new set names.
	modules := map[string]string{}
	err = m.compile(files, func(key string) ([]byte, error) {
		return m.read(ctx, s3.Ref{Bucket: ref.Bucket, Key: key}, mapping.MaxModule, modules)
	})
	m.modules, m.tried = modules, texts
	maps.Copy(m.tried, modules)
	return err
}

// names lists the keys of the set: the one that the address names, or all
// mappings of the folder.
func (m *mappings) names(ctx context.Context, ref s3.Ref) ([]string, error) {
	if mapping.IsMapping(ref.Key) {
		return []string{ref.Key}, nil
	}
	folder := s3.Ref{Bucket: ref.Bucket, Key: strings.Trim(ref.Key, "/") + "/"}
	if folder.Key == "/" {
		folder.Key = ""
	}
	listed, err := m.client.List(ctx, folder)
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
		return nil, fmt.Errorf("%s has no mapping: put .yaml files there, or correct SLUICE_MAPPING", folder)
	}
	return names, nil
}

// read gets a file unless it is known and unchanged, and notes its tag.
func (m *mappings) read(ctx context.Context, ref s3.Ref, limit int, tags map[string]string) ([]byte, error) {
	old := m.known[ref.Key]
	body, tag, err := m.client.Changed(ctx, ref, old.tag, limit)
	tags[ref.Key] = tag // "" of one that cannot be read: the next look tries again
	if err != nil {
		return nil, err
	}
	if tag != old.tag {
		m.known[ref.Key] = object{tag, body}
	}
	return m.known[ref.Key].body, nil
}
