package pipeline

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// Sources returns the custom source of each mapping of an engine, for Config.Sources. Of
// what flags or variables say it reads Source and ClassSources; nil if there is nothing.
//
// A source that is given for a class takes precedence. If one source can hold the events
// of all mappings (see OneSource), the given Source is next, and then a mapping's own
// `source:`. One that begins with a hyphen is a suffix of the given Source, or of
// settings.DefaultSource: then each class of a set has a source of its own, whatever
// the first part is. It is cut so that the name is not too long for Security Lake. The
// given Source is for mappings without a `source:` too. All can be part of a key: a `source:`
// that cannot is a fault of its mapping.
func Sources(e *engine.Engine, s *settings.Settings) (sources []string) {
	if s == nil {
		s = &settings.Settings{}
	}
	one := s.Source != "" && OneSource(e)
	first := cmp.Or(s.Source, settings.DefaultSource)
	for _, m := range e.Mappings {
		source := ""
		switch {
		case m.Layout == nil: // it makes no events
		case s.ClassSources[m.Layout.Class.Name] != "":
			source = s.ClassSources[m.Layout.Class.Name]
		case one, m.Source == "":
			source = first
		case isSuffix(m.Source):
			source = fitting(first, m.Source) + m.Source
		default:
			source = m.Source
		}
		sources = append(sources, source)
	}
	return sources
}

// SourceOf returns a given Source with which Sources returns only names that are known: what
// the runs had which wrote to these. It returns "" where there is none.
func SourceOf(e *engine.Engine, s *settings.Settings, known []string) string {
	var candidates []string
	for _, m := range e.Mappings {
		for _, source := range known {
			switch {
			case m.Layout == nil:
			case m.Source == "":
				candidates = append(candidates, source)
			case isSuffix(m.Source) && strings.HasSuffix(source, m.Source):
				candidates = append(candidates, strings.TrimSuffix(source, m.Source))
			}
		}
	}
	slices.SortFunc(candidates, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	for _, source := range slices.Compact(candidates) {
		given := *s
		given.Source = source
		if !slices.ContainsFunc(Sources(e, &given), func(of string) bool { return of != "" && !slices.Contains(known, of) }) {
			return source
		}
	}
	return ""
}

// isSuffix reports whether the `source:` of a mapping is the end of a name.
func isSuffix(source string) bool { return strings.HasPrefix(source, "-") }

// fitting cuts the first part of a name, so that Security Lake registers it with the
// suffix.
func fitting(first, suffix string) string {
	if left := syntax.MaxSource - len(suffix); left > 0 && left < len(first) {
		return strings.TrimRight(first[:left], "-_.:")
	}
	return first
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

// NeedsSource reports whether a given source is a part of what Sources returns.
func NeedsSource(e *engine.Engine) bool {
	return OneSource(e) || slices.ContainsFunc(e.Mappings, func(m engine.Mapping) bool {
		return m.Layout != nil && (m.Source == "" || isSuffix(m.Source))
	})
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

// Columns returns the tables that the mappings of an engine fill, as Glue has them. Sources are
// the result of the function Sources.
func Columns(e *engine.Engine, sources []string) (all []glue.Table) {
	for _, t := range Tables(e, sources) {
		all = append(all, glue.Table{Source: t.Source, Class: t.Layout.Class.Name, Columns: glue.Columns(t.Layout)})
	}
	return all
}

// SourceWarnings returns warnings about likely mistakes: names that Security Lake does
// not register, or that were cut for it, given sources that no mapping uses, and mappings that drop
// less than they seem to. Sources
// are the result of the function Sources for the same settings.
func SourceWarnings(e *engine.Engine, s *settings.Settings, sources []string) []string {
	var warnings, cut []string
	for i, source := range sources {
		if slices.Contains(sources[:i], source) {
			continue
		}
		if w := syntax.WarnSource(source); w != "" {
			warnings = append(warnings, w)
		}
		suffix := e.Mappings[i].Source
		if left := fitting(s.Source, suffix); isSuffix(suffix) && left != s.Source && source == left+suffix {
			cut = append(cut, source)
		}
	}
	if len(cut) > 0 {
		warnings = append(warnings, fmt.Sprintf("SOURCE_LOCATION %q is cut in %s: Security Lake registers custom sources of at most %d characters; choose a shorter one, or name these with SLUICE_SOURCES",
			s.Source, strings.Join(cut, ", "), syntax.MaxSource))
	}
	if s.Source != "" && !slices.Contains(sources, s.Source) && !NeedsSource(e) {
		warnings = append(warnings, "SOURCE_LOCATION is not used: the mappings fill several custom sources, and each names its own")
	}
	for _, class := range slices.Sorted(maps.Keys(s.ClassSources)) {
		if !slices.ContainsFunc(e.Mappings, func(m engine.Mapping) bool { return m.Layout != nil && m.Layout.Class.Name == class }) {
			warnings = append(warnings, fmt.Sprintf("the source %q is not used: no mapping makes events of the class %s", s.ClassSources[class], class))
		}
	}
	for _, x := range e.LateDrops() {
		warnings = append(warnings, x.Pos.String()+": "+x.Message)
	}
	return warnings
}
