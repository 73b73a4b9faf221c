package pipeline

import (
	"cmp"
	"errors"
	"slices"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// Sources returns the custom source of each mapping of an engine, for Config.Sources. If
// one source can hold all of them (see OneSource), the one given by a flag or a variable
// takes precedence over their `source:`. Otherwise a mapping's own `source:` applies, and
// the given one is for mappings without one. Given is "" if there is none; it defaults to
// settings.DefaultSource. The error joins all sources that cannot be part of a key.
func Sources(e *engine.Engine, given string) ([]string, error) {
	var sources []string
	var errs []error
	one := OneSource(e)
	for _, m := range e.Mappings {
		source := m.Source
		switch {
		case m.Layout == nil: // it makes no events
		case given != "" && (one || source == ""):
			source = given
		case source == "":
			source = settings.DefaultSource
		default:
			errs = append(errs, lake.CheckValue("the `source:` of "+m.File, source))
		}
		sources = append(sources, source)
	}
	return sources, errors.Join(errs...)
}

// OneSource reports whether one custom source can hold the events of all mappings: they
// are of one class, and no two mappings name different sources.
func OneSource(e *engine.Engine) bool {
	var first *ocsf.Layout
	named := ""
	for _, m := range e.Mappings {
		switch {
		case m.Layout == nil:
			continue
		case first == nil:
			first = m.Layout
		case !ocsf.SameClass(first, m.Layout), m.Source != "" && named != "" && m.Source != named:
			return false
		}
		named = cmp.Or(named, m.Source)
	}
	return true
}

// Table is what the mappings of one class and one custom source fill together.
type Table struct {
	Source   string
	Layout   *ocsf.Layout // has the attributes of all of them
	Mappings []int        // indices into Engine.Mappings
}

// Tables returns the tables that the mappings of an engine fill, in the order of their
// first mappings. Sources are the result of the function Sources.
func Tables(e *engine.Engine, sources []string) (tables []Table) {
	for i, m := range e.Mappings {
		if m.Layout == nil {
			continue
		}
		at := slices.IndexFunc(tables, func(t Table) bool { return t.Source == sources[i] && ocsf.SameClass(t.Layout, m.Layout) })
		if at < 0 {
			at = len(tables)
			tables = append(tables, Table{Source: sources[i], Layout: m.Layout})
		}
		tables[at].Mappings = append(tables[at].Mappings, i)
	}
	for i := range tables {
		t := &tables[i]
		layouts := make([]*ocsf.Layout, len(t.Mappings))
		for k, m := range t.Mappings {
			layouts[k] = e.Mappings[m].Layout
		}
		t.Layout = ocsf.Merge(layouts)
	}
	return tables
}

// SourceWarnings returns warnings about likely mistakes: names that Security Lake does
// not register, and a given source that no mapping uses. Sources are the result of the
// function Sources.
func SourceWarnings(sources []string, given string) []string {
	var warnings []string
	for i, source := range sources {
		if w := syntax.WarnSource(source); w != "" && !slices.Contains(sources[:i], source) {
			warnings = append(warnings, w)
		}
	}
	if given != "" && !slices.Contains(sources, given) {
		warnings = append(warnings, "SOURCE_LOCATION is not used: the mappings fill several custom sources, and each names its own")
	}
	return warnings
}
