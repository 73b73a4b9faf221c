package pipeline

import (
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
// have the same columns, and no two mappings name different sources.
func OneSource(e *engine.Engine) bool {
	named := ""
	for _, m := range e.Mappings {
		if !ocsf.SameColumns(e.Mappings[0].Layout, m.Layout) || m.Source != "" && named != "" && m.Source != named {
			return false
		}
		if m.Source != "" {
			named = m.Source
		}
	}
	return true
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
