package glue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Table is what the mappings of a set fill together.
type Table struct {
	Source  string   `json:"source"`
	Class   string   `json:"class"`
	Columns []Column `json:"columns"`
}

// Contradicts returns an error if a set cannot follow another one: its objects could not
// be read together with those that are in the lake.
func Contradicts(before, now []Table) error {
	old := map[string]Table{}
	for _, t := range before {
		old[t.Source] = t
	}
	var errs []error
	kept := len(before) == 0
	for _, t := range now {
		was, had := old[t.Source]
		kept = kept || had
		if had && was.Class != t.Class {
			errs = append(errs, fmt.Errorf("the custom source %s has the class %s, and the new mapping makes events of %s", t.Source, was.Class, t.Class))
			continue
		}
		for _, change := range Changes(was.Columns, t.Columns) {
			if had && change.Breaks {
				errs = append(errs, fmt.Errorf("the table of the custom source %s cannot hold files of both mappings: %s", t.Source, change.What))
			}
		}
	}
	if !kept {
		errs = append(errs, fmt.Errorf("the new mapping fills none of the custom sources of the one in use (%s)", strings.Join(slices.Sorted(maps.Keys(old)), ", ")))
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("the mapping contradicts the one in use: %w. Give it a custom source of its own, by SOURCE_LOCATION, or undo the change; `sluice check --against` finds the same", errors.Join(errs...))
}
