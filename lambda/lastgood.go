package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// lastGood is a set as it is kept beside the manifests of inputs: what a cold start needs
// that finds a broken one, and what a newer one must not contradict.
type lastGood struct {
	Names  []string          `json:"names"` // keys of its mappings
	Parts  map[string][]byte `json:"parts"` // its files, by key
	Tables []glue.Table      `json:"tables"`
}

func (m *mappings) tables(s *set) []glue.Table {
	if s.standsIn {
		return nil
	}
	return pipeline.Columns(s.engine, s.sources)
}

// keptBytes bounds the files of a set that is kept.
const keptBytes = 16 << 20

// lastGoodKey names the last good set of this mapping and its sources: another function
// may keep its own in the same place.
func (m *mappings) lastGoodKey() string {
	c := &m.config
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", c.Mappings[0], c.Source, c.ClassSources))
	return lake.LedgerFolder + "/mapping/last-good-" + hex.EncodeToString(sum[:8]) + ".json"
}

// keep keeps a set that came from the bucket. If that fails, it warns: a cold start that
// meets a broken mapping then has nothing to start with.
func (m *mappings) keep(s *set, place s3.Ref) {
	err := m.write(lastGood{s.names, s.parts, m.tables(s)}, place)
	if err != nil {
		m.log.Warn("the last good mapping cannot be kept for functions that start while that in the bucket is broken", "error", err.Error())
	}
}

func (m *mappings) write(l lastGood, place s3.Ref) error {
	size := 0
	for _, body := range l.Parts {
		size += len(body)
	}
	if size > keptBytes {
		return fmt.Errorf("its files have %d bytes, and at most %d are kept", size, keptBytes)
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	ctx, cancel := lookContext(context.Background(), lookTime)
	defer cancel()
	return m.client.NewSink(place, m.config.sse).Overwrite(ctx, m.lastGoodKey(), text)
}

// lastGood reads the set that was kept; nil if there is none or it cannot be read, which
// looks the same to a function that may not list.
func (m *mappings) lastGood(ctx context.Context, place s3.Ref) *lastGood {
	place.Key = strings.TrimSuffix(place.Key, "/") + "/" + m.lastGoodKey()
	text, _, err := m.client.Changed(ctx, place, "", 2*keptBytes)
	if err != nil {
		return nil
	}
	l := &lastGood{}
	if err := json.Unmarshal(text, l); err != nil {
		m.log.Warn("the last good mapping is damaged", "object", place.String(), "error", err.Error())
		return nil
	}
	return l
}

// is reports whether a set is this one.
func (l *lastGood) is(s *set) bool {
	return slices.Equal(l.Names, s.names) && maps.EqualFunc(l.Parts, s.parts, func(a, b []byte) bool { return string(a) == string(b) })
}

// compile compiles the set from what was kept of it.
func (l *lastGood) compile(m *mappings) (*set, error) {
	read := func(key string, _ int) ([]byte, error) {
		body, ok := l.Parts[key]
		if !ok {
			return nil, fmt.Errorf("%s is not among what was kept", key)
		}
		return body, nil
	}
	files, err := mapping.Read(l.Names, read)
	if err != nil {
		return nil, err
	}
	return m.compile(files, func(key string) ([]byte, error) { return read(key, 0) })
}
