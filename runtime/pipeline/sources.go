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

// Sources settles the custom source of each mapping of an engine, for
// Config.Sources. Where the mappings fill one source (see OneSource), the one
// given by a flag or a variable wins over their `source:`. Where they fill
// several, a mapping's own `source:` counts, and the one given is for mappings
// that name none. Given is "" when nothing was given; then it is
// settings.DefaultSource. The error joins all sources of mappings that cannot
// stand in a key.
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

// OneSource tells whether one custom source can hold the events of all mappings:
// they have the same columns, and no two mappings name different sources.
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

// SourceWarnings are sentences about sources that are hardly meant: names that
// Security Lake does not register, and a source given that no mapping uses.
// Sources are those that the function Sources gave.
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
