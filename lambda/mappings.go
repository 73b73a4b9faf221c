package lambda

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// mappings are what a function applies. Those of the package are compiled once.
// Those of a bucket are looked at again after the reload time, beside the work, and
// compiled when they changed. The last good set stays in use until there is a better
// one, and is kept beside the rejects for functions that start when there is none.
type mappings struct {
	config config
	client *s3.Client
	log    *slog.Logger // for what guests log
	// environ are all variables as NAME=VALUE, nil where they are not known.
	environ []string

	files mapping.Loader // of mappings that the package does not have

	mu     sync.Mutex
	good   *set // nil before the first good set
	looked time.Time
	look   *look     // in progress, nil for none
	bucket bucketSet // belongs to the look in progress
	warned bool      // of a passing fault that lasts
}

// set is a compiled set of mappings.
type set struct {
	engine  *engine.Engine
	sources []string // custom source of each mapping
	guests  *mapping.Guests
	warm    pipeline.Warm // from object to object
	// parts are the files of a set in a bucket, by key, and names those of its mappings.
	parts map[string][]byte
	names []string
	// standsIn is set for a set of the package in place of one in a bucket, which need
	// not agree with it.
	standsIn bool
}

// several reports whether the events of a set go to more than one custom source.
func (s *set) several() bool {
	first := ""
	for _, source := range s.sources {
		if first == "" {
			first = source
		}
		if source != "" && source != first {
			return true
		}
	}
	return false
}

func (m *mappings) inBucket() bool { return len(m.config.Mappings) == 1 && s3.Is(m.config.Mappings[0]) }

// packaged compiles the mappings unless they are in a bucket.
func (m *mappings) packaged() error {
	if len(m.config.Mappings) == 0 || m.inBucket() {
		return nil
	}
	s, err := m.fromPackage(m.config.Mappings)
	if err != nil {
		return err
	}
	return m.adopt(s)
}

// fromPackage compiles mappings of the package. A file of the package wins over the
// shipped mapping of the same name: the package has those as files, so that they can be
// edited there.
func (m *mappings) fromPackage(names []string) (*set, error) {
	var files []engine.File
	for _, name := range names {
		found, err := mapping.Under(filepath.Join(m.config.TaskRoot, "mappings"), name)
		if err == nil && found == nil {
			found, err = m.files.Load([]string{name})
		}
		if err != nil {
			return nil, fmt.Errorf("SLUICE_MAPPING: %w", err)
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

// compile compiles a set. With an error nothing of it stays.
func (m *mappings) compile(files []engine.File, module func(string) ([]byte, error)) (*set, error) {
	s := &set{guests: m.newGuests(module)}
	var err error
	if s.engine, err = engine.Compile(files, engine.Options{Strict: m.config.Strict, Load: s.guests.Load, Setting: m.setting, Lean: true}); err != nil {
		return nil, errors.Join(fmt.Errorf("the mapping has faults: %w", err), s.guests.Close())
	}
	s.sources = pipeline.Sources(s.engine, &m.config.Settings)
	return s, nil
}

// adopt makes a set the one in use, and closes the guests of the one before. No object
// may be in progress.
func (m *mappings) adopt(s *set) error {
	for _, w := range pipeline.SourceWarnings(s.engine, &m.config.Settings, s.sources) {
		m.log.Warn(w)
	}
	old := m.good
	m.good = s
	m.strayVariables()
	return closed(old)
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
